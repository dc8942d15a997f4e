import { Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { useAllRecords } from '@/api/records';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { linkTo } from '@/condition/where';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { useLost } from '@/tag/lost';
import { useSegmentTotals, type SegmentRow, type SegmentTotal } from './segments';

function Members({ segment, total }: { segment: SegmentRow; total: SegmentTotal | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entity = useModel().named(segment.entity_name);
  if (!total || !entity) return null;
  const change = total.week_ago === null ? 0 : total.members - total.week_ago;
  return (
    <>
      <Link className="figure" to={linkTo(entity.plural, { segment: segment.id })} aria-label={t('segment.open_members', { name: segment.name, figure: format.count(total.members) })}>{format.count(total.members)}</Link>
      {total.filling && <span className="pill info">{t('segment.filling')}</span>}
      {!total.filling && change !== 0 && <span className="t3 small-text nowrap">{t('segment.week', { change: `${change > 0 ? '+' : '−'}${format.count(Math.abs(change))}` })}</span>}
    </>
  );
}

function Line({ segment, total, lost }: { segment: SegmentRow; total: SegmentTotal | undefined; lost: string | undefined }) {
  const { t } = useTranslation();
  const entity = useModel().named(segment.entity_name);
  return (
    <li className="segment-line">
      <span className="segment-name">
        <Link className="strong" to={`/segments/${segment.id}`}>{segment.name}</Link>
        <span className="t3 small-text"> {entity?.label} · {t(`segment.kind_${segment.kind}`)}</span>
        {segment.description && <span className="t2 dense segment-what">{segment.description}</span>}
      </span>
      <span className="t2 dense segment-what">{segment.condition && entity ? <ConditionText entity={entity} node={draftOf(segment.condition)} /> : t('segment.by_hand')}</span>
      <span className="segment-size"><Members segment={segment} total={total} /></span>
      {lost && <p className="notice warn dense segment-lost">{t('segment.lost', { why: lost })}</p>}
    </li>
  );
}

/** The segments there are, how large, and how that changed within a week. */
export function SegmentsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const entity = useModel().named('segment');
  const { data, error, refetch } = useAllRecords('segments', { sort: 'name' });
  const { data: totals } = useSegmentTotals();
  const lost = useLost();
  const segments = (data?.data ?? []) as SegmentRow[];
  const add = entity?.actions.create && <Button type="primary" onClick={() => void navigate('/segments/new')}>{t('segment.new')}</Button>;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('segment.title')}</h1><span className="grow" />{segments.length > 0 && add}</header>
      <div className="pad-page">
        {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={8} />}
        {data && segments.length === 0 && <Empty title={t('segment.none')} hint={t('segment.none_hint')}>{add}</Empty>}
        <ul className="segment-lines">
          {segments.map((segment) => <Line key={segment.id} segment={segment} total={totals?.find(({ id }) => id === segment.id)} lost={lost.get(segment.id)} />)}
        </ul>
      </div>
    </div>
  );
}
