import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

export type BlockType = 'heading' | 'text' | 'button' | 'image' | 'divider';

export interface Block {
  type: BlockType;
  text?: string;
  url?: string;
  alt?: string;
  link?: string;
}

export interface Draft {
  name: string;
  topic: string;
  language: string;
  subject: string;
  preheader: string;
  blocks: Block[];
}

export const startBlocks: Record<BlockType, Block> = {
  heading: { type: 'heading', text: '' }, text: { type: 'text', text: '' }, button: { type: 'button', text: '', url: 'https://' },
  image: { type: 'image', url: 'https://', alt: '' }, divider: { type: 'divider' },
};
export const blockTypes = Object.keys(startBlocks) as BlockType[];

/** A block a place up (-1) or down (1). */
export function moved(blocks: Block[], index: number, step: -1 | 1): Block[] {
  const block = blocks[index];
  const target = index + step;
  if (!block || target < 0 || target >= blocks.length) return blocks;
  const rest = blocks.filter((_, at) => at !== index);
  return [...rest.slice(0, target), block, ...rest.slice(target)];
}

/** What may go to the preview: blocks that somebody has begun to fill. */
export function filled(blocks: Block[]): Block[] {
  return blocks.filter(({ type, text, url }) => {
    if (type === 'divider') return true;
    const address = /^https?:\/\/\S{3,}/.test(url ?? '');
    return type === 'image' ? address : (text ?? '').trim() !== '' && (type !== 'button' || address);
  });
}

export interface Preview {
  subject: string;
  html: string;
  text: string;
}

export function useMergeFields() {
  return useQuery({ queryKey: ['mail', 'fields'], queryFn: async () => (await api.get<{ data: { name: string; label: string }[] }>('/mail/merge_fields')).data, staleTime: 300_000 });
}

export interface Send {
  id: string;
  person_id: string | null;
  person: string;
  name: string;
  step: string;
  at: string;
  state: 'waiting' | 'queued' | 'sent' | 'not_sent';
  reason: string;
  why: string;
  opened_at: string | null;
  clicked_at: string | null;
  machine_at: string | null;
  bounced_at: string | null;
  unsubscribed_at: string | null;
  unsure: boolean;
}

export interface Policy {
  per_day: number;
  per_week: number;
  quiet_from: number;
  quiet_to: number;
  account: boolean;
  public_url: boolean;
  waiting: number;
}
