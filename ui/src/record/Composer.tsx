import './story.css';
import { lazy, Suspense, useEffect, useRef, useState, type ClipboardEvent, type DragEvent, type KeyboardEvent } from 'react';
import { Button, InputNumber } from 'antd';
import type { MentionsRef } from 'antd/es/mentions';
import { useTranslation } from 'react-i18next';
import { fieldOf, useModel } from '@/api/meta';
import { useSession } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { keepDraft, keptDraft } from '@/app/drafts';
import { useErrorText } from '@/part/ErrorNotice';
import { useVerbs } from '@/app/verbs';
import { useHotkeys } from '@/part/hotkeys';
import { laterTexts } from '@/text/i18n';
import { MentionArea } from './MentionArea';
import { NextFollowUp } from './NextFollowUp';
import { Place } from './Place';
import { FileButtons, UploadList, useDrop } from './UploadRow';
import { useUploads } from './useUploads';
import { composeKinds, draftPlace, emptyDraft, useCompose, type Draft } from './useCompose';

interface Props {
  entity: Entity;
  record: RecordRow;
  onDone?: () => void;
  autoFocus?: boolean;
}

const LetterWriter = lazy(async () => (await Promise.all([import('./LetterWriter'), laterTexts()]))[0]);

const spoken = new Set(['call', 'visit', 'meeting']);

/** How a call or visit went, from the outcomes the company knows. */
function Outcome({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
  const { t } = useTranslation();
  const activity = useModel().named('activity');
  const options = (activity && fieldOf(activity, 'outcome')?.options) ?? [];
  return (
    <div className="row wrap outcome" role="group" aria-label={t('composer.outcome')}>
      {options.map((option) => (
        <button
          key={option.code} type="button" aria-pressed={draft.outcome === option.code}
          className={draft.outcome === option.code ? 'quiet-button small on' : 'quiet-button small'}
          onClick={() => onChange({ outcome: draft.outcome === option.code ? null : option.code })}
        >
          {option.label}
        </button>
      ))}
      <InputNumber
        size="small" className="minutes" min={1} max={1440} precision={0} aria-label={t('composer.minutes')} suffix={t('composer.minutes_unit')}
        value={draft.minutes} onChange={(minutes) => onChange({ minutes })}
      />
    </div>
  );
}

/** Writes a note, call, visit, mail or task; Ctrl and Enter saves, Esc leaves it as a draft to the keys of the page. */
export function Composer({ entity, record, onDone, autoFocus }: Props) {
  const { t } = useTranslation();
  const { user } = useSession();
  const errorText = useErrorText();
  const place = draftPlace(entity, record);
  const [draft, setDraft] = useState(() => keptDraft(place, emptyDraft));
  useEffect(() => keepDraft(place, draft.text.trim() ? draft : null), [place, draft]);
  const [writing, setWriting] = useState(false);
  const area = useRef<MentionsRef>(null);
  const [over, setOver] = useState(false);
  const uploads = useUploads(entity.plural, record.id);
  const arrived = uploads.uploads.flatMap(({ done }) => (done ? [done] : []));
  const drop = useDrop((files) => { setOver(false); void uploads.add(files); });
  const { mutate, error, isPending } = useCompose(entity, record, user.id);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const choose = (kind: Draft['kind']) => {
    change({ kind, outcome: null, minutes: null });
    area.current?.focus();
  };
  useHotkeys({ m: () => choose('note'), c: () => choose('call'), t: () => choose('task') });
  useVerbs([
    { key: 'write-note', icon: 'edit', title: t('composer.verb', { kind: t('composer.note') }), hotkey: 'M', run: () => choose('note') },
    { key: 'write-call', icon: 'phone', title: t('composer.verb', { kind: t('composer.call') }), hotkey: 'C', run: () => choose('call') },
    { key: 'write-task', icon: 'check', title: t('composer.verb', { kind: t('composer.task') }), hotkey: 'T', run: () => choose('task') },
  ]);
  const ready = (draft.text.trim() !== '' || arrived.length > 0) && !uploads.busy;
  const submit = () => {
    if (!ready || isPending) return;
    const text = draft.text.trim() || t('file.as_words', { names: arrived.map(({ name }) => name).join(t('timeline.comma')) });
    mutate({ ...draft, text }, {
      onSuccess: async (written) => {
        await uploads.hang(draft.kind === 'task' ? 'task' : 'activity', written.id);
        await uploads.refresh();
        setDraft({ ...emptyDraft, kind: draft.kind });
        onDone?.();
      },
    });
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    void uploads.add(files);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Keys of what opens over the page come by here too.
    if (!(event.target instanceof HTMLElement) || !event.currentTarget.contains(event.target)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape' && !event.defaultPrevented && !event.nativeEvent.isComposing) {
      event.target.blur();
    }
  };
  return (
    <div
      className={over ? 'composer dropping' : 'composer'} onKeyDown={onKeyDown} onPaste={onPaste} {...drop}
      onDragEnter={(event: DragEvent) => setOver(event.dataTransfer.types.includes('Files'))}
      onDragLeave={(event: DragEvent) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false); }}
    >
      <div className="tabs" role="group" aria-label={t('composer.kind')}>
        {composeKinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === draft.kind} className={kind === draft.kind ? 'on' : undefined} onClick={() => choose(kind)}>
            {t(`composer.${kind}`)}
          </button>
        ))}
      </div>
      <MentionArea
        ref={area} plural={entity.plural} id={record.id} autoFocus={autoFocus} value={draft.text}
        label={t(`composer.${draft.kind}`)} placeholder={draft.kind === 'task' ? t('composer.task_hint') : t('composer.hint')}
        onChange={(text) => change({ text })} onNamed={(person) => change({ named: [...draft.named.filter(({ id }) => id !== person.id), person] })}
      />
      {draft.kind === 'visit' && <Place value={draft.where} onChange={(where) => change({ where })} />}
      {spoken.has(draft.kind) && <Outcome draft={draft} onChange={change} />}
      <UploadList uploads={uploads.uploads} remove={uploads.remove} retry={uploads.retry} />
      {error && <p className="bad small-text pad" role="alert">{errorText(error)}</p>}
      <div className="row wrap composer-foot">
        <FileButtons onFiles={(files) => void uploads.add(files)} />
        {(draft.kind === 'task' || fieldOf(entity, 'next_follow_up_at')) && (
          <NextFollowUp value={draft.next} onChange={(next) => change({ next })} label={draft.kind === 'task' ? t('composer.due') : t('composer.next')} />
        )}
        <span className="grow" />
        {draft.kind === 'mail' && <Button type="text" size="small" onClick={() => setWriting(true)}>{t('composer.letter')}</Button>}
        <kbd>Ctrl ↵</kbd>
        <Button type="primary" size="small" disabled={!ready} loading={isPending} onClick={submit}>{t('composer.save')}</Button>
      </div>
      {writing && <Suspense fallback={null}><LetterWriter entity={entity} record={record} text={draft.text} onClose={() => setWriting(false)} /></Suspense>}
    </div>
  );
}
