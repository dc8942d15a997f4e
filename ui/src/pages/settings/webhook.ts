import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

export interface Webhook {
  id: string;
  name: string;
  url: string;
  /** Event types; `lead.` is all that begin so, none at all is every event. */
  types: string[];
  enabled: boolean;
  created_at: string;
  delivered_at: string | null;
  failed_at: string | null;
  /** Given up since the last that arrived. */
  failures: number;
  recent: { delivered: number; dead: number; waiting: number };
}

export interface Delivery {
  id: string;
  event_id: string;
  type: string;
  state: 'pending' | 'delivered' | 'dead';
  attempts: number;
  created_at: string;
  settled_at: string | null;
  next_at: string | null;
  took_ms: number;
  why: string;
}

export const webhooksKey = ['webhooks'] as const;
const refreshMilliseconds = 3000;

export function useWebhooks() {
  return useQuery({ queryKey: webhooksKey, queryFn: async () => (await api.get<{ data: Webhook[] }>('/webhooks')).data });
}

/** The latest deliveries; read again while one is still on its way. */
export function useDeliveries(id: string) {
  return useQuery({
    queryKey: [...webhooksKey, id],
    queryFn: async () => (await api.get<{ data: Delivery[] }>(`/webhooks/${id}/deliveries`)).data,
    refetchInterval: ({ state }) => (state.data?.some((delivery) => delivery.state === 'pending') ? refreshMilliseconds : false),
  });
}

export type WebhookState = 'off' | 'failing' | 'good' | 'unused';

export function stateOf(webhook: Webhook): WebhookState {
  if (!webhook.enabled) return 'off';
  if (webhook.failures > 0) return 'failing';
  return webhook.delivered_at ? 'good' : 'unused';
}

export const stateTone: Record<WebhookState, 'idle' | 'bad' | 'ok' | 'ring'> = { off: 'idle', failing: 'bad', good: 'ok', unused: 'ring' };

/** Of the deliveries that have ended, how many failed. */
export function errorsOf({ recent }: Webhook): { failed: number; ended: number } {
  return { failed: recent.dead, ended: recent.dead + recent.delivered };
}
