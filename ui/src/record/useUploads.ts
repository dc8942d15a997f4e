import { useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { useErrorText } from '@/part/ErrorNotice';
import { fileMost, sendFile, sizeText, type FileItem } from './files';

/** A file on its way to a record. */
export interface Upload {
  key: number;
  file: File;
  /** 0 … 1 */
  share: number;
  done: FileItem | null;
  error: string | null;
  /** The file itself will not do: trying again is no use. */
  refused?: boolean;
}

/** Where files are sent, and thrown away again. */
interface UploadPlace {
  send: string;
  remove: string;
}

const most = 20;

/** Files are sent as soon as they are chosen; what they hang on is told when it is written. */
export function useUploads(plural: string, id: string, place: UploadPlace = { send: `/${plural}/${id}/files`, remove: '/files' }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const counter = useRef(0);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const set = (key: number, part: Partial<Upload>) => setUploads((before) => before.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const refresh = () => Promise.all([
    client.invalidateQueries({ queryKey: ['files', plural, id] }), client.invalidateQueries({ queryKey: ['timeline', plural, id] }),
  ]);
  const send = async ({ key, file }: Upload) => {
    set(key, { error: null, share: 0 });
    if (file.size > fileMost && !file.type.startsWith('image/')) {
      set(key, { error: t('file.too_large', { size: sizeText(fileMost) }), refused: true });
      return;
    }
    try {
      const done = await sendFile(place.send, file, (share) => set(key, { share }));
      set(key, { done, share: 1 });
    } catch (error) {
      set(key, { error: errorText(error), refused: error instanceof ApiError && (error.status === 413 || error.status === 422) });
    }
  };
  const add = (files: Iterable<File>) => {
    const fresh = [...files].slice(0, most).map((file): Upload => {
      counter.current += 1;
      return { key: counter.current, file, share: 0, done: null, error: null };
    });
    setUploads((before) => [...before, ...fresh]);
    return Promise.all(fresh.map(send));
  };
  const remove = (upload: Upload) => {
    setUploads((before) => before.filter(({ key }) => key !== upload.key));
    if (upload.done) void api.delete(`${place.remove}/${upload.done.id}`).then(refresh);
  };
  /** Takes what arrived to the entry they belong to. */
  const hang = async (kind: 'activity' | 'task', entry: string) => {
    const arrived = uploads.flatMap(({ done }) => (done ? [done] : []));
    await Promise.all(arrived.map((file) => api.patch(`/files/${file.id}`, { about_type: kind, about_id: entry })));
    setUploads([]);
  };
  return { uploads, add, remove, retry: send, hang, refresh, clear: () => setUploads([]), busy: uploads.some(({ done, error }) => !done && !error) };
}

export type Uploads = ReturnType<typeof useUploads>;
