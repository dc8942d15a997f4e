import { useQuery } from '@tanstack/react-query';
import { useModel } from '@/api/meta';
import { readPage } from '@/api/records';
import type { Condition, Entity, RecordRow } from '@/api/types';

/** What a record is called. */
export function titleOf(entity: Entity | undefined, record: RecordRow): string {
  const title = entity ? record[entity.title_field] : undefined;
  return typeof title === 'string' && title !== '' ? title : `#${record.id}`;
}

/** Records of a type whose name has the words typed, for choosing a reference. */
export function useCandidates(target: string | undefined, words: string, enabled: boolean) {
  const entity = useModel().named(target);
  const where: Condition | null = entity && words
    ? { field: entity.title_field, op: 'contains', value: words }
    : null;
  return useQuery({
    queryKey: ['records', entity?.plural ?? '', 'list', 'candidates', words],
    queryFn: () => readPage(entity?.plural ?? '', { where, limit: 20 }),
    enabled: enabled && !!entity,
    placeholderData: (previous) => previous,
    select: (page) => page.data.map((record) => ({ value: record.id, label: titleOf(entity, record) })),
  });
}
