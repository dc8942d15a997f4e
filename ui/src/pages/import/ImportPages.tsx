import { Route, Routes } from 'react-router';
import { ImportJobPage } from './ImportJobPage';
import { ImportStart } from './ImportStart';
import './import.css';

/** Start of an import with the earlier ones, and one import from its columns to its result. */
export default function ImportPages() {
  return (
    <Routes>
      <Route index element={<ImportStart />} />
      <Route path=":id" element={<ImportJobPage />} />
    </Routes>
  );
}
