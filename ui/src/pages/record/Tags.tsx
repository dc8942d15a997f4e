import { useState } from 'react';
import { Select } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { useAllRecords } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { Icon } from '@/part/Icon';
import { carriers, toneOf, useTagging, useTaggings, type Tagging } from '@/tag/tags';

const sources = ['rule', 'hand', 'import', 'journey', 'automation', 'api', 'merge'] as const;

/** Where a tag came from, when, and until when. */
function useTagTitle(): (tag: Tagging) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (tag) => {
    const source = sources.find((one) => one === tag.source) ?? 'hand';
    const said = t('tag.source_line', { source: t(`tag.source_${source}`), by: tag.by, at: format.instant(tag.at) });
    return tag.expires_at ? `${said} · ${t('tag.until', { at: format.instant(tag.expires_at) })}` : said;
  };
}

function TagChip({ tag, onTake }: { tag: Tagging; onTake?: () => void }) {
  const { t } = useTranslation();
  const title = useTagTitle();
  return (
    <span className={`pill ${toneOf(tag.colour)} tag-chip`} title={title(tag)}>
      {tag.name}
      {onTake && <button type="button" aria-label={t('tag.take', { name: tag.name })} onClick={onTake}><Icon name="close" size={12} /></button>}
    </span>
  );
}

function TagAdder({ carried, onPut }: { carried: Tagging[]; onPut: (id: string) => void }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const { data } = useAllRecords('tags', { sort: 'name' }, adding);
  const has = new Set(carried.map(({ id }) => id));
  if (!adding) return <button type="button" className="quiet-button small" onClick={() => setAdding(true)}><Icon name="plus" size={14} />{t('tag.add')}</button>;
  return (
    <Select
      autoFocus defaultOpen size="small" className="tag-add" aria-label={t('tag.add')} showSearch={{ optionFilterProp: 'label' }} popupMatchSelectWidth={false}
      options={(data?.data ?? []).filter(({ id }) => !has.has(id)).map(({ id, name }) => ({ value: id, label: String(name) }))}
      onChange={(id: string) => { onPut(id); setAdding(false); }} onBlur={() => setAdding(false)} value={undefined}
    />
  );
}

interface InSegment {
  id: string;
  name: string;
  since: string;
}

function InSegments({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery({ queryKey: ['segments', 'of', entity.plural, record.id], queryFn: () => api.get<{ data: InSegment[] }>(`/${entity.plural}/${record.id}/segments`) });
  const segments = data?.data ?? [];
  if (segments.length === 0) return null;
  return (
    <ul className="tag-chips" aria-label={t('segment.in')}>
      {segments.map(({ id, name, since }) => (
        <li key={id}><Link className="pill tag-chip" to={`/segments/${id}`} title={t('segment.since', { at: format.instant(since) })}><Icon name="filter" size={12} />{name}</Link></li>
      ))}
    </ul>
  );
}

/** What a record carries and which segments it is in. */
export function Tags({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const { data } = useTaggings(entity, record.id);
  const { put, take } = useTagging(entity, record.id);
  const known = useModel().named('segment');
  const tags = data?.data ?? [];
  return (
    <section className="section">
      <div className="section-head"><h2>{t('tag.title')}</h2></div>
      <ul className="tag-chips">
        {tags.map((tag) => <li key={tag.id}><TagChip tag={tag} onTake={data?.may_change ? () => take.mutate(tag) : undefined} /></li>)}
        {tags.length === 0 && data && !data.may_change && <li className="t3 small-text">{t('tag.none_here')}</li>}
        {data?.may_change && <li><TagAdder carried={tags} onPut={(id) => put.mutate(id)} /></li>}
      </ul>
      {known && <InSegments entity={entity} record={record} />}
    </section>
  );
}

export function carriesTags(entity: Entity): boolean {
  return carriers.includes(entity.name);
}
