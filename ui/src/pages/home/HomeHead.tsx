import { Link } from 'react-router';
import { Trans, useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Home, HomeFigure } from '@/api/types';
import { isMoney } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import type { Queue } from './useQueue';

function Figure({ figure }: { figure: HomeFigure }) {
  const format = useFormat();
  const model = useModel();
  const { value } = figure;
  const parts = isMoney(value) ? format.shortParts(value.amount) : { figure: format.decimal(String(value)), unit: '' };
  const shown = <span className="figure">{parts.figure}<span className="unit">{parts.unit}</span></span>;
  const entity = model.plural(figure.entity) ?? model.named(figure.entity);
  const where = figure.where ? `?where=${encodeURIComponent(JSON.stringify(figure.where))}` : '';
  return (
    <div className="home-figure">
      <div className="small-text t3">{figure.label}</div>
      {entity ? <Link className="opens" to={`/${entity.plural}${where}`}>{shown}</Link> : shown}
      {figure.note && <div className="small-text t3">{figure.note}</div>}
    </div>
  );
}

/** The day in one sentence, key figures at the right. */
export function HomeHead({ home, queue }: { home: Home; queue: Queue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const clocks = queue.byGroup.get('new')?.length ?? 0;
  const late = queue.byGroup.get('overdue')?.length ?? 0;
  const day = format.spokenDay(format.dayKey(new Date()));
  const values = { day, count: queue.items.length, clocks, late };
  return (
    <header className="home-head">
      <div className="grow">
        <h1>{t('frame.home')}</h1>
        <p className="t2">
          {queue.items.length === 0 && t('home.sentence_none', values)}
          {queue.items.length > 0 && clocks > 0 && <Trans i18nKey="home.sentence_clock" values={values} components={{ b: <b /> }} />}
          {queue.items.length > 0 && clocks === 0 && late > 0 && <Trans i18nKey="home.sentence_late" values={values} components={{ b: <b /> }} />}
          {queue.items.length > 0 && clocks === 0 && late === 0 && <Trans i18nKey="home.sentence" values={values} components={{ b: <b /> }} />}
        </p>
      </div>
      <div className="home-figures">
        {home.figures.slice(0, 4).map((figure) => <Figure key={figure.code} figure={figure} />)}
      </div>
    </header>
  );
}
