import { createContext, useContext } from 'react';
import type { Entity, RecordRow } from '@/api/types';

export interface CreateRequest {
  entity: Entity;
  /** Values the form begins with. */
  values?: Record<string, unknown>;
  /** Called with the new record; without it the record is opened. */
  onCreated?: (record: RecordRow) => void;
}

export const CreateContext = createContext<(request: CreateRequest) => void>(() => undefined);

/** Opens the form for a new record from anywhere. */
export function useCreate(): (request: CreateRequest) => void {
  return useContext(CreateContext);
}
