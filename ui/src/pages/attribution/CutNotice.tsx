import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import type { Cut, ReturnReport } from './attribution';

interface Props {
  cut: Cut;
  partial?: ReturnReport['partial'];
}

/** Says that not all deals or touches were looked at, or may be seen, and what that means; nothing where all were. */
export function CutNotice({ cut, partial = [] }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!cut && partial.length === 0) return null;
  const hidden = cut ? [] : partial;
  return (
    <p className="notice warn dense" role="status">
      {cut?.deals !== undefined && t('attribution.cut_deals', { most: format.count(cut.deals) })}
      {cut?.touches !== undefined && t('attribution.cut_touches', { most: format.count(cut.touches) })}
      {cut && t('attribution.cut_shorter')}
      {hidden.length > 0 && t('attribution.partial', { what: hidden.map((one) => t(`attribution.partial_${one}`)).join(t('condition.comma')) })}
    </p>
  );
}
