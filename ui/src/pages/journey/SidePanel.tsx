import { useState } from 'react';
import { Button, Checkbox, InputNumber } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity } from '@/api/types';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { nameOf, portName, type Words } from './describe';
import type { Graph } from './graph';
import type { Replay, Trial, Version } from './journey';
import { Labelled } from './NodePanel';

interface DraftProps {
  journey: string;
  draft: Graph;
  words: Words;
}

/** The way one person would go, with the times it would take. */
export function TrialPanel({ journey, draft, words, entity }: DraftProps & { entity: Entity }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [who, setWho] = useState<string | null>(null);
  const [lucky, setLucky] = useState(false);
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => api.post<Trial>(`/journeys/${journey}/try`, { subject_id: who, lucky, draft }) });
  return (
    <div className="journey-form">
      <p className="t2 dense">{t('journeys.try_hint')}</p>
      <ReferenceSelect target={entity.name} label={entity.label} value={who} onChange={(id) => setWho(id)} />
      <Checkbox checked={lucky} onChange={({ target }) => setLucky(target.checked)}>{t('journeys.lucky')}</Checkbox>
      <Button type="primary" disabled={!who} loading={isPending} onClick={() => mutate()}>{t('journeys.try')}</Button>
      {error && <ErrorNotice error={error} />}
      {data && !data.enters && <p className="warn">{t('journeys.would_not_enter')}</p>}
      {data && (
        <ol className="journey-steps" role="status">
          {data.steps.map((step, index) => {
            const node = draft.nodes.find(({ id }) => id === step.node);
            return node && (
              <li key={index}>
                <b>{nameOf(node, words)}</b> <span className="t2 small-text">{format.instant(step.at)}</span>
                {step.port && portName(node, step.port, words) && <span className="t2 dense"> → {portName(node, step.port, words)}</span>}
                {step.not_sent && <p className="warn dense">{t('journeys.would_not_send', { why: step.not_sent })}</p>}
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}

/** What would have happened, had it run before. */
export function ReplayPanel({ journey, draft, result, onResult }: DraftProps & { result: Replay | undefined; onResult: (replay: Replay) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [days, setDays] = useState(30);
  const { mutate, error, isPending } = useMutation({ mutationFn: () => api.post<Replay>(`/journeys/${journey}/replay`, { days, draft }), onSuccess: onResult });
  return (
    <div className="journey-form">
      <p className="t2 dense">{t('journeys.replay_hint')}</p>
      <Labelled label={t('journeys.past_days')}><InputNumber className="full-width" aria-label={t('journeys.past_days')} min={1} max={90} precision={0} value={days} onChange={(next) => setDays(next ?? 30)} /></Labelled>
      <Button type="primary" loading={isPending} onClick={() => mutate()}>{t('journeys.replay')}</Button>
      {error && <ErrorNotice error={error} />}
      {result && <p role="status"><b>{t('journeys.replayed', { people: format.count(result.people), events: format.count(result.events) })}</b>{result.waiting > 0 && ` ${t('journeys.replay_waiting', { people: format.count(result.waiting) })}`}{!result.all && ` ${t('journeys.replayed_some')}`}</p>}
    </div>
  );
}

interface PublishProps {
  version: number;
  versions: Version[];
  wrong: number;
  paused: boolean;
  pending: boolean;
  error: Error | null;
  onPublish: (move: boolean) => void;
}

/** What publishing changes, and the versions there were. */
export function PublishPanel({ version, versions, wrong, paused, pending, error, onPublish }: PublishProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [move, setMove] = useState(false);
  const active = versions.reduce((sum, one) => sum + one.active, 0);
  return (
    <div className="journey-form">
      {wrong > 0 && <p className="bad">{t('journeys.wrong', { count: wrong })}</p>}
      <p className="t2">{t('journeys.publish_hint', { version: version + 1 })}</p>
      {paused && <p className="warn">{t('journeys.publish_resumes')}</p>}
      {active > 0 && <Checkbox checked={move} onChange={({ target }) => setMove(target.checked)}>{t('journeys.move', { count: active })}</Checkbox>}
      {active > 0 && <p className="t2 dense">{t(move ? 'journeys.move_on' : 'journeys.move_off')}</p>}
      {error && <ErrorNotice error={error} />}
      <Button type="primary" disabled={wrong > 0} loading={pending} onClick={() => onPublish(move)}>{t('journeys.publish', { version: version + 1 })}</Button>
      {versions.length > 0 && <h2>{t('journeys.versions')}</h2>}
      <ul className="journey-people">
        {versions.map((one) => <li key={one.version} className="row"><b>v{one.version}</b><span className="grow t2 dense">{format.instant(one.at)}</span><span className="dense">{t('journeys.in_flight', { count: one.active })}</span></li>)}
      </ul>
    </div>
  );
}
