import { useState } from 'react';
import { Button, Select } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { SkeletonLines } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { bodyOf, tiers, tierTones, type Card, type Side, type Tier, type WhatIf as Answer } from './scoring';

const spans = [1, 3, 6, 12, 24];

function TierPill({ tier }: { tier: Tier | null }) {
  const { t } = useTranslation();
  return tier ? <span className={`pill ${tierTones[tier]}`}>{t(`scoring.tier_${tier}`)}</span> : <span className="t3">–</span>;
}

const rate = (band: { decided: number; won: number } | undefined) => (band && band.decided > 0 ? band.won / band.decided : null);

/** Leads and the share that converted, by band of the score, with both cards. */
function Bands({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...answer.before.bands.map(({ leads }) => leads), ...answer.after.bands.map(({ leads }) => leads));
  const cell = (side: Side, index: number) => {
    const band = side.bands[index];
    const won = rate(band);
    return (
      <>
        <td><span className="band-bar">{band && band.leads > 0 && <i style={{ width: `${(band.leads / most) * 100}%` }} />}</span></td>
        <td className="num">{format.count(band?.leads ?? 0)}</td>
        <td className="num">{won === null ? <span className="t3">–</span> : <span title={t('scoring.won_of', { won: band?.won ?? 0, decided: band?.decided ?? 0 })} className={(band?.decided ?? 0) < 20 ? 't3' : undefined}>{format.percent(won)}</span>}</td>
      </>
    );
  };
  return (
    <TableScroll label={t('scoring.what_if')}>
      <table className="plain-table bands">
        <thead>
          <tr><th rowSpan={2}>{t('scoring.band')}</th><th colSpan={3}>{t('scoring.before')}</th><th colSpan={3}>{t('scoring.after')}</th></tr>
          <tr><th colSpan={2} className="num">{t('scoring.leads')}</th><th className="num">{t('scoring.won')}</th><th colSpan={2} className="num">{t('scoring.leads')}</th><th className="num">{t('scoring.won')}</th></tr>
        </thead>
        <tbody>
          {answer.after.bands.map((band, index) => (
            <tr key={band.from}><th scope="row" className="nowrap">{band.from}–{band.to}</th>{cell(answer.before, index)}{cell(answer.after, index)}</tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Movers({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  if (answer.list.length === 0) return null;
  return (
    <details>
      <summary>{t('scoring.who_moves', { count: answer.moved })}</summary>
      <ul className="movers">
        {answer.list.map((one) => (
          <li key={one.id} className="row">
            <Link className="grow ellipsis" to={`/leads/${one.id}`}>{one.name}</Link>
            <span className="t2 nowrap">{one.score_before} → {one.score_after}</span>
            <TierPill tier={one.tier_before} /><Icon name="right" size={12} /><TierPill tier={one.tier_after} />
          </li>
        ))}
      </ul>
      {answer.moved > answer.list.length && <p className="t3 small-text">{t('scoring.first_of', { count: answer.list.length })}</p>}
    </details>
  );
}

/** The answer in a sentence: who moves, and whether the card tells winners from losers better. */
function Verdict({ answer }: { answer: Answer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { before, after } = answer;
  const better = after.auc !== null && before.auc !== null ? after.auc - before.auc : null;
  const words = better === null ? 'scoring.lift_unknown' : better > 0.01 ? 'scoring.lift_better' : better < -0.01 ? 'scoring.lift_worse' : 'scoring.lift_same';
  const auc = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  return (
    <>
      <p className="answer">{t('scoring.moves', { moved: format.count(answer.moved), up: format.count(answer.up), down: format.count(answer.down) })}</p>
      <p className="t2 dense">{t(words, { before: auc(before.auc), after: auc(after.auc), decided: format.count(answer.decided) })}</p>
      <p className="t3 small-text">
        {t('scoring.what_if_basis', { leads: format.count(answer.leads), decided: format.count(answer.decided), won: format.count(answer.won) })}
        {!answer.complete && ` ${t('scoring.newest_only')}`}
      </p>
    </>
  );
}

/** The card as it is being edited, applied to the months that were, before it is saved. */
export function WhatIf({ card, id }: { card: Card; id: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [months, setMonths] = useState(6);
  const { mutate, data: answer, error, isPending } = useMutation({
    mutationFn: () => api.post<Answer>('/score_cards/what_if', { months, id: id ?? null, card: { ...bodyOf(card), name: card.name || '—' } }),
  });
  return (
    <section className="section">
      <div className="section-head"><h2>{t('scoring.what_if')}</h2></div>
      <p className="t2 dense">{t('scoring.what_if_hint')}</p>
      <div className="row">
        <Select aria-label={t('scoring.months')} value={months} options={spans.map((value) => ({ value, label: t('scoring.last_months', { count: value }) }))} onChange={setMonths} />
        <Button disabled={card.rules.length === 0} loading={isPending} onClick={() => mutate()}>{t('scoring.compute')}</Button>
      </div>
      {error && <ErrorNotice error={error} />}
      {isPending && <SkeletonLines count={4} />}
      {answer && !isPending && answer.leads === 0 && <p className="t2" role="status">{t('scoring.what_if_none')}</p>}
      {answer && !isPending && answer.leads > 0 && (
        <div className="what-if">
          <Verdict answer={answer} />
          <table className="plain-table">
            <thead><tr><th>{t('scoring.open_leads')}</th>{tiers.map((tier) => <th key={tier} className="num">{t(`scoring.tier_${tier}`)}</th>)}</tr></thead>
            <tbody>
              <tr><th scope="row">{t('scoring.before')}</th>{tiers.map((tier) => <td key={tier} className="num">{format.count(answer.before[tier])}</td>)}</tr>
              <tr><th scope="row">{t('scoring.after')}</th>{tiers.map((tier) => <td key={tier} className="num">{format.count(answer.after[tier])}</td>)}</tr>
            </tbody>
          </table>
          <Movers answer={answer} />
          <Bands answer={answer} />
        </div>
      )}
    </section>
  );
}
