import { Button } from 'antd';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';
import { conversion, type FormVersion } from './forms';

/** What was published, and what came of each; an earlier one may become the draft again. */
export function Versions({ formId, onReverted }: { formId: string; onReverted: (form: RecordRow) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery({ queryKey: ['form_versions', formId], queryFn: () => api.get<{ data: FormVersion[] }>(`/forms/${formId}/versions`) });
  const revert = useMutation({
    mutationFn: (version: number) => api.post<RecordRow>(`/forms/${formId}/revert`, { version }),
    onSuccess: onReverted,
    onError: (failure) => message.error(errorText(failure)),
  });
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <SkeletonRows count={3} />;
  if (data.data.length === 0) return <Empty title={t('forms.no_versions')} hint={t('forms.no_versions_hint')} />;
  return (
    <div className="scroll-y forms-body">
      <TableScroll label={t('forms.tab_versions')}>
        <table className="plain-table">
          <thead><tr><th>{t('forms.version')}</th><th>{t('forms.published_at')}</th><th>{t('forms.published_by')}</th><th className="num">{t('forms.questions')}</th><th className="num">{t('forms.views')}</th><th className="num">{t('forms.submissions')}</th><th className="num">{t('forms.conversion')}</th><th /></tr></thead>
          <tbody>
            {data.data.map((version) => {
              const share = conversion(version.views, version.submissions);
              return (
                <tr key={version.version}>
                  <td className="strong">{version.version}</td><td className="nowrap">{format.instant(version.published_at)}</td><td>{version.published_by || nothing}</td>
                  <td className="num">{version.design.questions.length}</td><td className="num">{format.count(version.views)}</td><td className="num">{format.count(version.submissions)}</td>
                  <td className="num">{share === null ? nothing : format.percent(share)}</td>
                  <td><Button size="small" loading={revert.isPending && revert.variables === version.version} onClick={() => revert.mutate(version.version)}>{t('forms.revert')}</Button></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}
