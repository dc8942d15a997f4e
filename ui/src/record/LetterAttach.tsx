import { Select } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity, RecordRow } from '@/api/types';
import { Icon } from '@/part/Icon';
import { sizeText, type FileItem } from './files';
import { lettersMost, type MailFile } from './letters';
import { FileButtons, UploadList } from './UploadRow';
import type { Uploads } from './useUploads';
import './follow.css';

/** A file that is there already, of the record or of a mail. */
export interface KnownFile {
  id: string;
  name: string;
  size: number;
}

export const knownOf = (files: MailFile[]): KnownFile[] => files.flatMap(({ id, name, size }) => (id ? [{ id, name, size }] : []));

interface Props {
  entity: Entity;
  record: RecordRow;
  uploads: Uploads;
  chosen: KnownFile[];
  onChosen: (files: KnownFile[]) => void;
  /** Of the mail that is answered. */
  offered: KnownFile[];
  error: string | undefined;
}

/** What goes along with a letter: new files, those of the record, those of the mail it answers. */
export function LetterAttach({ entity, record, uploads, chosen, onChosen, offered, error }: Props) {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ['files', entity.plural, record.id], queryFn: () => api.get<{ data: FileItem[] }>(`/${entity.plural}/${record.id}/files`) });
  const has = (id: string) => chosen.some((file) => file.id === id);
  const there = (data?.data ?? []).filter(({ id }) => !has(id));
  const missing = offered.filter(({ id }) => !has(id));
  const bytes = [...chosen.map(({ size }) => size), ...uploads.uploads.map(({ done, file }) => done?.size ?? file.size)].reduce((sum, size) => sum + size, 0);
  return (
    <div className="letter-files" role="group" aria-label={t('letter.attachments')}>
      <div className="row wrap">
        <FileButtons onFiles={(files) => void uploads.add(files)} />
        {missing.length > 0 && <button type="button" className="quiet-button small" onClick={() => onChosen([...chosen, ...missing])}>{t('letter.attach_original', { count: missing.length })}</button>}
        {there.length > 0 && (
          <Select
            size="small" className="letter-files-pick" aria-label={t('letter.attach_record')} placeholder={t('letter.attach_record')} value={null} showSearch={{ optionFilterProp: 'label' }}
            options={there.map(({ id, name, size }) => ({ value: id, label: `${name} · ${sizeText(size)}` }))}
            onChange={(id: string | null) => onChosen([...chosen, ...there.filter((file) => file.id === id)])}
          />
        )}
        <span className="grow" />
        {bytes > 0 && <span className={bytes > lettersMost ? 'bad small-text nowrap' : 't3 small-text nowrap'}>{sizeText(bytes)} / {sizeText(lettersMost)}</span>}
      </div>
      {chosen.length > 0 && (
        <ul className="file-names">
          {chosen.map((file) => (
            <li key={file.id}>
              <Icon name="attachment" size={13} />
              <span className="ellipsis">{file.name}</span>
              <span className="t3 small-text nowrap">{sizeText(file.size)}</span>
              <button type="button" className="file-remove" aria-label={t('file.delete', { name: file.name })} onClick={() => onChosen(chosen.filter(({ id }) => id !== file.id))}><Icon name="close" size={12} /></button>
            </li>
          ))}
        </ul>
      )}
      <UploadList uploads={uploads.uploads} remove={uploads.remove} retry={uploads.retry} />
      {error && <p className="bad small-text" role="alert">{error}</p>}
      {bytes > lettersMost && !error && <p className="bad small-text" role="alert">{t('letter.files_most', { size: sizeText(lettersMost) })}</p>}
    </div>
  );
}
