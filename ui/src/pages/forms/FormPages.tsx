import { Route, Routes } from 'react-router';
import { FormList } from './FormList';
import { FormPage } from './FormPage';
import './forms.css';

export default function FormPages() {
  return (
    <Routes>
      <Route index element={<FormList />} />
      <Route path=":id" element={<FormPage />} />
    </Routes>
  );
}
