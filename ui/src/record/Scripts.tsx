import { useState } from 'react';
import { Button, Dropdown, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { copyText } from '@/part/copyText';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';
import { gapsOf, useScriptUse, useSuggestions, useTypes, type Suggestion, type UseType } from './scripts';
import './follow.css';

/** The words, with what is to be filled in marked. */
export function ScriptWords({ text }: { text: string }) {
  return <p className="script-words">{gapsOf(text).map((part, index) => (part.gap ? <mark key={index}>{part.text}</mark> : part.text))}</p>;
}

interface OpenProps {
  suggestion: Suggestion;
  entity: Entity;
  record: RecordRow;
  onDone: () => void;
}

/** One script opened: its words to change, to copy, and to be written down as said. */
function Opened({ suggestion, entity, record, onDone }: OpenProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [text, setText] = useState(suggestion.text);
  const { use, refresh } = useScriptUse(entity, record.id);
  const gaps = gapsOf(text).filter(({ gap }) => gap).length;
  const copy = async () => {
    if (!await copyText(text)) message.error(t('state.not_copied'));
    else message.info(gaps > 0 ? t('script.copied_gaps', { count: gaps }) : t('state.copied'));
  };
  const record_use = (type: UseType) => {
    void copyText(text);
    use.mutate({ script: suggestion.id, text, type }, {
      onSuccess: ({ activity_id: activity }) => {
        onDone();
        offerUndo(t('script.recorded', { title: suggestion.title }), async () => {
          await api.delete(`/activities/${activity}`);
          await refresh();
        });
      },
    });
  };
  return (
    <>
      <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} maxLength={5000} value={text} aria-label={suggestion.title} onChange={(event) => setText(event.target.value)} />
      {gaps > 0 && <p className="warn small-text">{t('script.gaps', { count: gaps })}</p>}
      {suggestion.tip && <p className="t2 small-text"><b>{t('script.tip')}</b> {suggestion.tip}</p>}
      {use.error && <p className="bad small-text" role="alert">{errorText(use.error)}</p>}
      <div className="row wrap">
        <Button size="small" onClick={() => void copy()}>{t('script.copy')}</Button>
        <Dropdown trigger={['click']} menu={{ items: useTypes.map((type) => ({ key: type, label: t(`composer.${type}`), onClick: () => record_use(type) })) }}>
          <Button size="small" type="primary" loading={use.isPending} disabled={text.trim() === ''}>{t('script.use')}<Icon name="down" size={12} /></Button>
        </Dropdown>
      </div>
    </>
  );
}

/** Whether scripts are suggested for records of a type. */
export const hasScripts = (entity: Entity) => ['lead', 'opportunity', 'account'].includes(entity.name);

/** What to say now: the scripts that suit the record, each with its reasons; nothing where nobody may read scripts. */
export function Scripts(props: { entity: Entity; record: RecordRow }) {
  return useModel().named('script') ? <Suggested {...props} /> : null;
}

function Suggested({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<string | null>(null);
  const [more, setMore] = useState(false);
  const { data, error, isPending, refetch } = useSuggestions(entity.plural, record.id, more ? 10 : 3);
  return (
    <section className="section">
      <div className="section-head"><h2>{t('script.suggested')}</h2><span className="grow" /><Link className="small-text" to="/scripts">{t('script.library')}</Link></div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {isPending && !error && <SkeletonLines count={3} />}
      {data?.data.length === 0 && <p className="t2 dense">{t('script.none_fits')}</p>}
      <ul className="suggested">
        {data?.data.map((one) => (
          <li key={one.id}>
            <button type="button" className="script-open dense" aria-expanded={open === one.id} onClick={() => setOpen(open === one.id ? null : one.id)}>
              <Icon name={open === one.id ? 'down' : 'right'} size={14} />{one.title}
            </button>
            <ul className="why small-text">{one.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul>
            {open === one.id && <Opened suggestion={one} entity={entity} record={record} onDone={() => setOpen(null)} />}
          </li>
        ))}
      </ul>
      {!more && (data?.fitting ?? 0) > 3 && <button type="button" className="link small-text" onClick={() => setMore(true)}>{t('script.more')}</button>}
    </section>
  );
}
