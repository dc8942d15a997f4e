import { useState } from 'react';
import { Button, Popover } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { fieldOf } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import { useMay } from '@/api/session';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { Reasons, type Reason } from '@/condition/Reasons';
import { Pill } from '@/field/FieldValue';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';
import './grade.css';

interface GradeRule {
  id: string;
  name: string;
  grade: string;
  holds: boolean;
  parts: Reason;
}

interface Grade {
  grade: string | null;
  by_hand: boolean;
  rule_id: string | null;
  at: string | null;
  rules: GradeRule[];
}

interface Props {
  entity: Entity;
  record: RecordRow;
}

function RuleLine({ entity, rule, gave, may }: { entity: Entity; rule: GradeRule; gave: boolean; may: boolean }) {
  const option = fieldOf(entity, 'grade')?.options?.find(({ code }) => code === rule.grade);
  return (
    <li className={gave ? 'gave' : undefined}>
      <div className="row">
        {option && <Pill option={option} />}
        <span className="grow ellipsis">{may ? <Link to={`/settings/grades?of=${entity.name}&open=${rule.id}`}>{rule.name}</Link> : rule.name}</span>
      </div>
      <Reasons reason={rule.parts} />
    </li>
  );
}

function Why({ entity, record }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const errorText = useErrorText();
  const may = useMay();
  const key = ['grade', record.id, record.version, record.grade];
  const { data, error } = useQuery({ queryKey: key, queryFn: () => api.get<Grade>(`/${entity.plural}/${record.id}/grade`) });
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.post<Grade>(`/${entity.plural}/${record.id}/grade/follow`),
    onSuccess: (grade) => { client.setQueryData(key, grade); void refreshRecords(client, entity.plural); },
    onError: (failure) => message.error(errorText(failure)),
  });
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <SkeletonLines count={3} />;
  const gave = data.rules.findIndex(({ id }) => id === data.rule_id);
  const shown = data.by_hand || gave < 0 ? data.rules : data.rules.slice(0, gave + 1);
  return (
    <div className="grade-why">
      <p className="dense">
        {data.by_hand ? t('grade.by_hand') : gave >= 0 ? t('grade.by_rule', { rule: data.rules[gave]?.name }) : data.rules.length > 0 ? t('grade.none_holds') : t('grade.no_rules')}
        {data.at && <span className="t3"> {t('grade.since', { at: format.instant(data.at) })}</span>}
      </p>
      {shown.length > 0 && <ol>{shown.map((rule) => <RuleLine key={rule.id} entity={entity} rule={rule} gave={rule.id === data.rule_id} may={may('settings:manage')} />)}</ol>}
      {data.by_hand && data.rules.length > 0 && record._rights?.update !== false && <Button size="small" loading={isPending} onClick={() => mutate()}>{t('grade.follow')}</Button>}
    </div>
  );
}

/** The grade of a deal or a lead, which opens to the rule that gave it. */
export function GradeWhy({ entity, record }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const field = fieldOf(entity, 'grade');
  const option = field?.options?.find(({ code }) => code === record.grade);
  if (!field || !option) return null;
  return (
    <Popover trigger="click" placement="bottomLeft" arrow={false} open={open} onOpenChange={setOpen} content={<Why entity={entity} record={record} />} destroyOnHidden>
      <button type="button" className={`pill grade ${option.tone ?? 'idle'}`} aria-expanded={open} aria-label={t('grade.of', { grade: option.label })}>{t('grade.pill', { grade: option.label })}</button>
    </Popover>
  );
}
