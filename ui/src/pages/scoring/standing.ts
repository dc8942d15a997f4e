import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

/** A part of a card that asks for a field or choice that is no more; rule: empty for whom the card is meant for. */
export interface Broken {
  rule: string;
  name: string;
  why: string;
}

export interface Standing {
  card_id: string;
  low: number;
  middle: number;
  high: number;
  at_work: boolean;
  broken: Broken[];
}

/** How many stand in which tier by each card, and what of it is broken; asked again while scores are made anew. */
export function useStandings(): Standing[] | undefined {
  return useQuery({
    queryKey: ['score_standing'], queryFn: () => api.get<{ data: Standing[] }>('/score_cards/standing'),
    refetchInterval: (query) => (query.state.data?.data.some(({ at_work: working }) => working) ? 2000 : false),
  }).data?.data;
}
