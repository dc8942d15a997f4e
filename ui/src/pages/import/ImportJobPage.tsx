import { Link, useParams, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { Path } from '@/part/Path';
import { ErrorNotice } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { CheckStep } from './CheckStep';
import { ColumnStep } from './ColumnStep';
import { useImport, type ImportJob } from './imports';
import { StatePill } from './ImportStart';
import { Outcome } from './Outcome';

function stepOf(job: ImportJob, asked: string | null): 'columns' | 'check' | 'run' {
  if (job.state !== 'uploaded') return 'run';
  return asked === 'check' ? 'check' : 'columns';
}

/** One import: columns, check, result. */
export function ImportJobPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const model = useModel();
  const [search, setSearch] = useSearchParams();
  const { data: job, error, refetch } = useImport(id);
  const entity = model.named(job?.entity);
  const step = job && stepOf(job, search.get('step'));
  const go = (next: string) => setSearch({ step: next });
  const steps = (['columns', 'check', 'run'] as const).map((name) => ({ id: name, label: t(`import.step_${name}`) }));
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/imports" className="t2">{t('import.title')}</Link><span className="t3">/</span>
        <h1 className="ellipsis">{job?.file_name || t('import.unnamed')}</h1>
        {job && <StatePill state={job.state} />}
        <span className="grow" />
        {entity && <span className="t2 dense nowrap">{t('import.into')} {entity.label_plural}</span>}
      </header>
      <div className="import-body">
        {error && !job && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!job && !error && <SkeletonRows />}
        {step && <Path steps={steps} current={step} onStep={job.state === 'uploaded' ? (next) => next !== 'run' && go(next) : undefined} />}
        {job && entity && step === 'columns' && <ColumnStep key={job.sheet} job={job} entity={entity} onDone={() => go('check')} />}
        {job && entity && step === 'check' && <CheckStep job={job} entity={entity} onBack={() => go('columns')} />}
        {job && entity && step === 'run' && <Outcome job={job} entity={entity} />}
      </div>
    </div>
  );
}
