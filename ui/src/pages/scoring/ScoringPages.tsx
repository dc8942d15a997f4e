import type { ReactNode } from 'react';
import { NavLink, Route, Routes } from 'react-router';
import { useTranslation } from 'react-i18next';
import { CardList } from './CardList';
import { CardPage } from './CardPage';
import { PredictionPage } from './PredictionPage';
import './scoring.css';

function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const named = ({ isActive }: { isActive: boolean }) => (isActive ? 'on' : '');
  return (
    <div className="page">
      <header className="page-head"><h1>{t('scoring.title')}</h1></header>
      <nav className="tabs scoring-tabs" aria-label={t('scoring.title')}>
        <NavLink end to="/scoring" className={named}>{t('scoring.cards')}</NavLink>
        <NavLink to="/scoring/prediction" className={named}>{t('prediction.title')}</NavLink>
      </nav>
      <div className="scoring-body">{children}</div>
    </div>
  );
}

export default function ScoringPages() {
  return (
    <Routes>
      <Route index element={<Shell><CardList /></Shell>} />
      <Route path="prediction" element={<Shell><PredictionPage /></Shell>} />
      <Route path=":id" element={<CardPage />} />
    </Routes>
  );
}
