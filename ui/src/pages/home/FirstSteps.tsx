import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel, type Model } from '@/api/meta';
import { useRecords } from '@/api/records';
import { useMay } from '@/api/session';
import type { HomeView } from '@/api/types';
import { useCreate } from '@/frame/create';
import { Icon } from '@/part/Icon';
import { usePools } from '@/pages/pool/usePools';
import { stepsOf, type FirstStep } from './firstSteps';
import './first_steps.css';

function Step({ step, model, at }: { step: FirstStep; model: Model; at: number }) {
  const { t } = useTranslation();
  const create = useCreate();
  const made = model.named(step.made?.entity);
  const { data } = useRecords(made?.plural ?? '', { limit: step.made?.atLeast ?? 1 }, !!made);
  const done = !!step.made && (data?.data.length ?? 0) >= step.made.atLeast;
  const entity = model.named(step.create);
  const name = t(`first.${step.code}`);
  return (
    <li className={done ? 'done' : undefined}>
      <span className="first-mark" aria-hidden="true">{done ? <Icon name="check" size={14} /> : at + 1}</span>
      <div>
        {entity
          ? <button type="button" className="link strong" onClick={() => create({ entity })}>{name}</button>
          : <Link className="strong" to={step.to}>{name}</Link>}
        {done && <span className="small-text t3"> {t('first.done')}</span>}
        <p className="t2 dense">{t(`first.${step.code}_hint`)}</p>
      </div>
    </li>
  );
}

/** What to do first where nothing is there yet, as far as one may; what was done is marked. */
export default function FirstSteps({ view }: { view: HomeView }) {
  const { t } = useTranslation();
  const model = useModel();
  const may = useMay();
  const { data: pools } = usePools(view === 'today' && may('leads:grab'));
  const steps = stepsOf(view, may, model).filter(({ code }) => code !== 'pool' || (pools?.data.length ?? 0) > 0);
  return (
    <section className="first-steps" aria-label={t('first.title')}>
      <h2>{t('first.title')}</h2>
      <p className="t2">{t(`first.hint_${view}`)}</p>
      <ol>{steps.map((step, at) => <Step key={step.code} step={step} model={model} at={at} />)}</ol>
      {steps.length === 0 && <p className="t2">{t('first.none')}</p>}
    </section>
  );
}
