import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { shareOf, verdictStatus, type Effect, type Effects, type Group } from './effects';

export interface EffectAsked {
  source?: string;
  source_id?: string;
  days: number;
  within: number;
}

function Share({ n, all }: { n: number; all: number }) {
  const format = useFormat();
  const share = shareOf(n, all);
  return <>{format.count(n)} {share !== null && <span className="t2 small-text">{format.percent(share, 1)}</span>}</>;
}

/** How many of a group were converted, and between which shares the truth lies. */
function Converted({ group }: { group: Group }) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = shareOf(group.converted, group.people);
  if (share === null) return <span className="t3">—</span>;
  return (
    <>
      {t('mails.effect_of', { n: format.count(group.converted), all: format.count(group.people) })}
      <div className="t2 small-text">{t('mails.effect_share', { share: format.percent(share, 1), low: format.percent(group.low), high: format.percent(group.high) })}</div>
    </>
  );
}

function Row({ effect }: { effect: Effect }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <tr>
      <td>{effect.template_id ? <Link to={`/mails/${effect.template_id}`}>{effect.name}</Link> : effect.name}</td>
      <td className="number">{format.count(effect.people)}</td>
      <td className="number"><Share n={effect.opened} all={effect.people} /></td>
      <td className="number"><Share n={effect.clicked} all={effect.people} /></td>
      <td className="number"><Converted group={effect.after_click} /></td>
      <td className="number"><Converted group={effect.without_click} /></td>
      <td><span className={`status ${verdictStatus[effect.verdict]}`}>{t(`mails.effect_${effect.verdict}`)}</span></td>
      <td className="number nowrap">{format.count(effect.won_deals)}{effect.won_deals > 0 && <div className="t2 small-text">{format.money(effect.won_amount)}</div>}</td>
    </tr>
  );
}

/** Each mail with those who clicked beside those who got it and did not: what followed, not what it did. */
export function EffectTable({ asked }: { asked: EffectAsked }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({ queryKey: ['mail', 'effects', asked], queryFn: () => api.get<Effects>('/mail/effects', { ...asked }) });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows count={4} />;
  if (data.data.length === 0) return <Empty title={t('mails.effect_none')} hint={t('mails.effect_none_hint')} />;
  const within = data.within;
  return (
    <>
      <p className="t2 dense">{t('mails.effect_hint', { within, least: data.compared_least })}</p>
      <TableScroll label={t('mails.effects')}>
        <table className="plain-table mail-effects">
          <thead>
            <tr>
              <th>{t('mails.mail')}</th><th className="number">{t('mails.effect_people')}</th><th className="number">{t('mails.figure_opened')}</th>
              <th className="number">{t('mails.figure_clicked')}</th><th className="number">{t('mails.effect_after_click', { within })}</th>
              <th className="number">{t('mails.effect_without_click', { within })}</th><th>{t('mails.effect_verdict')}</th><th className="number">{t('mails.effect_won', { within })}</th>
            </tr>
          </thead>
          <tbody>{data.data.map((effect) => <Row key={`${effect.template_id} ${effect.step}`} effect={effect} />)}</tbody>
        </table>
      </TableScroll>
    </>
  );
}
