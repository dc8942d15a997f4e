import { useState, type KeyboardEvent } from 'react';
import { Button } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { useFormat } from '@/format/useFormat';
import { useErrorText } from '@/part/ErrorNotice';
import { MentionArea } from './MentionArea';
import { MentionText } from './MentionText';
import { namedIn, type Named } from './mentions';
import './follow.css';

export interface Comment {
  id: string;
  content: string;
  at: string;
  edited_at: string | null;
  mine: boolean;
  by: { id: string | null; title: string };
  mentions: Named[];
}

export interface Place {
  plural: string;
  id: string;
}

interface WriteProps {
  place: Place;
  start?: Pick<Comment, 'content' | 'mentions'>;
  label: string;
  send?: string;
  most?: number;
  onSend: (body: { content: string; mentions: string[] }) => Promise<unknown>;
  onEnd: () => void;
}

/** Writes or changes a comment, or another text in which colleagues are named; Ctrl and Enter sends, Escape gives up. */
export function Write({ place, start, label, send, most = 5000, onSend, onEnd }: WriteProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [text, setText] = useState(start?.content ?? '');
  const [people, setPeople] = useState<Named[]>(start?.mentions ?? []);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => onSend({ content: text.trim(), mentions: namedIn(text, people) }), onSuccess: onEnd,
  });
  const ready = text.trim() !== '' && !isPending;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !event.nativeEvent.isComposing) onEnd();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && ready) {
      event.preventDefault();
      mutate();
    }
  };
  return (
    <div className="comment-write" onKeyDown={onKeyDown}>
      <MentionArea
        plural={place.plural} id={place.id} value={text} onChange={setText} rows={1} autoFocus most={most} label={label} placeholder={t('comment.hint')}
        onNamed={(person) => setPeople((before) => [...before.filter(({ id }) => id !== person.id), person])}
      />
      {error && <p className="bad small-text" role="alert">{errorText(error)}</p>}
      <div className="row">
        <span className="grow" />
        <Button size="small" type="text" onClick={onEnd}>{t('action.cancel')}</Button>
        <Button size="small" type="primary" disabled={!ready} loading={isPending} onClick={() => mutate()}>{send ?? t('comment.send')}</Button>
      </div>
    </div>
  );
}

function One({ comment, place, onChanged }: { comment: Comment; place: Place; onChanged: () => Promise<unknown> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const [editing, setEditing] = useState(false);
  const remove = async () => {
    await api.delete(`/comments/${comment.id}`);
    await onChanged();
    offerUndo(t('comment.deleted'), async () => {
      await api.post(`/comments/${comment.id}/restore`);
      await onChanged();
    });
  };
  if (editing) {
    return (
      <li>
        <Write
          place={place} start={comment} label={t('comment.edit')} onEnd={() => setEditing(false)}
          onSend={async (body) => { await api.patch(`/comments/${comment.id}`, body); await onChanged(); }}
        />
      </li>
    );
  }
  return (
    <li className="comment">
      <span><b>{comment.by.title}</b> <MentionText text={comment.content} people={comment.mentions} /></span>
      <span className="t3 small-text row wrap comment-foot">
        <time dateTime={comment.at} title={format.instant(comment.at)}>{format.near(comment.at)}</time>
        {comment.edited_at && <span title={format.instant(comment.edited_at)}>{t('comment.edited')}</span>}
        {comment.mine && <button type="button" className="link" onClick={() => setEditing(true)}>{t('comment.edit')}</button>}
        {comment.mine && <button type="button" className="link" onClick={() => void remove().catch((error: unknown) => message.error(errorText(error)))}>{t('comment.delete')}</button>}
      </span>
    </li>
  );
}

interface Props {
  /** The record the entry stands on. */
  place: Place;
  kind: string;
  entry: string;
  comments: Comment[];
  /** Of who wrote the entry himself. */
  own?: { edit: () => void; remove: () => void };
}

/** What is said about an entry of the timeline. */
export function Thread({ place, kind, entry, comments, own }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [writing, setWriting] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['timeline'] });
  return (
    <div className="thread">
      {comments.length > 0 && <ul>{comments.map((comment) => <One key={comment.id} comment={comment} place={place} onChanged={refresh} />)}</ul>}
      {writing ? (
        <Write
          place={place} label={t('comment.write')} onEnd={() => setWriting(false)}
          onSend={async (body) => { await api.post(`/${place.plural}/${place.id}/comments`, { about_type: kind, about_id: entry, ...body }); await refresh(); }}
        />
      ) : (
        <div className="row entry-verbs">
          <button type="button" className="link small-text comment-open" onClick={() => setWriting(true)}>{t('comment.write')}</button>
          {own && <button type="button" className="link small-text comment-open" onClick={own.edit}>{t('comment.edit')}</button>}
          {own && <button type="button" className="link small-text comment-open" onClick={own.remove}>{t('comment.delete')}</button>}
        </div>
      )}
    </div>
  );
}
