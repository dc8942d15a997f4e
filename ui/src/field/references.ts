import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { readPage } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';

/** What a record is called. */
export function titleOf(entity: Entity | undefined, record: RecordRow): string {
  const title = entity ? record[entity.title_field] : undefined;
  return typeof title === 'string' && title !== '' ? title : `#${record.id}`;
}

/** The name of a record that has one in each language. */
export function nameIn(record: RecordRow, language: string): string {
  const english = language.startsWith('en') && typeof record.name_en === 'string' && record.name_en !== '' ? record.name_en : null;
  return english ?? String(record.name ?? '');
}

/** Records of a type whose name has the words typed, for choosing a reference. */
export function useCandidates(target: string | undefined, words: string, enabled: boolean) {
  const { i18n } = useTranslation();
  const entity = useModel().named(target);
  const where: Condition | null = entity && words
    ? { field: entity.title_field, op: 'contains', value: words }
    : null;
  return useQuery({
    queryKey: ['records', entity?.plural ?? '', 'list', 'candidates', words],
    queryFn: () => readPage(entity?.plural ?? '', { where, limit: 20 }),
    enabled: enabled && !!entity,
    placeholderData: (previous) => previous,
    select: (page) => page.data.map((record) => ({ value: record.id, label: typeof record.name_en === 'string' ? nameIn(record, i18n.language) : titleOf(entity, record) })),
  });
}
