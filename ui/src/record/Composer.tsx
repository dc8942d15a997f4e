import './story.css';
import { lazy, Suspense, useRef, useState, type KeyboardEvent } from 'react';
import { Button, Input, InputNumber } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useTranslation } from 'react-i18next';
import { fieldOf, useModel } from '@/api/meta';
import { useSession } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { useErrorText } from '@/part/ErrorNotice';
import { useVerbs } from '@/app/verbs';
import { useHotkeys } from '@/part/hotkeys';
import { laterTexts } from '@/text/i18n';
import { NextFollowUp } from './NextFollowUp';
import { composeKinds, emptyDraft, useCompose, type Draft } from './useCompose';

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

/** Writes a note, call, visit, mail or task; Ctrl and Enter saves. */
export function Composer({ entity, record, onDone, autoFocus }: Props) {
  const { t } = useTranslation();
  const { user } = useSession();
  const errorText = useErrorText();
  const [draft, setDraft] = useState(emptyDraft);
  const [writing, setWriting] = useState(false);
  const area = useRef<TextAreaRef>(null);
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
  const ready = draft.text.trim() !== '';
  const submit = () => {
    if (!ready || isPending) return;
    mutate(draft, { onSuccess: () => { setDraft({ ...emptyDraft, kind: draft.kind }); onDone?.(); } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  };
  return (
    <div className="composer" onKeyDown={onKeyDown}>
      <div className="tabs" role="group" aria-label={t('composer.kind')}>
        {composeKinds.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === draft.kind} className={kind === draft.kind ? 'on' : undefined} onClick={() => choose(kind)}>
            {t(`composer.${kind}`)}
          </button>
        ))}
      </div>
      <Input.TextArea
        ref={area} variant="borderless" autoFocus={autoFocus} autoSize={{ minRows: 2, maxRows: 10 }} maxLength={10_000} value={draft.text}
        aria-label={t(`composer.${draft.kind}`)} placeholder={draft.kind === 'task' ? t('composer.task_hint') : t('composer.hint')}
        onChange={(event) => change({ text: event.target.value })}
      />
      {spoken.has(draft.kind) && <Outcome draft={draft} onChange={change} />}
      {error && <p className="bad small-text pad" role="alert">{errorText(error)}</p>}
      <div className="row wrap composer-foot">
        <NextFollowUp value={draft.next} onChange={(next) => change({ next })} label={draft.kind === 'task' ? t('composer.due') : t('composer.next')} />
        <span className="grow" />
        {draft.kind === 'mail' && <Button type="text" size="small" onClick={() => setWriting(true)}>{t('composer.letter')}</Button>}
        <kbd>Ctrl ↵</kbd>
        <Button type="primary" size="small" disabled={!ready} loading={isPending} onClick={submit}>{t('composer.save')}</Button>
      </div>
      {writing && <Suspense fallback={null}><LetterWriter entity={entity} record={record} text={draft.text} onClose={() => setWriting(false)} /></Suspense>}
    </div>
  );
}
