import { useState } from 'react';
import { Button, Input, Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useAllRecords, useRecordPages } from '@/api/records';
import { useMay } from '@/api/session';
import type { Condition, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { useErrorText } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';
import { TableScroll } from '@/part/TableScroll';

function skillsOf(user: RecordRow): string[] {
  return Array.isArray(user.skills) ? user.skills.map(String) : [];
}

/** What people can do and when they work, as rules ask it; leave is kept in a list of its own. */
export function Skills() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const errorText = useErrorText();
  const may = useMay()('users:manage');
  const leaves = useModel().named('user_leave');
  const [words, setWords] = useState('');
  const active = { field: 'active', op: 'eq', value: true };
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useRecordPages('users', { limit: 60, sort: 'name', where: (words.trim() ? { all: [active, { field: 'name', op: 'contains', value: words.trim() }] } : active) as Condition });
  const today = format.dayKey(new Date());
  const { data: away } = useAllRecords('user_leaves', { sort: 'last_date', where: { field: 'last_date', op: 'gte', value: today } as Condition }, !!leaves);
  const save = useMutation({
    mutationFn: ({ user, change }: { user: RecordRow; change: Record<string, unknown> }) => patchRecord('users', user.id, user.version, change),
    onError: (error) => message.error(errorText(error)),
    onSettled: () => refreshRecords(client, 'users'),
  });
  const users = data?.pages.flatMap((page) => page.data) ?? [];
  const all = [...new Set(users.flatMap(skillsOf))].sort().map((value) => ({ value, label: value }));
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('assignment.people_head')}</h2><span className="grow" />
        {leaves && <Link className="small-text" to="/settings/leaves">{t('assignment.leaves')}</Link>}
      </div>
      <p className="t2 dense">{t('assignment.people_hint')}</p>
      <Input className="settings-search" allowClear aria-label={t('assignment.find_person')} placeholder={t('assignment.find_person')} value={words} onChange={(event) => setWords(event.target.value)} />
      {!data && <SkeletonRows count={4} />}
      <TableScroll label={t('assignment.people_head')}>
        <table className="plain-table skills-table">
          <thead><tr><th>{t('assignment.person')}</th><th>{t('assignment.skills')}</th><th>{t('assignment.work_hours')}</th><th>{t('assignment.away')}</th></tr></thead>
          <tbody>
            {users.map((user) => {
              const leave = away?.data.find((row) => row.user_id === user.id);
              const name = String(user.name);
              return (
                <tr key={user.id}>
                  <th scope="row">{name}</th>
                  <td>
                    {may
                      ? <Select mode="tags" className="full-width" aria-label={t('assignment.skills_of', { name })} value={skillsOf(user)} options={all} placeholder={nothing} onChange={(skills: string[]) => save.mutate({ user, change: { skills } })} />
                      : skillsOf(user).join(t('condition.comma')) || nothing}
                  </td>
                  <td>
                    {may
                      ? <Input
                          key={String(user.work_hours)} className="skills-hours" aria-label={t('assignment.hours_of', { name })} placeholder={t('assignment.company_hours')} maxLength={11} defaultValue={String(user.work_hours ?? '')}
                          onBlur={({ target }) => { if (target.value !== String(user.work_hours ?? '')) save.mutate({ user, change: { work_hours: target.value || null } }); }}
                        />
                      : String(user.work_hours ?? nothing)}
                  </td>
                  <td className="nowrap t2">{leave ? t('assignment.away_until', { from: format.date(String(leave.first_date)), until: format.date(String(leave.last_date)) }) : nothing}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableScroll>
      {hasNextPage && <div><Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('settings.more')}</Button></div>}
    </section>
  );
}
