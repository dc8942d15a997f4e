import { useQuery } from '@tanstack/react-query';
import i18next from 'i18next';
import { useModel } from '@/api/meta';
import { readPage } from '@/api/records';
import type { Condition, Entity, Page, RecordRow } from '@/api/types';

/** What tells one without a name from others, as far as the reader sees it. */
const standIns = ['company_name', 'phone', 'email', 'wechat', 'subject_id', 'person_id', 'account_id', 'lead_id'];

/** Nothing one could read: blanks, and marks that take no room. */
function isBlank(text: string): boolean {
  return text.replace(/[\s\p{Cf}\p{Cc}]/gu, '') === '';
}

function wordsOf(record: RecordRow, name: string): string {
  const reference = record._refs?.[name];
  const words = reference ? reference.title : name.endsWith('_id') ? '' : record[name];
  return typeof words === 'string' && !isBlank(words) ? words.trim() : '';
}

/** What a record is called: its name, that in the reader's language where it has several, else what stands in for it, else words that say it has none; never a number. */
export function titleOf(entity: Entity | undefined, record: RecordRow): string {
  const english = entity?.title_field === 'name' && i18next.language?.startsWith('en') ? wordsOf(record, 'name_en') : '';
  const own = english || (entity ? wordsOf(record, entity.title_field) : '');
  const found = own || standIns.map((name) => wordsOf(record, name)).find((words) => words !== '');
  if (found) return found;
  const hidden = entity && record[entity.title_field] === undefined;
  return hidden ? i18next.t('frame.name_hidden') : i18next.t('frame.unnamed', { entity: entity?.label ?? '' }).trim();
}

/** The same for what came with its title alone. */
export function spoken(title: string | null | undefined): string {
  return title && !isBlank(title) ? title : i18next.t('frame.unnamed', { entity: '' }).trim();
}

/** The name of a record that has one in each language. */
export function nameIn(record: RecordRow, language: string): string {
  const english = language.startsWith('en') && typeof record.name_en === 'string' && record.name_en !== '' ? record.name_en : null;
  return english ?? String(record.name ?? '');
}

/** Names in the order a company gave them; stages of several pipelines stand together, each with its pipeline. */
function inOrder(rows: RecordRow[]): { record: RecordRow; of: string }[] {
  const all = rows.map((record) => ({ record, of: record._refs?.pipeline_id?.title ?? '' }));
  const groups = [...new Set(all.map(({ of }) => of))];
  if (groups.length < 2) return all.map(({ record }) => ({ record, of: '' }));
  return all.sort((one, other) => groups.indexOf(one.of) - groups.indexOf(other.of));
}

export interface Candidate {
  id: string;
  label: string;
}

/** Where a record stands under others of its type, as far as they are among these: 华东区 / 大客户部. */
function pathOf(record: RecordRow, among: Map<string, RecordRow>): string {
  const above = record._refs?.parent_id;
  const parent = above ? among.get(above.id) : undefined;
  const way = parent ? pathOf(parent, among) : '';
  return [way, above?.title ?? ''].filter(Boolean).join(' / ');
}

/** Records with what tells namesakes apart: the login of a user, the pipeline of a stage, what a department is part of. */
export function toldApart(entity: Entity | undefined, rows: RecordRow[]): Candidate[] {
  const among = new Map(rows.map((record) => [record.id, record]));
  const asides = ['login', 'pipeline_id', 'region', 'phone'];
  return rows.map((record) => {
    const aside = pathOf(record, among) || asides.map((name) => wordsOf(record, name)).find(Boolean) || '';
    const title = titleOf(entity, record);
    return { id: record.id, label: aside && aside !== title ? `${title} · ${aside}` : title };
  });
}

/** The first records of a type whose name has the words typed; in the company's order where it has given them one. */
export function candidatesOf(entity: Entity | undefined, words: string) {
  const ordered = entity?.fields.some(({ name, sortable }) => name === 'position' && sortable) ?? false;
  const where: Condition | null = entity && words
    ? { field: entity.title_field, op: 'contains', value: words }
    : null;
  return {
    queryKey: ['records', entity?.plural ?? '', 'list', 'candidates', words],
    queryFn: () => readPage(entity?.plural ?? '', ordered ? { where, sort: 'position', limit: 200 } : { where, limit: 20 }),
    placeholderData: (previous: Page<RecordRow> | undefined) => previous,
  };
}

/** The last of the choices where there are more than are shown: that the rest is found by typing. */
export const moreByTyping = (more: boolean) => (more ? [{ value: '', label: i18next.t('frame.more_by_typing'), disabled: true }] : []);

/** Records of a type whose name has the words typed, for choosing a reference. */
export function useCandidates(target: string | undefined, words: string, enabled: boolean) {
  const entity = useModel().named(target);
  return useQuery({
    ...candidatesOf(entity, words),
    enabled: enabled && !!entity,
    select: (page) => [...inOrder(page.data).map(({ record, of }) => {
      const name = titleOf(entity, record);
      return { value: record.id, label: of ? `${name} · ${of}` : name };
    }), ...moreByTyping(page.next !== null)],
  });
}
