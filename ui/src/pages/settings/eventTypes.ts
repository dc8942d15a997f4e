import { useCallback, useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';

/** Something the program tells of; `entity` is empty where it is about no record type. */
export interface EventType {
  type: string;
  entity: string;
  entity_label: string;
  label: string;
  /** It says which person it concerns. */
  personal: boolean;
}

/** All event types the server knows, in the reader's language. */
export function useEventTypes() {
  const { i18n } = useTranslation();
  return useQuery({
    queryKey: ['event_types', i18n.language], staleTime: 300_000,
    queryFn: async () => (await api.get<{ data: EventType[] }>('/event_types')).data,
  });
}

/** Those that lead to a record of this type, each once: as it is called of this type, else of the first that has it. */
export function followedEvents(types: EventType[], follower: string): EventType[] {
  const byType = new Map<string, EventType>();
  for (const type of types) {
    const own = type.entity === follower;
    if (own || (type.personal && !byType.has(type.type))) byType.set(type.type, type);
  }
  return [...byType.values()];
}

export interface EventGroup {
  entity: string;
  label: string;
  types: EventType[];
}

/** Event types by what they are about, in the order of the server; those about no record type last. */
export function groupEvents(types: EventType[], other: string): EventGroup[] {
  const groups = new Map<string, EventGroup>();
  for (const type of types) {
    const group = groups.get(type.entity) ?? { entity: type.entity, label: type.entity_label || other, types: [] };
    group.types.push(type);
    groups.set(type.entity, group);
  }
  return [...groups.values()].sort((a, b) => Number(a.entity === '') - Number(b.entity === ''));
}

/** The words of a type such as `lead.assigned`, or of all that begin with `lead.`; the code where it is unknown. */
export function useEventText(): (type: string) => string {
  const { t } = useTranslation();
  const { data } = useEventTypes();
  const known = useMemo(() => new Map((data ?? []).map((type) => [type.type, type])), [data]);
  return useCallback((code) => {
    const type = known.get(code);
    if (type) return type.entity_label ? `${type.entity_label} · ${type.label}` : type.label;
    const sibling = code.endsWith('.') && data?.find(({ type: other }) => other.startsWith(code));
    return sibling && sibling.entity_label ? t('webhook.all_of', { entity: sibling.entity_label }) : code;
  }, [known, data, t]);
}
