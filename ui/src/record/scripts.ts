import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';

/** A script that suits a record, its words filled in. */
export interface Suggestion {
  id: string;
  title: string;
  scene: string;
  objection: string;
  text: string;
  /** Placeholders that could not be filled; they stand as 【…】. */
  missing: number;
  tip: string;
  favourite: boolean;
  used: number;
  judged: number;
  reasons: string[];
}

/** They follow what was said: whatever changes the timeline asks for them anew. */
export const useSuggestions = (plural: string, id: string, limit: number) => useQuery({
  queryKey: ['timeline', plural, id, 'scripts', limit], queryFn: () => api.get<{ data: Suggestion[]; fitting: number }>(`/${plural}/${id}/scripts`, { limit }),
  placeholderData: (previous) => previous,
});

export const useTypes = ['message', 'call', 'visit', 'mail'] as const;
export type UseType = (typeof useTypes)[number];

/** Writes down that a script was used: on the timeline, and for the script. */
export function useScriptUse(entity: { name: string; plural: string }, id: string) {
  const client = useQueryClient();
  const refresh = () => Promise.all([
    client.invalidateQueries({ queryKey: ['timeline', entity.plural, id] }), client.invalidateQueries({ queryKey: ['records', entity.plural] }),
    client.invalidateQueries({ queryKey: ['scripts'] }),
  ]);
  const use = useMutation({
    mutationFn: ({ script, text, type }: { script: string; text: string; type: UseType }) =>
      api.post<{ id: string; activity_id: string }>(`/scripts/${script}/use`, { entity: entity.name, id, text, type }),
    onSuccess: () => void refresh(),
  });
  return { use, refresh };
}

/** The words cut at what is still to be filled in. */
export function gapsOf(text: string): { text: string; gap: boolean }[] {
  return text.split(/(【[^】]*】|\{\{[^}]*\}\})/).filter((part) => part !== '').map((part) => ({ text: part, gap: /^(?:【|\{\{)/.test(part) }));
}
