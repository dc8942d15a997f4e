import { Route, Routes } from 'react-router';
import { ApiPage } from './ApiPage';
import { SourceList } from './SourceList';
import { SourcePage } from './SourcePage';
import './sources.css';

export default function SourcePages() {
  return (
    <Routes>
      <Route index element={<SourceList />} />
      <Route path="api" element={<ApiPage />} />
      <Route path=":id" element={<SourcePage />} />
    </Routes>
  );
}
