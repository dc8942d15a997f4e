import { useDeferredValue, useRef, useState, type KeyboardEvent } from 'react';
import { Button, Dropdown, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { useAllRecords } from '@/api/records';
import type { Condition, Entity } from '@/api/types';
import { useSize } from '@/app/preferences';
import { nothing } from '@/format/format';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { linesOf, narrowed, peopleOf, treeOf, type Branch } from './departments';
import { MoveDepartment } from './MoveDepartment';
import { useRemove, worthSearching } from './RecordSection';
import { SettingDrawer } from './SettingDrawer';
import './departments.css';

type Verb = 'edit' | 'add' | 'move' | 'remove';
interface Doing {
  branch: Branch | null;
  verb: Verb;
}

interface LineProps {
  entity: Entity;
  branch: Branch;
  open: boolean;
  onToggle: () => void;
  onVerb: (verb: Verb) => void;
}

/** What is done with a department: signs beside it, on a phone a menu. */
function Verbs({ entity, branch, onVerb }: Pick<LineProps, 'entity' | 'branch' | 'onVerb'>) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const name = String(branch.department.name);
  const { create, update, delete: may } = entity.actions;
  if (phone) {
    const items = [
      ...(create ? [{ key: 'add', label: t('departments.add_short') }] : []),
      ...(update ? [{ key: 'move', label: t('departments.move_short') }, { key: 'edit', label: t('action.edit') }] : []),
      ...(may ? [{ key: 'remove', label: t('action.delete'), danger: true }] : []),
    ];
    return (
      <Dropdown trigger={['click']} placement="bottomRight" menu={{ items, onClick: ({ key }) => onVerb(key as Verb) }}>
        <button type="button" className="icon-button" aria-label={t('departments.verbs', { name })}><Icon name="more" /></button>
      </Dropdown>
    );
  }
  return (
    <span className="row settings-verbs">
      {create && <IconButton small icon="plus" label={t('departments.add_below', { name })} onClick={() => onVerb('add')} />}
      {update && <IconButton small icon="branch" label={t('departments.move', { name })} onClick={() => onVerb('move')} />}
      {may && <IconButton small icon="trash" label={t('departments.remove', { name })} onClick={() => onVerb('remove')} />}
    </span>
  );
}

function Line({ entity, branch, open, onToggle, onVerb }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const phone = useSize() === 'phone';
  const { department, level, below, people, all } = branch;
  const name = String(department.name);
  const manager = department._refs?.manager_id?.title;
  const counts = below.length > 0 ? t('departments.counts_below', { count: people, all: format.count(all) }) : t('departments.counts', { count: people });
  return (
    <tr role="row" aria-level={level} aria-expanded={below.length > 0 ? open : undefined} data-id={department.id}>
      <td role="gridcell">
        <span className="department-name" style={{ '--level': level } as React.CSSProperties}>
          {below.length > 0
            ? <button type="button" className="icon-button small" aria-label={t(open ? 'departments.close' : 'departments.open', { name })} onClick={onToggle}><Icon name={open ? 'down' : 'right'} size={14} /></button>
            : <span className="department-leaf" />}
          <span>
            <button type="button" className={level === 1 ? 'link strong' : 'link'} onClick={() => onVerb('edit')}>{name}</button>
            {phone && <span className="block t2 small-text">{[manager, counts].filter(Boolean).join(' · ')}</span>}
          </span>
        </span>
      </td>
      {!phone && <td role="gridcell">{manager ?? <span className="t3">{nothing}</span>}</td>}
      {!phone && <td role="gridcell" className="num">{format.count(people)}</td>}
      {!phone && <td role="gridcell" className="num">{below.length > 0 ? format.count(all) : ''}</td>}
      <td role="gridcell"><Verbs entity={entity} branch={branch} onVerb={onVerb} /></td>
    </tr>
  );
}

/** Up and down walk the lines; right opens one or goes into it, left closes it or goes to what it is part of. */
function useWalk(lines: Branch[], closed: ReadonlySet<string>, toggle: (id: string) => void) {
  const body = useRef<HTMLTableSectionElement>(null);
  const focus = (line: Branch | undefined) => line && body.current?.querySelector<HTMLElement>(`[data-id="${line.department.id}"] .link`)?.focus();
  const onKeyDown = (event: KeyboardEvent) => {
    const at = lines.findIndex(({ department }) => department.id === (event.target as Element).closest('tr')?.dataset.id);
    const line = lines[at];
    if (!line || !(event.target as Element).matches('.link') || event.ctrlKey || event.metaKey || event.altKey) return;
    const { department: { id, parent_id: parent }, below } = line;
    const moves: Record<string, () => unknown> = {
      ArrowDown: () => focus(lines[at + 1]), ArrowUp: () => focus(lines[at - 1]), Home: () => focus(lines[0]), End: () => focus(lines.at(-1)),
      ArrowRight: () => below.length > 0 && (closed.has(id) ? toggle(id) : focus(lines[at + 1])),
      ArrowLeft: () => (below.length > 0 && !closed.has(id) ? toggle(id) : focus(lines.find(({ department }) => department.id === parent))),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  return { body, onKeyDown };
}

/** The departments of a company as the tree they are, with the people in each. */
export function Departments({ entity }: { entity: Entity }) {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const [words, setWords] = useState('');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing | null>(null);
  const remove = useRemove(entity);
  const { data, error, refetch } = useAllRecords('departments', { sort: 'name' });
  const active = { field: 'active', op: 'eq', value: true } as Condition;
  const { data: users } = useAllRecords('users', { where: active, fields: ['department_id'], titles: [] }, !!useModel().named('user'));
  const sought = useDeferredValue(words.trim());
  const departments = data?.data ?? [];
  const tree = treeOf(departments, peopleOf(users?.data ?? []));
  const shut: ReadonlySet<string> = sought ? new Set() : closed;
  const lines = linesOf(sought ? narrowed(tree, sought) : tree, shut);
  const toggle = (id: string) => setClosed((before) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  const { body, onKeyDown } = useWalk(lines, shut, toggle);
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const parents = departments.filter(({ id }) => departments.some(({ parent_id: parent }) => parent === id)).map(({ id }) => id);
  const allClosed = parents.length > 0 && parents.every((id) => closed.has(id));
  const act = (branch: Branch, verb: Verb) => (verb === 'remove' ? remove.mutate(branch.department) : setDoing({ branch, verb }));
  const done = () => setDoing(null);
  const name = String(doing?.branch?.department.name);
  const under = doing?.verb === 'add' && doing.branch ? { parent_id: doing.branch.department.id } : undefined;
  const add = entity.actions.create && <Button type="primary" onClick={() => setDoing({ branch: null, verb: 'add' })}>{t('frame.create_one', { entity: entity.label })}</Button>;
  return (
    <>
      {departments.length === 0 ? <Empty title={t('settings.none_yet', { entity: entity.label })} hint={t('departments.none_hint')}>{add}</Empty> : (
        <div className="row wrap">
          {add}
          {parents.length > 0 && <Button type="text" onClick={() => setClosed(new Set(allClosed ? [] : parents))}>{t(allClosed ? 'departments.open_all' : 'departments.close_all')}</Button>}
          {departments.length > worthSearching && (
            <Input
              className="settings-find" allowClear prefix={<Icon name="search" size={14} />} value={words} onChange={(event) => setWords(event.target.value)}
              aria-label={t('settings.find', { field: t('departments.name') })} placeholder={t('settings.find', { field: t('departments.name') })}
            />
          )}
        </div>
      )}
      {sought && lines.length === 0 && <p className="t2" role="status">{t('settings.found_none', { words: sought })}</p>}
      {lines.length > 0 && (
        <table role="treegrid" className="plain-table settings-table department-tree" aria-label={entity.label_plural}>
          <thead className={phone ? 'visually-hidden' : undefined}>
            <tr role="row">
              <th role="columnheader">{t('departments.name')}</th>
              {!phone && <th role="columnheader">{t('departments.manager')}</th>}
              {!phone && <th role="columnheader" className="num">{t('departments.people')}</th>}
              {!phone && <th role="columnheader" className="num">{t('departments.all')}</th>}
              <th role="columnheader"><span className="visually-hidden">{t('settings.verbs')}</span></th>
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={onKeyDown}>
            {lines.map((branch) => (
              <Line
                key={branch.department.id} entity={entity} branch={branch} open={!shut.has(branch.department.id)}
                onToggle={() => toggle(branch.department.id)} onVerb={(verb) => act(branch, verb)}
              />
            ))}
          </tbody>
        </table>
      )}
      {doing?.verb === 'move' && doing.branch && <MoveDepartment branch={doing.branch} tree={tree} onClose={done} />}
      {doing && doing.verb !== 'move' && (
        <SettingDrawer
          key={doing.verb} entity={entity} record={doing.verb === 'edit' ? doing.branch?.department ?? null : null} fixed={under}
          title={under && t('departments.add_below', { name })} onClose={done}
        />
      )}
    </>
  );
}
