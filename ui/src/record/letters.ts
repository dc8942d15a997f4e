import { urlOf } from '@/api/client';

/** What hangs on a mail; without an id it was named and not kept. */
export interface MailFile {
  id: string | null;
  name: string;
  type: string;
  size: number;
  kind: 'image' | 'document' | 'audio' | 'video' | 'archive' | 'text' | 'other';
  /** A browser may show it in a page. */
  shown: boolean;
  /** A picture of the text, which it names by its content id. */
  inside: boolean;
  content_id: string;
}

/** Bytes of all files of one mail together; the server refuses more. */
export const lettersMost = 25 * 1024 * 1024;

export const contentOfMail = (mail: string, file: string | null, save = false) => urlOf(`/correspondence/${mail}/files/${file ?? ''}/content`, save ? { save: true } : undefined);

/** The subject of an answer or of a mail sent on, with its mark once. */
export function subjectOf(subject: string, mark: 'Re' | 'Fwd'): string {
  const known = mark === 'Re' ? /^(re|回复|答复)\s*[:：]/i : /^(fwd?|转发)\s*[:：]/i;
  return known.test(subject) ? subject : `${mark}: ${subject}`;
}

/** The HTML with its pictures in it, as far as they came along; of the others nothing is left. */
export function withPictures(html: string, pictures: Map<string, string>): string {
  return html.replace(/<img src="cid:([^"]*)">/g, (_whole, id: string) => {
    const data = pictures.get(id.replaceAll('&amp;', '&'));
    return data ? `<img alt="" src="${data}">` : '';
  });
}

/** Whether a picture of the text is shown where the text names it. */
export const namedIn = (html: string, file: MailFile) => file.inside && file.content_id !== '' && html.includes(`src="cid:${file.content_id.replaceAll('&', '&amp;')}"`);
