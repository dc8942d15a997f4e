import { useState } from 'react';
import { Button } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf, recordPath, useModel } from '@/api/meta';
import { refreshRecords, useRecord } from '@/api/records';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonLines } from '@/part/Skeleton';
import { useCopy } from '@/part/useCopy';
import { ScriptWords } from '@/record/Scripts';
import { ScriptEditor } from './ScriptEditor';
import { useFavourite, useStatistics, useUses, type Share, type Statistics, type Tally, type Use } from './library';

function ShareLine({ label, share, all }: { label: string; share: Share | null; all: Share | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!share) return null;
  const at = (value: string) => format.percent(Number(value));
  return (
    <div className="share-line">
      <dt>{label}</dt>
      <dd className="row">
        <span className="bar grow" aria-hidden="true"><b style={{ width: `${Number(share.value) * 100}%` }} />{all && <u style={{ left: `${Number(all.value) * 100}%` }} />}</span>
        <span className="nowrap" title={`${at(share.low)} – ${at(share.high)}`}><b>{at(share.value)}</b> <span className="t3 small-text">{at(share.low)}–{at(share.high)}</span></span>
      </dd>
      {all && <dd className="t3 small-text">{t('script.of_all', { share: at(all.value) })}</dd>}
    </div>
  );
}

/** What came of it; shares only when there are enough results. */
function After({ tally, statistics }: { tally: Tally | undefined; statistics: Statistics }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!tally || tally.used === 0) return <p className="t2 dense">{t('script.never')}</p>;
  const all = statistics.all.enough ? statistics.all : null;
  return (
    <>
      <p className="dense">{t('script.used', { count: tally.used })} · {t('script.judged', { count: tally.judged })}</p>
      {tally.enough ? (
        <dl className="shares">
          <ShareLine label={t('script.replied')} share={tally.replied} all={all?.replied ?? null} />
          <ShareLine label={t('script.planned')} share={tally.planned} all={all?.planned ?? null} />
          <ShareLine label={t('script.moved')} share={tally.moved} all={all?.moved ?? null} />
        </dl>
      ) : <p className="t2 dense">{t('script.not_enough', { count: format.count(tally.judged), least: statistics.least })}</p>}
    </>
  );
}

function UseLine({ use }: { use: Use }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(use.entity);
  const happened = (['moved', 'planned', 'replied'] as const).find((name) => use[name]);
  return (
    <li className="row dense">
      {entity ? <Link className="ellipsis" to={recordPath(entity, use.subject_id)}>{use.title}</Link> : use.title}
      <span className="grow" />
      <span className="t3 nowrap">{use.by} · {format.near(use.at)}</span>
      <span className={happened ? 'pill ok' : 'pill'}>{use.moved === null ? t('script.waiting') : happened ? t(`script.${happened}`) : t('script.no_effect')}</span>
    </li>
  );
}

/** One script: its words, how to use it, what came of it. */
export function ScriptPane({ id, onGone, onClose }: { id: string; onGone: () => void; onClose?: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const entity = useModel().named('script');
  const { data: script, error, refetch } = useRecord('scripts', id);
  const { data: statistics } = useStatistics();
  const { data: uses } = useUses(id);
  const favourite = useFavourite();
  const copy = useCopy();
  const [editing, setEditing] = useState(false);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!script || !entity) return <SkeletonLines count={8} />;
  const tally = statistics?.data.find((one) => one.id === id);
  const label = (name: string) => fieldOf(entity, name)?.options?.find(({ code }) => code === script[name])?.label;
  if (editing) return <ScriptEditor script={script} onDone={() => { setEditing(false); void refetch(); }} onCancel={() => setEditing(false)} />;
  const remove = async () => {
    try {
      await api.delete(`/scripts/${id}`);
      onGone();
      await refreshRecords(client, 'scripts');
      offerUndo(t('script.deleted', { title: String(script.title) }), async () => {
        await api.post(`/scripts/${id}/restore`);
        await refreshRecords(client, 'scripts');
      });
    } catch (failed) {
      message.error(errorText(failed));
    }
  };
  return (
    <article className="script-article">
      <div className="row top-aligned">
        <h2 className="grow">{String(script.title)}</h2>
        <IconButton
          icon="star" small className={tally?.favourite ? 'on' : undefined} aria-pressed={tally?.favourite === true} label={t(tally?.favourite ? 'script.unfavour' : 'script.favour')}
          onClick={() => favourite.mutate({ id, on: !tally?.favourite })}
        />
        {onClose && <IconButton icon="close" small label={t('action.close')} onClick={onClose} />}
      </div>
      <p className="row wrap">
        {['scene', 'objection', 'industry'].map((name) => label(name) && <span key={name} className="pill">{label(name)}</span>)}
        {script.code ? <span className="pill info">{t('script.built_in')}</span> : <span className="t3 small-text">{script._refs?.owner_id?.title}</span>}
        {script.enabled === false && <span className="pill warn">{t('script.off')}</span>}
        <span className="t3 small-text">{t('script.revision', { count: Number(script.revision ?? 1) })}</span>
      </p>
      <ScriptWords text={String(script.content)} />
      {typeof script.tip === 'string' && script.tip && <p className="dense"><b>{t('script.tip')}</b> <span className="t2">{script.tip}</span></p>}
      <div className="row wrap">
        <Button onClick={() => copy(String(script.content))}>{t('script.copy')}</Button>
        {script._rights?.update && <Button onClick={() => setEditing(true)}>{t('script.edit')}</Button>}
        {script._rights?.delete && <Button type="text" onClick={() => void remove()}>{t('script.delete')}</Button>}
      </div>
      <section className="section">
        <div className="section-head"><h3>{t('script.after')}</h3></div>
        {statistics && <After tally={tally} statistics={statistics} />}
        {statistics && <p className="t3 small-text">{t('script.after_hint', { days: statistics.days })}</p>}
      </section>
      {uses && uses.data.length > 0 && (
        <section className="section">
          <div className="section-head"><h3>{t('script.uses')}</h3></div>
          <ul className="script-uses">{uses.data.slice(0, 8).map((use) => <UseLine key={use.id} use={use} />)}</ul>
        </section>
      )}
    </article>
  );
}
