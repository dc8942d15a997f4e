import { afterEach, expect, it, vi } from 'vitest';
import { bulk, undoBulk } from './records';

afterEach(() => vi.unstubAllGlobals());

it('a bulk change goes on until nothing remains and adds up what was done', async () => {
  const asked: string[] = [];
  const failure = { id: '9', code: 'access.denied', message: '没有权限' };
  const answers = [
    { matched: 1200, changed: 500, remaining: 700, failed: [], undo: '77' },
    { matched: 700, changed: 497, remaining: 200, held: 2, failed: [failure], undo: '77' },
    { matched: 200, changed: 200, remaining: 0, failed: [], undo: '77' },
  ];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return new Response(JSON.stringify(answers.shift()));
  });
  const result = await bulk('leads', { action: 'update', changes: { source: 'x' } });
  expect(asked).toEqual(['/api/v1/leads/bulk', '/api/v1/bulk/77/continue', '/api/v1/bulk/77/continue']);
  expect(result).toEqual({ id: '77', total: 1200, done: 1200, changed: 1197, held: 2, failed: [failure] });
});

it('a bulk change stops where it is told to, and its undo counts what it takes back', async () => {
  const answers = [
    { matched: 1200, changed: 500, remaining: 700, failed: [], undo: '77' },
    { matched: 500, changed: 500, remaining: 0, failed: [], undo: '77' },
  ];
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(answers.shift())));
  const seen: number[] = [];
  const stopped = await bulk('leads', { action: 'delete' }, ({ done }) => { seen.push(done); return false; });
  expect(seen).toEqual([500]);
  expect(stopped).toMatchObject({ total: 1200, done: 500, changed: 500 });
  expect(await undoBulk('77')).toEqual({ id: '77', total: 500, done: 500, changed: 500, held: 0, failed: [] });
});
