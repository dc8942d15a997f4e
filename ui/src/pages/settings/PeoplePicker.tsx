import { useMemo, useState } from 'react';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAllRecords, useRecords } from '@/api/records';
import type { Condition } from '@/api/types';
import { moreByTyping } from '@/field/references';

export const peopleKinds = ['user', 'team', 'department'] as const;
export type PeopleKind = (typeof peopleKinds)[number];

/** A user, a team or a department. */
export interface People {
  kind: PeopleKind;
  id: string;
}

const plurals = { user: 'users', team: 'teams', department: 'departments' } as const;

function keyOf({ kind, id }: People): string {
  return `${kind}:${id}`;
}

function peopleOf(key: string): People {
  const [kind = 'user', id = ''] = key.split(':');
  return { kind: kind as PeopleKind, id };
}

/** The names of those chosen and of those that can be; of users the first 200 with the words typed. */
export function usePeopleNames(words: string, chosen: People[], kinds: readonly PeopleKind[] = peopleKinds) {
  const active = { field: 'active', op: 'eq', value: true };
  const users = useRecords('users', { limit: 200, where: (words ? { all: [active, { field: 'name', op: 'contains', value: words }] } : active) as Condition });
  const ids = chosen.filter(({ kind }) => kind === 'user').map(({ id }) => id);
  const known = useRecords('users', { limit: 200, where: { field: 'id', op: 'in', value: ids } as Condition }, ids.length > 0);
  const teams = useAllRecords('teams', { sort: 'name' }, kinds.includes('team'));
  const departments = useAllRecords('departments', { sort: 'name' }, kinds.includes('department'));
  const names = useMemo(() => {
    const names = new Map<string, string>();
    const add = (kind: PeopleKind, rows: { id: string; name?: unknown }[] | undefined) => rows?.forEach(({ id, name }) => names.set(keyOf({ kind, id }), String(name)));
    add('user', known.data?.data);
    add('user', users.data?.data);
    add('team', teams.data?.data);
    add('department', departments.data?.data);
    return names;
  }, [users.data, known.data, teams.data, departments.data]);
  return { names, more: typeof users.data?.next === 'string' };
}

export function nameOfPeople(names: Map<string, string>, people: People): string {
  return names.get(keyOf(people)) ?? people.id;
}

interface Props {
  label: string;
  value: People[];
  kinds?: readonly PeopleKind[];
  onChange: (people: People[]) => void;
}

/** Chooses several of them by a part of the name. */
export function PeoplePicker({ label, value, kinds = peopleKinds, onChange }: Props) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const { names, more } = usePeopleNames(words.trim(), value, kinds);
  const options = kinds.map((kind) => ({
    label: t(`people.${plurals[kind]}`), title: kind,
    options: [
      ...[...names].filter(([key]) => key.startsWith(`${kind}:`)).map(([key, name]) => ({ value: key, label: name })),
      ...moreByTyping(kind === 'user' && more),
    ],
  }));
  return (
    <Select
      mode="multiple" className="full-width" aria-label={label} optionFilterProp="label" showSearch={{ onSearch: setWords }}
      value={value.map(keyOf)} options={options} onChange={(keys: string[]) => { setWords(''); onChange(keys.map(peopleOf)); }}
    />
  );
}
