import { beforeEach, describe, expect, it } from 'vitest';
import { forgetDrafts, keepDraft, keptDraft } from './drafts';

const start = { text: '', kind: 'note' };

beforeEach(() => sessionStorage.clear());

describe('a draft', () => {
  it('waits under its own key until it is dropped', () => {
    keepDraft('leads/1', { text: '周五报价', kind: 'call' });
    expect(keptDraft('leads/1', start)).toEqual({ text: '周五报价', kind: 'call' });
    expect(keptDraft('leads/2', start)).toEqual(start);
    keepDraft('leads/1', null);
    expect(keptDraft('leads/1', start)).toEqual(start);
  });

  it('takes what an older program did not keep from the start, and nothing from what is broken', () => {
    sessionStorage.setItem('guantong.draft.leads/1', '{"text":"x"}');
    sessionStorage.setItem('guantong.draft.leads/2', '{"te');
    expect(keptDraft('leads/1', start)).toEqual({ text: 'x', kind: 'note' });
    expect(keptDraft('leads/2', start)).toEqual(start);
  });

  it('is forgotten with all others, and nothing else is', () => {
    sessionStorage.setItem('other', '1');
    keepDraft('leads/1', { text: 'a' });
    keepDraft('leads/2', { text: 'b' });
    forgetDrafts();
    expect(Object.keys(sessionStorage)).toEqual(['other']);
  });
});
