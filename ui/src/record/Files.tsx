import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity, RecordRow } from '@/api/types';
import { ErrorNotice } from '@/part/ErrorNotice';
import type { FileItem } from './files';
import { FileList } from './FileList';
import { FileButtons, UploadList, useDrop } from './UploadRow';
import { useUploads } from './useUploads';

/** All files of a record, on its timeline or straight on it; more can be dropped here. */
export function Files({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['files', entity.plural, record.id], queryFn: () => api.get<{ data: FileItem[]; more: boolean; may_delete: boolean }>(`/${entity.plural}/${record.id}/files`),
  });
  const uploads = useUploads(entity.plural, record.id);
  const take = (files: File[]) => void uploads.add(files).then(uploads.refresh);
  const drop = useDrop(take);
  const going = uploads.uploads.filter(({ done }) => !done);
  return (
    <section className="section" {...drop}>
      <div className="section-head">
        <h2>{t('file.attached')}</h2>
        {data && data.data.length > 0 && <span className="t3 small-text">{data.data.length}{data.more ? '+' : ''}</span>}
        <span className="grow" />
        <FileButtons onFiles={take} />
      </div>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <UploadList uploads={going} remove={uploads.remove} retry={uploads.retry} />
      {data && data.data.length > 0 && <FileList files={data.data} mayDelete={data.may_delete} />}
      {data && data.data.length === 0 && going.length === 0 && <p className="files-drop">{t('file.none')}</p>}
      {data?.more && <p className="t3 small-text">{t('file.only_newest')}</p>}
    </section>
  );
}
