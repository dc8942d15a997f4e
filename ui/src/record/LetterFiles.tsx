import { useState } from 'react';
import { Image } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { sizeText } from './files';
import { contentOfMail, type MailFile } from './letters';
import './follow.css';

interface Props {
  mail: string;
  files: MailFile[];
  /** The record a file may be put on. */
  on?: { entity: Entity; record: RecordRow };
}

/** Files of a mail: pictures small, others by name, to be saved or put among the record's own. */
export function LetterFiles({ mail, files, on }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [put, setPut] = useState<string[]>([]);
  const attach = async (file: MailFile) => {
    try {
      await api.post(`/correspondence/${mail}/files/${file.id}/attach`, { entity: on?.entity.name, record: on?.record.id });
      setPut((before) => [...before, file.id ?? '']);
      message.info(t('letter.file_put', { name: file.name }));
      await Promise.all([client.invalidateQueries({ queryKey: ['files'] }), client.invalidateQueries({ queryKey: ['timeline'] })]);
    } catch (error) {
      message.error(errorText(error));
    }
  };
  const putter = (file: MailFile) => on && file.id && !put.includes(file.id) && (
    <button type="button" className="link small-text nowrap" aria-label={t('letter.file_put_one', { name: file.name })} onClick={() => void attach(file)}>{t('letter.file_put_short')}</button>
  );
  const pictures = files.filter(({ shown, id }) => shown && id);
  const others = files.filter((file) => !pictures.includes(file));
  return (
    <div className="files">
      {pictures.length > 0 && (
        <Image.PreviewGroup>
          <ul className="file-pictures">
            {pictures.map((file) => <li key={file.id} title={`${file.name} · ${sizeText(file.size)}`}><Image src={contentOfMail(mail, file.id)} alt={file.name} width={88} height={66} loading="lazy" /></li>)}
          </ul>
        </Image.PreviewGroup>
      )}
      <ul className="file-names">
        {others.map((file, index) => (
          <li key={file.id ?? index}>
            <Icon name={file.kind === 'audio' ? 'microphone' : 'document'} size={14} />
            {file.id
              ? <a className="ellipsis" href={contentOfMail(mail, file.id, true)} download={file.name}>{file.name}</a>
              : <span className="ellipsis t3" title={t('letter.file_not_kept')}>{file.name || '—'}</span>}
            <span className="t3 small-text nowrap">{sizeText(file.size)}</span>
            {!file.id && <span className="t3 small-text">{t('letter.file_not_kept')}</span>}
            {putter(file)}
          </li>
        ))}
      </ul>
    </div>
  );
}
