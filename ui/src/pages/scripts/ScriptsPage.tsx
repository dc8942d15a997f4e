import { useDeferredValue, useState } from 'react';
import { Button, Drawer, Input, Select } from 'antd';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { fieldOf, useModel } from '@/api/meta';
import { useRecordPages } from '@/api/records';
import { useSession } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { Forbidden } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { ScriptEditor } from './ScriptEditor';
import { ScriptPane } from './ScriptPane';
import { useFound, useStatistics, whereOf, type Asked } from './library';
import './scripts.css';

const whose = ['all', 'mine', 'favourite'] as const;

/** What is asked stands in the address. */
function useAsked() {
  const [search, setSearch] = useSearchParams();
  const get = (name: string) => search.get(name) ?? '';
  const asked: Asked = { scene: get('scene'), objection: get('objection'), industry: get('industry'), whose: whose.find((one) => one === get('whose')) ?? 'all' };
  const set = (part: Record<string, string | null>) => setSearch((before) => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(part)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    return after;
  }, { replace: true });
  return { asked, typed: get('q'), chosen: get('script') || null, set };
}

function Line({ script, entity, on, favourite, used, onOpen }: { script: RecordRow; entity: Entity; on: boolean; favourite: boolean; used: number; onOpen: () => void }) {
  const { t } = useTranslation();
  const label = (name: string) => fieldOf(entity, name)?.options?.find(({ code }) => code === script[name])?.label;
  return (
    <li>
      <button type="button" className={on ? 'script-line on' : 'script-line'} aria-current={on || undefined} onClick={onOpen}>
        <span className="row"><b className="ellipsis">{String(script.title)}</b>{favourite && <Icon name="star" size={13} className="acc" />}{script.enabled === false && <span className="pill warn">{t('script.off')}</span>}</span>
        <span className="t3 small-text ellipsis">{String(script.content)}</span>
        <span className="row small-text t2">
          <span>{label('scene')}</span>{label('objection') && <span>{label('objection')}</span>}{label('industry') && <span>{label('industry')}</span>}
          <span className="grow" />{used > 0 && <span className="t3">{t('script.used', { count: used })}</span>}
        </span>
      </button>
    </li>
  );
}

function Library({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const size = useSize();
  const { asked, typed, chosen, set } = useAsked();
  const [writing, setWriting] = useState(false);
  const found = useFound(useDeferredValue(typed.trim()));
  const { data: statistics } = useStatistics();
  const favourites = statistics?.data.filter(({ favourite }) => favourite).map(({ id }) => id) ?? [];
  const where = whereOf(asked, found, favourites, user.id);
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecordPages('scripts', { where, sort: 'scene,title', limit: 100, count: true });
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  const options = (name: string) => (fieldOf(entity, name)?.options ?? []).map(({ code, label }) => ({ value: code, label }));
  const pane = writing
    ? <ScriptEditor onDone={(id) => { setWriting(false); set({ script: id }); }} onCancel={() => setWriting(false)} />
    : chosen && <ScriptPane key={chosen} id={chosen} onGone={() => set({ script: null })} />;
  const close = () => { setWriting(false); set({ script: null }); };
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('script.title')}</h1>
        <span className="grow" />
        {entity.actions.create && <Button type="primary" onClick={() => setWriting(true)}>{t('script.new')}</Button>}
      </header>
      <div className="script-filters row wrap">
        <Input
          className="script-search" allowClear prefix={<Icon name="search" size={14} />} value={typed} maxLength={60} aria-label={t('script.search')} placeholder={t('script.search')}
          onChange={(event) => set({ q: event.target.value })}
        />
        {(['scene', 'objection', 'industry'] as const).map((name) => (
          <Select
            key={name} className="script-filter" allowClear aria-label={t(`script.${name}`)} placeholder={t(`script.${name}`)} popupMatchSelectWidth={false}
            value={asked[name] || undefined} options={options(name)} onChange={(value: string | undefined) => set({ [name]: value ?? null })}
          />
        ))}
        <span className="segments" role="group" aria-label={t('script.whose')}>
          {whose.map((name) => <button key={name} type="button" aria-pressed={asked.whose === name} className={asked.whose === name ? 'on' : undefined} onClick={() => set({ whose: name === 'all' ? null : name })}>{t(`script.whose_${name}`)}</button>)}
        </span>
        {data && <span className="t3 small-text" role="status">{t('script.found', { count: data.pages[0]?.total?.value ?? rows.length })}</span>}
      </div>
      <div className="script-body">
        <div className="script-list">
          {error && rows.length === 0 && <ErrorNotice error={error} onRetry={() => void refetch()} />}
          {isPending && !error && <SkeletonRows count={8} />}
          {!isPending && !error && rows.length === 0 && <Empty title={t('script.none')} hint={t('script.none_hint')} />}
          <ul>
            {rows.map((script) => {
              const tally = statistics?.data.find(({ id }) => id === script.id);
              return <Line key={script.id} script={script} entity={entity} on={script.id === chosen} favourite={tally?.favourite === true} used={tally?.used ?? 0} onOpen={() => { setWriting(false); set({ script: script.id }); }} />;
            })}
          </ul>
          {hasNextPage && <Button type="text" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('timeline.more')}</Button>}
        </div>
        {size === 'phone' ? (
          <Drawer open={!!pane} onClose={close} placement="bottom" size="large" title={t(writing ? 'script.new' : 'script.title')} destroyOnHidden>{pane}</Drawer>
        ) : (
          <section className="script-pane" aria-label={t('script.words')}>{pane || <p className="t2 dense">{t('script.choose')}</p>}</section>
        )}
      </div>
    </div>
  );
}

/** The library of what to say: by scene, objection and industry, with what came of it. */
export default function ScriptsPage() {
  const entity = useModel().named('script');
  return entity ? <Library entity={entity} /> : <Forbidden />;
}
