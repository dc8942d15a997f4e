import { describe, expect, it } from 'vitest';
import { namedIn, subjectOf, withPictures, type MailFile } from './letters';

const picture: MailFile = { id: '1', name: 'a.gif', type: 'image/gif', size: 3, kind: 'image', shown: true, inside: true, content_id: 'a&b@x' };

describe('letters', () => {
  it('marks a subject once', () => {
    expect(subjectOf('报价', 'Re')).toBe('Re: 报价');
    expect(subjectOf('回复：报价', 'Re')).toBe('回复：报价');
    expect(subjectOf('RE: x', 'Re')).toBe('RE: x');
    expect(subjectOf('Re: x', 'Fwd')).toBe('Fwd: Re: x');
    expect(subjectOf('转发: x', 'Fwd')).toBe('转发: x');
  });
  it('puts the pictures that came along where the text names them, and drops the others', () => {
    const html = 'a<img src="cid:a&amp;b@x">b<img src="cid:gone@x">c';
    expect(withPictures(html, new Map([['a&b@x', 'data:image/gif;base64,AA']]))).toBe('a<img alt="" src="data:image/gif;base64,AA">bc');
    expect(namedIn(html, picture)).toBe(true);
    expect(namedIn('a', picture)).toBe(false);
  });
});
