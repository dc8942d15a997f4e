import { Button, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useAllRecords } from '@/api/records';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { useLost } from '@/tag/lost';
import { carriers, dimensions, toneOf, useTotals, type Dimension, type TagRow } from '@/tag/tags';
import { PresetDrawer } from './PresetDrawer';
import { TagDrawer } from './TagDrawer';
import './tags.css';

function useVerbs() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = () => Promise.all([refreshRecords(client, 'tags'), client.invalidateQueries({ queryKey: ['tags'] })]);
  const failed = (failure: unknown) => message.error(errorText(failure));
  const toggle = useMutation({ mutationFn: (tag: TagRow) => patchRecord('tags', tag.id, tag.version, { rule_on: !tag.rule_on }), onError: failed, onSettled: refresh });
  const remove = useMutation({
    mutationFn: (tag: TagRow) => api.delete(`/tags/${tag.id}`, { version: tag.version }), onError: failed, onSettled: refresh,
    onSuccess: (_, tag) => offerUndo(t('settings.removed', { name: tag.name }), async () => { await api.post(`/tags/${tag.id}/restore`); await refresh(); }),
  });
  return { toggle, remove };
}

/** How many of each type carry it; each figure opens the list. */
function Counts({ tag, totals }: { tag: TagRow; totals: Record<string, Record<string, number>> | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const counted = carriers.flatMap((name) => {
    const entity = model.named(name);
    const count = entity ? totals?.[entity.plural]?.[tag.id] ?? 0 : 0;
    return entity && count > 0 ? [{ entity, count }] : [];
  });
  if (totals && counted.length === 0) return <span className="t3">{t('tag.nobody')}</span>;
  return (
    <>
      {counted.map(({ entity, count }) => (
        <Link key={entity.name} className="nowrap" to={linkTo(entity.plural, { tag: tag.id })}>{entity.label} {format.count(count)}</Link>
      ))}
    </>
  );
}

function Rule({ tag }: { tag: TagRow }) {
  const { t } = useTranslation();
  const entity = useModel().named(tag.entity_name);
  if (!tag.condition || !entity) return <span className="t3">{t('tag.by_hand')}</span>;
  return <span className={tag.rule_on ? 't2' : 't3'}>{entity.label}{t('tag.colon')}<ConditionText entity={entity} node={draftOf(tag.condition)} /></span>;
}

interface LineProps {
  tag: TagRow;
  totals: Record<string, Record<string, number>> | undefined;
  mayChange: boolean;
  lost: string | undefined;
  onOpen: () => void;
  verbs: ReturnType<typeof useVerbs>;
}

function Line({ tag, totals, mayChange, lost, onOpen, verbs }: LineProps) {
  const { t } = useTranslation();
  const name = <span className={`pill ${toneOf(tag.colour)}`}>{tag.name}</span>;
  return (
    <li className="tag-line">
      <span className="tag-name">{mayChange ? <button type="button" className="tag-open" onClick={onOpen}>{name}</button> : name}</span>
      <span className="tag-rule dense">
        {tag.description && <span className="t2">{tag.description} · </span>}<Rule tag={tag} />
        {tag.expires_after_days !== null && <span className="t3"> · {t('tag.expires_days', { count: tag.expires_after_days })}</span>}
      </span>
      <span className="tag-counts dense"><Counts tag={tag} totals={totals} /></span>
      {mayChange && (
        <span className="row">
          {tag.condition && <Switch size="small" checked={tag.rule_on} aria-label={t('tag.rule_of', { name: tag.name })} onChange={() => verbs.toggle.mutate(tag)} />}
          <IconButton small icon="trash" label={t('tag.delete', { name: tag.name })} onClick={() => verbs.remove.mutate(tag)} />
        </span>
      )}
      {lost && <p className="notice warn dense tag-lost">{t('tag.lost', { why: lost })}</p>}
    </li>
  );
}

function Group({ dimension, children }: { dimension: Dimension; children: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="section">
      <div className="section-head"><h2>{t(`tag.dimension_${dimension}`)}</h2></div>
      <ul className="tag-lines">{children}</ul>
    </section>
  );
}

/** The tags there are, by dimension: their rules, and how many carry them. */
export default function TagsPage() {
  const { t } = useTranslation();
  const entity = useModel().named('tag');
  const [search, setSearch] = useSearchParams();
  const { data, error, refetch } = useAllRecords('tags', { sort: 'name' });
  const { data: totals } = useTotals();
  const verbs = useVerbs();
  const lost = useLost();
  const tags = (data?.data ?? []) as TagRow[];
  const open = search.get('tag');
  const opened = tags.find(({ id }) => id === open);
  const close = () => setSearch({});
  const mayChange = entity?.actions.update === true;
  const head = entity?.actions.create && (
    <>
      <Button onClick={() => setSearch({ presets: '1' })}>{t('tag.presets')}</Button>
      <Button type="primary" onClick={() => setSearch({ tag: 'new' })}>{t('tag.new')}</Button>
    </>
  );
  return (
    <div className="page">
      <header className="page-head"><h1>{t('tag.title')}</h1><span className="grow" />{tags.length > 0 && head}</header>
      <div className="pad-page">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={8} />}
        {data && tags.length === 0 && <Empty title={t('tag.none')} hint={t('tag.none_hint')}>{head}</Empty>}
        {dimensions.filter((dimension) => tags.some((tag) => tag.dimension === dimension)).map((dimension) => (
          <Group key={dimension} dimension={dimension}>
            {tags.filter((tag) => tag.dimension === dimension).map((tag) => (
              <Line key={tag.id} tag={tag} totals={totals} mayChange={mayChange} lost={lost.get(tag.id)} verbs={verbs} onOpen={() => setSearch({ tag: tag.id })} />
            ))}
          </Group>
        ))}
      </div>
      {(open === 'new' || opened) && <TagDrawer key={open} tag={opened ?? null} onClose={close} />}
      {search.get('presets') && <PresetDrawer onClose={close} />}
    </div>
  );
}
