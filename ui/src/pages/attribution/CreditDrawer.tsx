import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonLines } from '@/part/Skeleton';
import { CutNotice } from './CutNotice';
import type { CreditDeals, Model } from './attribution';

interface Props {
  /** As placeKey has it. */
  place: string;
  model: Model;
  asked: { from: string; to: string; window: string; by: string };
  onClose: () => void;
}

/** The deals behind a cell, with every touch on the way and what it earned. */
export function CreditDrawer({ place, model, asked, onClose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const others = place === '*';
  const name = place === '-' ? '' : place;
  const { data, error, refetch } = useQuery({
    queryKey: ['reports', 'attribution', 'deals', place, model, asked],
    queryFn: () => api.get<CreditDeals>('/reports/attribution/deals', { ...asked, ...(others ? { others: true } : { place: name }), model }),
  });
  return (
    <SideSheet onClose={onClose} width={520} title={`${others ? t(asked.by === 'campaign' ? 'attribution.other_campaigns' : 'attribution.other_channels') : name || t('attribution.not_said')} · ${t(`attribution.model_${model}`)}`}>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonLines count={8} />}
      {data && <p className="t2 dense">{t('attribution.deals_count', { count: data.count })}{data.count > data.deals.length ? t('attribution.deals_shown', { count: data.deals.length }) : ''}</p>}
      {data && <CutNotice cut={data.cut} />}
      <ol className="credit-deals">
        {data?.deals.map((deal) => (
          <li key={deal.id}>
            <div className="row"><Link to={`/opportunities/${deal.id}`}>{deal.title || deal.id}</Link><span className="grow" /><b>{format.money(deal.credit)}</b><span className="t3 small-text">/ {format.shortMoney(deal.amount)}</span></div>
            <ol className="credit-path">
              {deal.touches.map((touch, index) => (
                <li key={`${touch.at}${index}`} className={touch.channel === name || touch.campaign === name ? 'on' : ''}>
                  <span className="t2 small-text nowrap">{format.instant(touch.at)}</span>
                  <span>{touch.channel || t('attribution.not_said')}{touch.campaign ? ` · ${touch.campaign}` : ''} <span className="t3 small-text">{t(`attribution.kind_${touch.kind}`)}</span></span>
                  <span className="num">{format.money(touch.credit)}</span>
                </li>
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </SideSheet>
  );
}
