import { useTranslation } from 'react-i18next';
import type { RecordRow, Slip } from '@/api/types';
import { useFormat } from '@/format/useFormat';

/** Why a deal is about to slip, in words: how long it stands and what is usual, when it should close. */
export function useSlipWords(): (slip: Slip) => string {
  const { t } = useTranslation();
  return ({ stay, close_in_days: left }) => [
    stay && t('home.slip_stay', { stage: stay.stage, days: stay.days, usual: stay.usual_days }),
    left !== null && left < 0 && t('home.slip_past', { count: -left }),
    left === 0 && t('home.slip_today'),
    left !== null && left > 0 && t('home.slip_near', { count: left }),
  ].filter(Boolean).join(t('home.comma'));
}

/** The next act that is agreed, or that there is none. */
export function useNextAct(): (deal: RecordRow) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (deal) => {
    const at = typeof deal.next_follow_up_at === 'string' ? format.day(deal.next_follow_up_at) : '';
    const what = typeof deal.next_step === 'string' ? deal.next_step : '';
    return at || what ? t('home.next_act', { act: [at, what].filter(Boolean).join(' ') }) : t('home.no_next_act');
  };
}
