import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';

export interface Lost {
  id: string;
  kind: 'segment' | 'tag';
  name: string;
  why: string;
}

/** Segments and rules of tags that ask for what is no more: why, by their ids. */
export function useLost(): Map<string, string> {
  const { i18n } = useTranslation();
  const { data } = useQuery({
    queryKey: ['segments', 'lost', i18n.language], queryFn: async () => (await api.get<{ data: Lost[] }>('/lost_definitions')).data, refetchInterval: 30_000,
  });
  return new Map(data?.map(({ id, why }) => [id, why]));
}
