import type { Reason } from '@/condition/Reasons';
import { useEffect, useState } from 'react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Condition, RecordRow } from '@/api/types';

export interface SegmentRow extends RecordRow {
  name: string;
  description: string | null;
  entity_name: string;
  kind: 'live' | 'static';
  condition: Condition | null;
}

export interface SegmentTotal {
  id: string;
  members: number;
  week_ago: number | null;
  /** Whether its size over time may be seen. */
  sized: boolean;
  filling: boolean;
}

export interface Preview {
  count: number;
  microseconds: number;
  words: string;
  sample: RecordRow[];
}

export interface SizeDay {
  day: string;
  members: number;
  entered: number;
  left: number;
}

export interface Why {
  member: boolean;
  since: string | null;
  next: string | null;
  why: Reason | null;
}

/** Where the numbers move by themselves: read again every few seconds while a segment is filled. */
export function useSegmentTotals() {
  return useQuery({
    queryKey: ['segments', 'totals'],
    queryFn: async () => (await api.get<{ data: SegmentTotal[] }>('/segments/totals')).data,
    refetchInterval: (query) => (query.state.data?.some(({ filling }) => filling) ? 2000 : 30_000),
  });
}

/** The value, once it has stood still for a moment. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function usePreview(entityName: string, condition: Condition | null) {
  const { i18n } = useTranslation();
  const text = useSettled(JSON.stringify(condition), 250);
  return useQuery({
    queryKey: ['segments', 'preview', entityName, text, i18n.language],
    queryFn: () => api.post<Preview>('/segments/preview', { entity_name: entityName, condition: JSON.parse(text) as Condition | null }),
    placeholderData: keepPreviousData, retry: false,
  });
}

export function useSize(id: string, enabled: boolean) {
  return useQuery({ queryKey: ['segments', 'size', id], enabled, retry: false, queryFn: () => api.get<{ today: string; before: number; data: SizeDay[] }>(`/segments/${id}/size`, { days: 90 }) });
}

export function useWhy(id: string, record: string | null) {
  const { i18n } = useTranslation();
  return useQuery({ queryKey: ['segments', 'why', id, record, i18n.language], enabled: record !== null, retry: false, queryFn: () => api.get<Why>(`/segments/${id}/why`, { record: record ?? '' }) });
}

/** The size on every day of the span: what is not told is as on the day before. */
export function dailySizes(before: number, told: SizeDay[], days: string[]): number[] {
  const byDay = new Map(told.map((one) => [one.day, one.members]));
  let size = before;
  return days.map((day) => {
    size = byDay.get(day) ?? size;
    return size;
  });
}

/** The last so many days up to this one, as dates. */
export function lastDays(today: string, n: number): string[] {
  const last = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: n }, (_, index) => new Date(last - (n - 1 - index) * 86_400_000).toISOString().slice(0, 10));
}
