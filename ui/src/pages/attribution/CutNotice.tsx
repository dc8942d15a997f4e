import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import type { Cut } from './attribution';

/** Says that not all deals or touches were looked at, and what to do about it; nothing where all were. */
export function CutNotice({ cut }: { cut: Cut }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!cut) return null;
  return (
    <p className="notice warn dense" role="status">
      {cut.deals !== undefined && t('attribution.cut_deals', { most: format.count(cut.deals) })}
      {cut.touches !== undefined && t('attribution.cut_touches', { most: format.count(cut.touches) })}
      {t('attribution.cut_shorter')}
    </p>
  );
}
