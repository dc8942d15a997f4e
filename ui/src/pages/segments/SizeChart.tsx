import { useTranslation } from 'react-i18next';
import { useFormat } from '@/format/useFormat';
import { dailySizes, lastDays, useSize, type SegmentRow } from './segments';

const span = 90;
const width = 320;
const height = 72;

/** The size of a segment on each of the last ninety days, as a line. */
export function SizeChart({ segment }: { segment: SegmentRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useSize(segment.id, true);
  if (!data) return null;
  const sizes = dailySizes(data.before, data.data, lastDays(data.today, span));
  const most = Math.max(1, ...sizes);
  const points = sizes.map((size, index) => `${((index / (span - 1)) * width).toFixed(1)},${(height - 2 - (size / most) * (height - 6)).toFixed(1)}`);
  const entered = data.data.reduce((sum, day) => sum + day.entered, 0);
  const left = data.data.reduce((sum, day) => sum + day.left, 0);
  const said = t('segment.size_said', { days: span, from: format.count(sizes[0] ?? 0), to: format.count(sizes.at(-1) ?? 0), entered: format.count(entered), left: format.count(left) });
  return (
    <section className="section">
      <div className="section-head"><h2>{t('segment.size')}</h2></div>
      <svg className="segment-chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={said} preserveAspectRatio="none">
        <polyline points={`0,${height} ${points.join(' ')} ${width},${height}`} className="area" />
        <polyline points={points.join(' ')} className="line" />
      </svg>
      <p className="t2 small-text">{said}</p>
    </section>
  );
}
