import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { ApiError, api } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { FormEditor } from './FormEditor';

/** One form: its editor, what was sent in, how it is shared, its versions. */
export function FormPage() {
  const { id } = useParams();
  const { data: form, error, refetch } = useQuery({ queryKey: ['form', id], queryFn: () => api.get<RecordRow>(`/forms/${id}`), staleTime: Infinity, gcTime: 0 });
  if (error instanceof ApiError && error.status === 404) return <NotThere />;
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!form) return <div className="pad-page"><SkeletonLines count={8} /></div>;
  return <FormEditor key={form.id} form={form} />;
}
