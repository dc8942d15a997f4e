import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import { useMay } from '@/api/session';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { DaysChoice, useDays } from '@/part/Days';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Forbidden } from '@/part/Refusal';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import './cleansing.css';

interface Rates {
  days: number;
  imports: {
    files: number; rows: number; created: number; merged: number; refused: number; skipped: number; remarked: number;
    /** Null when there were no rows. */
    refused_share: number | null; known_share: number | null;
  };
  refused: { code: string; label: string; rows: number }[];
  captures: { kind: CaptureKind; received: number; done: number; duplicate: number; spam: number; failed: number; failed_share: number | null }[];
  duplicates: { entity: string; open: number; merged: number; distinct: number }[];
}

type CaptureKind = 'form' | 'webhook' | 'wechat' | 'site' | 'api';

function Files({ imports, refused }: Pick<Rates, 'imports' | 'refused'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = (part: number | null) => (part === null ? undefined : format.percent(part, 1));
  const figures: [string, number, string?][] = [
    [t('cleansing.files'), imports.files],
    [t('cleansing.rows'), imports.rows],
    [t('cleansing.created'), imports.created],
    [t('cleansing.known'), imports.merged, share(imports.known_share)],
    [t('cleansing.refused'), imports.refused, share(imports.refused_share)],
    [t('cleansing.remarked'), imports.remarked],
  ];
  const most = Math.max(1, ...refused.map(({ rows }) => rows));
  return (
    <section className="section">
      <div className="section-head"><h2>{t('cleansing.imports')}</h2><span className="grow" />{useMay()('import:run') && <Link to="/imports">{t('cleansing.to_imports')}</Link>}</div>
      <dl className="cleansing-figures">
        {figures.map(([label, figure, note]) => <div key={label}><dt className="t3 small-text">{label}</dt><dd className="figure">{format.count(figure)}</dd>{note && <dd className="t2 small-text">{note}</dd>}</div>)}
      </dl>
      {refused.length > 0 && (
        <>
          <h3>{t('cleansing.why')}</h3>
          <ul className="cleansing-reasons" aria-label={t('cleansing.why')}>
            {refused.map(({ code, label, rows }) => (
              <li key={code} className="row"><span className="cleansing-reason">{label}</span><span className="bar grow" aria-hidden="true"><b style={{ width: `${(rows / most) * 100}%` }} /></span><span className="num">{format.count(rows)}</span></li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Captures({ captures }: Pick<Rates, 'captures'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = ['received', 'done', 'duplicate', 'spam', 'failed'] as const;
  const mayManage = useMay()('sources:manage');
  return (
    <section className="section">
      <div className="section-head"><h2>{t('cleansing.captures')}</h2><span className="grow" />{mayManage && <Link to="/sources">{t('cleansing.to_sources')}</Link>}</div>
      <TableScroll label={t('cleansing.captures')}>
        <table className="plain-table">
          <thead><tr><th>{t('sources.kind')}</th>{columns.map((name) => <th key={name} className="num">{t(`cleansing.captures_${name}`)}</th>)}<th className="num">{t('cleansing.captures_share')}</th></tr></thead>
          <tbody>
            {captures.map((row) => (
              <tr key={row.kind}>
                <th scope="row">{t(`sources.kind_${row.kind}`)}</th>
                {columns.map((name) => <td key={name} className="num">{format.count(row[name])}</td>)}
                <td className="num">{row.failed_share === null ? nothing : format.percent(row.failed_share, 1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </section>
  );
}

function Duplicates({ duplicates }: Pick<Rates, 'duplicates'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const states = ['open', 'merged', 'distinct'] as const;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('duplicates.title')}</h2></div>
      <TableScroll label={t('duplicates.title')}>
        <table className="plain-table">
          <thead><tr><th>{t('duplicates.kinds')}</th><th className="num">{t('cleansing.open_now')}</th><th className="num">{t('duplicates.state_merged')}</th><th className="num">{t('duplicates.state_distinct')}</th></tr></thead>
          <tbody>
            {duplicates.map((row) => (
              <tr key={row.entity}>
                <th scope="row">{model.named(row.entity)?.label_plural ?? row.entity}</th>
                {states.map((state) => <td key={state} className="num"><Link to={`/duplicates?entity=${row.entity}&state=${state}`}>{format.count(row[state])}</Link></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </section>
  );
}

/** How clean what comes in is: what was refused and why, what was known already, what may be there twice. */
export default function CleansingPage() {
  const { t } = useTranslation();
  const days = useDays();
  const { data, error, refetch } = useQuery({ queryKey: ['cleansing', days], queryFn: () => api.get<Rates>('/cleansing', { days }) });
  if (error instanceof ApiError && error.status === 403) return <Forbidden />;
  return (
    <div className="page">
      <header className="page-head"><h1>{t('cleansing.title')}</h1></header>
      <div className="cleansing">
        <DaysChoice />
        {error && !data && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <SkeletonRows count={8} />}
        {data && (
          <>
            {data.imports.files > 0 ? <Files {...data} /> : <Empty title={t('cleansing.no_files')} hint={t('cleansing.no_files_hint')} />}
            {data.captures.length > 0 && <Captures {...data} />}
            <Duplicates {...data} />
          </>
        )}
      </div>
    </div>
  );
}
