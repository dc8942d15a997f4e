import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useWaitingApprovals } from '@/api/approvals';
import { useModel } from '@/api/meta';
import type { HomeFigure, HomeView } from '@/api/types';
import { linkTo } from '@/condition/where';
import { isMoney } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';

function Figure({ figure }: { figure: HomeFigure }) {
  const { t } = useTranslation();
  const format = useFormat();
  const model = useModel();
  const { value } = figure;
  const parts = isMoney(value) ? format.shortParts(value.amount) : { figure: format.decimal(String(value)), unit: '' };
  const shown = <span className="figure">{parts.figure}{figure.exact === false && '+'}<span className="unit">{parts.unit}</span></span>;
  const entity = model.plural(figure.entity) ?? model.named(figure.entity);
  const some = isMoney(value) ? !!figure.count : Number(value) > 0;
  return (
    <div className="home-figure">
      <div className="small-text t3">{figure.label}</div>
      {entity && some
        ? <Link className="opens" to={figure.where ? linkTo(entity.plural, figure.where) : `/${entity.plural}`}>{shown}</Link>
        : shown}
      {figure.count !== undefined && (
        <div className="small-text t3">
          {t('home.deals', { count: figure.count })}{figure.other ? t('home.not_in_sum', { count: figure.other }) : ''}
        </div>
      )}
    </div>
  );
}

export function HomeFigures({ figures }: { figures: HomeFigure[] }) {
  return <div className="home-figures">{figures.map((figure) => <Figure key={figure.code} figure={figure} />)}</div>;
}

interface Props {
  views: HomeView[];
  view: HomeView;
  sentence: ReactNode;
  /** Key figures at the right. */
  children?: ReactNode;
}

/** The homes a person has as tabs, how things stand in one sentence, key figures at the right. */
export function HomeHead({ views, view, sentence, children }: Props) {
  const { t } = useTranslation();
  const waiting = useWaitingApprovals();
  return (
    <header className="home-head">
      <div className="grow">
        {views.length < 2 ? <h1>{t(`home.view_${view}`)}</h1> : (
          <>
            <h1 className="visually-hidden">{t('frame.home')}</h1>
            <nav className="tabs home-views" aria-label={t('home.views')}>
              {views.map((name) => (
                <Link key={name} to={`/?view=${name}`} className={name === view ? 'on' : undefined} aria-current={name === view ? 'page' : undefined}>
                  {t(`home.view_${name}`)}
                </Link>
              ))}
            </nav>
          </>
        )}
        <p className="t2">{sentence}{waiting > 0 && <Link className="home-approvals" to="/approvals">{t('approval.waiting', { count: waiting })}</Link>}</p>
      </div>
      {children}
    </header>
  );
}
