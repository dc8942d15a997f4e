import { useState } from 'react';
import { Button } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useTotal } from '@/api/records';
import type { Condition, Entity } from '@/api/types';
import { message } from '@/app/say';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import { placeOf, portName, type Words } from './describe';
import type { Graph, GraphNode } from './graph';
import { useRuns, useSteps, type Run, type Step } from './journey';

interface WayProps {
  journey: string;
  run: Run;
  graph: Graph | undefined;
  words: Words;
}

/** What a step came to: the way it was left by, why it failed, how it all ended. */
function useStepText(graph: Graph | undefined, words: Words): (step: Step) => { name: string; text: string; bad: boolean } {
  const { t } = useTranslation();
  return ({ node: id, what, detail }) => {
    const node = graph?.nodes.find((one) => one.id === id);
    const name = placeOf(graph, id, words);
    if (what === 'failed') return { name, text: t('journeys.step_failed', { why: detail }), bad: true };
    if (what === 'off') return { name, text: t('journeys.step_off'), bad: true };
    if (what === 'ended') return { name, text: t(`journeys.how_${detail}` as 'journeys.how_goal', { defaultValue: t('journeys.how_other') }), bad: false };
    return { name, text: node ? portName(node, detail, words) : '', bad: false };
  };
}

/** One person's way until now, what comes next and when; to be taken out of it. */
function Way({ journey, run, graph, words }: WayProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { data, error, refetch } = useSteps(journey, run.id);
  const textOf = useStepText(graph, words);
  const leave = useMutation({
    mutationFn: () => api.post(`/journeys/${journey}/runs/${run.id}/leave`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['journey', journey] }),
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonLines count={3} />;
  return (
    <div className="journey-way">
      <p className="t2 small-text">{t('journeys.entered_at', { at: format.instant(run.entered_at), version: run.version })}</p>
      <ol className="journey-steps">
        {data.map((step, index) => {
          const { name, text, bad } = textOf(step);
          return <li key={index}><b>{name}</b> <span className="t2 small-text">{format.instant(step.at)}</span>{text && <span className={bad ? 'bad dense' : 't2 dense'}> → {text}</span>}</li>;
        })}
        {!run.ended_at && run.due_at && <li className="t2">{t('journeys.goes_on', { at: format.instant(run.due_at) })}</li>}
      </ol>
      {leave.error && <ErrorNotice error={leave.error} />}
      {!run.ended_at && <div><button type="button" className="quiet-button small" disabled={leave.isPending} onClick={() => leave.mutate()}>{t('journeys.take_out')}</button></div>}
    </div>
  );
}

interface PeopleProps {
  journey: string;
  /** Left out: all who are in the journey. */
  node?: GraphNode;
  words: Words;
  /** The drawing of a version. */
  graphOf: (version: number) => Graph | undefined;
}

/** Who stands at the node, or anywhere in the journey, until when, and how each of them got there. */
export function PeopleHere({ journey, node, words, graphOf }: PeopleProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const ended = node?.type === 'goal' || node?.type === 'exit';
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRuns(journey, node?.id ?? null, ended ? 'ended' : 'active');
  const [open, setOpen] = useState<string | null>(null);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  const runs = data.pages.flatMap((page) => page.data);
  return (
    <section className="section">
      {node && <h2>{t(ended ? 'journeys.people_ended' : 'journeys.people_here')}</h2>}
      {runs.length === 0 && <p className="t2 dense">{t(node ? 'journeys.nobody' : 'journeys.nobody_within')}</p>}
      <ul className="journey-people">
        {runs.map((run) => (
          <li key={run.id}>
            <div className="row">
              {run.person_id ? <Link className="grow ellipsis" to={`/people/${run.person_id}`}>{run.person}</Link> : <span className="grow t3">{t('journeys.hidden_person')}</span>}
              <span className="t2 small-text" title={format.instant(run.ended_at ?? run.due_at ?? run.arrived_at)}>
                {run.ended_at ? format.near(run.ended_at) : run.due_at ? t('journeys.until', { at: format.near(run.due_at) }) : format.near(run.arrived_at)}
              </span>
              {run.person_id && <button type="button" className="link small-text" aria-expanded={open === run.id} onClick={() => setOpen(open === run.id ? null : run.id)}>{t('journeys.way')}</button>}
            </div>
            {!node && <div className="small-text t3 ellipsis">{placeOf(graphOf(run.version), run.node, words)}</div>}
            {open === run.id && <Way journey={journey} run={run} graph={graphOf(run.version)} words={words} />}
          </li>
        ))}
      </ul>
      {hasNextPage && <Button size="small" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
      {words.kinds.length > 0 && node?.config.action === 'send_mail' && <Link to={`/mails/results?source=journey&source_id=${journey}&step=${node.id}`}>{t('journeys.why_not')}</Link>}
    </section>
  );
}

/** Brings people in by hand: all whom a condition selects, told beforehand how many. */
export function BringIn({ journey, entity, plural }: { journey: string; entity: Entity; plural: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [where, setWhere] = useState<Condition | null>(null);
  const { data: total } = useTotal(plural, { where }, where !== null);
  const enter = useMutation({
    mutationFn: () => api.post(`/journeys/${journey}/enter`, { where }),
    onSuccess: async () => { message.info(t('journeys.coming_in')); await client.invalidateQueries({ queryKey: ['journey', journey] }); },
  });
  return (
    <section className="section">
      <h2>{t('journeys.bring_in')}</h2>
      <p className="t2 dense">{t('journeys.bring_in_hint')}</p>
      <ConditionEditor entity={entity} value={where} onChange={setWhere} />
      {enter.error && <ErrorNotice error={enter.error} />}
      <div className="row"><Button disabled={!where || total?.value === 0} loading={enter.isPending} onClick={() => enter.mutate()}>{t('journeys.bring_in')}</Button>{where && total && <span className="t2 dense">{t('journeys.selected', { people: format.count(total.value) })}</span>}</div>
    </section>
  );
}
