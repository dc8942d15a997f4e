import { Route, Routes } from 'react-router';
import { SegmentPage } from './SegmentPage';
import { SegmentsPage } from './SegmentsPage';
import './segments.css';

/** The segments there are, and one of them with its condition, its members and its reasons. */
export default function SegmentPages() {
  return (
    <Routes>
      <Route index element={<SegmentsPage />} />
      <Route path="new" element={<SegmentPage />} />
      <Route path=":id" element={<SegmentPage />} />
    </Routes>
  );
}
