import { useRef, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useSize } from '@/app/preferences';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { sizeText } from './files';
import type { Uploads } from './useUploads';
import './follow.css';

/** Chooses files; on a phone beside it the camera. */
export function FileButtons({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const any = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const chosen = (input: HTMLInputElement) => {
    onFiles([...(input.files ?? [])]);
    input.value = '';
  };
  return (
    <>
      <input ref={any} type="file" multiple hidden aria-label={t('file.attach')} onChange={(event) => chosen(event.target)} />
      <IconButton icon="attachment" small={!phone} label={t('file.attach')} onClick={() => any.current?.click()} />
      {phone && (
        <>
          <input ref={camera} type="file" accept="image/*" capture="environment" hidden aria-label={t('file.camera')} onChange={(event) => chosen(event.target)} />
          <IconButton icon="camera" label={t('file.camera')} onClick={() => camera.current?.click()} />
        </>
      )}
    </>
  );
}

/** What is on its way, what arrived, what did not and why. */
export function UploadList({ uploads, remove, retry }: Pick<Uploads, 'uploads' | 'remove' | 'retry'>) {
  const { t } = useTranslation();
  if (uploads.length === 0) return null;
  return (
    <ul className="uploads" aria-label={t('file.attached')}>
      {uploads.map((upload) => (
        <li key={upload.key}>
          <Icon name={upload.error ? 'alert' : 'attachment'} size={13} className={upload.error ? 'bad' : undefined} />
          <span className="ellipsis">{upload.done?.name ?? upload.file.name}</span>
          {upload.error ? (
            <>
              <span className="bad small-text" role="alert">{upload.error}</span>
              {!upload.refused && <button type="button" className="link small-text" onClick={() => void retry(upload)}>{t('action.retry')}</button>}
            </>
          ) : (
            <span className="t3 small-text nowrap" role="status">{upload.done ? sizeText(upload.done.size) : `${Math.round(upload.share * 100)}%`}</span>
          )}
          <button type="button" className="file-remove" aria-label={t('file.delete', { name: upload.file.name })} onClick={() => remove(upload)}><Icon name="close" size={12} /></button>
        </li>
      ))}
    </ul>
  );
}

/** Files dropped on an element. */
export function useDrop(onFiles: (files: File[]) => void) {
  return {
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes('Files')) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      onFiles([...event.dataTransfer.files]);
    },
  };
}
