import { ApiError, urlOf } from '@/api/client';
import type { Problem } from '@/api/types';

/** A file attached to a record, or to an entry of its timeline. */
export interface FileItem {
  id: string;
  name: string;
  size: number;
  mime: string;
  kind: 'image' | 'document' | 'audio' | 'video' | 'archive' | 'text' | 'other';
  /** A browser may show it in a page. */
  shown: boolean;
  at: string;
  mine: boolean;
  by: { id: string | null; title: string };
  about_type: string;
  about_id: string | null;
}

/** Bytes of one file; the server refuses more. */
export const fileMost = 25 * 1024 * 1024;
/** Pictures above this many bytes or pixels on a side are made smaller before they are sent. */
const pictureBytes = 1_500_000;
const pictureSide = 2560;

export const contentOf = (file: Pick<FileItem, 'id'>, save = false) => urlOf(`/files/${file.id}/content`, save ? { save: true } : undefined);

/** How large a picture is sent: never larger than it is. */
export function scaled(width: number, height: number, side = pictureSide): { width: number; height: number } {
  const by = Math.min(1, side / Math.max(width, height));
  return { width: Math.round(width * by), height: Math.round(height * by) };
}

/** A photo as a phone makes it is many megabytes; what is sent shows as much, without place and device in it. */
async function smaller(file: File): Promise<File> {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= pictureBytes) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const { width, height } = scaled(picture.width, picture.height);
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height);
    picture.close();
    const blob = await new Promise<Blob | null>((done) => { canvas.toBlob(done, 'image/jpeg', 0.85); });
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], `${file.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' });
  } catch {
    return file;
  }
}

function problemOf(request: XMLHttpRequest): Problem {
  try {
    return { ...(JSON.parse(request.responseText) as Problem), status: request.status };
  } catch {
    return { type: request.status === 0 ? 'network' : 'about:blank', title: request.statusText, status: request.status };
  }
}

/** Sends one file to where files are taken, telling how much has gone. */
export async function sendFile(path: string, file: File, onShare: (share: number) => void): Promise<FileItem> {
  const sent = await smaller(file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append('file', sent, sent.name);
    request.open('POST', urlOf(path));
    request.setRequestHeader('X-Requested-With', 'guantong');
    request.setRequestHeader('Accept-Language', document.documentElement.lang);
    request.upload.onprogress = ({ loaded, total }) => onShare(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as FileItem);
      else reject(new ApiError(problemOf(request)));
    };
    request.onerror = () => reject(new ApiError({ type: 'network', title: 'network', status: 0 }));
    request.send(body);
  });
}

/** 3,000,008 → "2.9 MB" */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
