import { Image } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { offerUndo } from '@/app/undo';
import { message } from '@/app/say';
import { useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { contentOf, sizeText, type FileItem } from './files';
import './follow.css';

interface Props {
  files: FileItem[];
  /** The reader may delete what others attached. */
  mayDelete?: boolean;
}

/** Deletes a file, offering to bring it back. */
function useDelete(): (file: FileItem) => void {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: ['timeline'] }), client.invalidateQueries({ queryKey: ['files'] })]);
  return (file) => {
    api.delete(`/files/${file.id}`).then(async () => {
      await refresh();
      offerUndo(t('file.deleted', { name: file.name }), async () => {
        await api.post(`/files/${file.id}/restore`);
        await refresh();
      });
    }).catch((error: unknown) => message.error(errorText(error)));
  };
}

/** Pictures small, to be opened large; other files by name, to be saved. */
export function FileList({ files, mayDelete }: Props) {
  const { t } = useTranslation();
  const remove = useDelete();
  const pictures = files.filter(({ shown }) => shown);
  const others = files.filter(({ shown }) => !shown);
  const remover = (file: FileItem) => (file.mine || mayDelete) && (
    <button type="button" className="file-remove" aria-label={t('file.delete', { name: file.name })} onClick={() => remove(file)}><Icon name="close" size={12} /></button>
  );
  return (
    <div className="files">
      {pictures.length > 0 && (
        <Image.PreviewGroup>
          <ul className="file-pictures">
            {pictures.map((file) => (
              <li key={file.id} title={`${file.name} · ${sizeText(file.size)}`}>
                <Image src={contentOf(file)} alt={file.name} width={88} height={66} loading="lazy" />
                {remover(file)}
              </li>
            ))}
          </ul>
        </Image.PreviewGroup>
      )}
      {others.length > 0 && (
        <ul className="file-names">
          {others.map((file) => (
            <li key={file.id}>
              <Icon name={file.kind === 'audio' ? 'microphone' : 'document'} size={14} />
              <a className="ellipsis" href={contentOf(file, true)} download={file.name}>{file.name}</a>
              <span className="t3 small-text nowrap">{sizeText(file.size)}</span>
              {remover(file)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
