import { useQuery } from '@tanstack/react-query';
import { api } from './client';
import { useMay } from './session';

export interface SampleState {
  present: boolean;
  made_at: string | null;
  removed?: number;
}

export const sampleKey = ['sample'];

/** Whether the records of the sample company are there; asked only by who may take them away. */
export function useSample() {
  const may = useMay();
  return useQuery({ queryKey: sampleKey, queryFn: () => api.get<SampleState>('/sample'), enabled: may('settings:manage'), staleTime: 600_000 });
}
