import { useCallback } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { readPage, recordKeys, refreshRecords } from '@/api/records';
import { useSession } from '@/api/session';
import type { Condition, Entity, Field, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { patchSeen } from '@/field/patchSeen';
import { titleOf } from '@/field/references';
import { useFormat } from '@/format/useFormat';
import { useErrorText } from '@/part/ErrorNotice';
import { movedTo, whereInView } from './calendar';

/** So many records are drawn; who has more in view narrows the list. */
const pageSize = 200;
const pagesMost = 3;

interface InView {
  records: RecordRow[];
  more: boolean;
}

async function readDays(plural: string, where: Condition, sort: string): Promise<InView> {
  const records: RecordRow[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMost; page += 1) {
    const next = await readPage(plural, { where, sort, limit: pageSize }, cursor);
    records.push(...next.data);
    cursor = next.next;
    if (!cursor) break;
  }
  return { records, more: cursor !== null };
}

/** The records of the days in view, and moves to another day that show at once and can be taken back. */
export function useCalendar(entity: Entity, field: Field, days: string[], where: Condition | null) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const errorText = useErrorText();
  const { company } = useSession();
  const asked = whereInView(field, days[0] ?? '', days.at(-1) ?? '', company.time_zone, where);
  const { plural } = entity;
  const key = [...recordKeys.calendar(plural), field.name, asked];
  const query = useQuery({ queryKey: key, queryFn: () => readDays(plural, asked, field.name), placeholderData: (before) => before });

  const put = (id: string, change: (record: RecordRow) => RecordRow) => client.setQueriesData<InView>(
    { queryKey: [...recordKeys.calendar(plural), field.name] },
    (view) => view && { ...view, records: view.records.map((record) => (record.id === id ? change(record) : record)) },
  );
  const write = async (record: RecordRow, value: unknown) => {
    put(record.id, (shown) => ({ ...shown, [field.name]: value }));
    const saved = await patchSeen(plural, record, { [field.name]: value });
    put(record.id, () => saved);
    void refreshRecords(client, plural);
    return saved;
  };
  const { mutate } = useMutation({
    mutationFn: async ({ record, day }: { record: RecordRow; day: string }) => {
      const saved = await write(record, movedTo(record, field, day, company.time_zone));
      offerUndo(t('calendar.moved', { record: titleOf(entity, record), day: format.spokenDay(day) }), () => write(saved, record[field.name]));
    },
    onError: (error) => {
      message.error(errorText(error));
      void refreshRecords(client, plural);
    },
  });
  const move = useCallback((record: RecordRow, day: string) => mutate({ record, day }), [mutate]);
  return { ...query, move, asked };
}
