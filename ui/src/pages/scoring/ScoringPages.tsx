import { Route, Routes } from 'react-router';
import { useTranslation } from 'react-i18next';
import { CardList } from './CardList';
import { CardPage } from './CardPage';
import './scoring.css';

function Head() {
  const { t } = useTranslation();
  return (
    <header className="page-head"><h1>{t('scoring.title')}</h1></header>
  );
}

function Index() {
  return (
    <div className="page">
      <Head />
      <div className="scoring-body"><CardList /></div>
    </div>
  );
}

export default function ScoringPages() {
  return (
    <Routes>
      <Route index element={<Index />} />
      <Route path=":id" element={<CardPage />} />
    </Routes>
  );
}
