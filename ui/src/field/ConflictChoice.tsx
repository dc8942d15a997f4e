import { useState } from 'react';
import { Button, Radio } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useSession } from '@/api/session';
import type { Entity, Field, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { useErrorText } from '@/part/ErrorNotice';
import { FieldValue, textOf } from './FieldValue';
import { titleOf } from './references';

interface Props {
  entity: Entity;
  field: Field;
  mine: unknown;
  /** As it was when editing began. */
  record: RecordRow;
  /** As somebody else left it. */
  current: RecordRow;
  onChoose: (keepMine: boolean) => void;
}

/** Asks whoever changed the field which value is right; until the answer theirs stands. */
function AskButton({ entity, field, mine, current, onChoose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const session = useSession();
  const errorText = useErrorText();
  const colleague = current._refs?.updated_by;
  const said = textOf(field, mine, format, { yes: t('field.yes'), no: t('field.no') });
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.post('/questions', {
      entity: entity.name, id: current.id, user_id: colleague?.id,
      text: t(field.type === 'reference' ? 'record.question_plain' : 'record.question', { field: field.label, record: titleOf(entity, current), mine: said }),
    }),
    onSuccess: () => {
      message.info(t('record.asked', { who: colleague?.title ?? '' }));
      onChoose(false);
    },
    onError: (error) => message.error(errorText(error)),
  });
  if (!colleague || colleague.id === session.user.id) return null;
  return <Button type="text" size="small" loading={isPending} onClick={() => mutate()}>{t('record.ask', { who: colleague.title })}</Button>;
}

/** Two people, one field: both values and the earlier one, to choose or to ask. */
export function ConflictChoice(props: Props) {
  const { field, mine, record, current, onChoose } = props;
  const { t } = useTranslation();
  const [keepMine, setKeepMine] = useState(true);
  const format = useFormat();
  const editor = current._refs?.updated_by?.title ?? t('record.somebody');
  const ownVersion: RecordRow = { ...record, [field.name]: mine };
  return (
    <div className="conflict" role="alertdialog" aria-label={t('record.conflict', { who: editor, field: field.label })}>
      <b>{t('record.conflict', { who: editor, field: field.label })}</b>
      <Radio.Group className="conflict-values" value={keepMine} onChange={(event) => setKeepMine(event.target.value as boolean)}>
        <Radio value autoFocus>{t('record.mine')}<FieldValue field={field} record={ownVersion} /><span className="t3 small-text">{t('record.just_now')}</span></Radio>
        <Radio value={false}>{t('record.theirs', { who: editor })}<FieldValue field={field} record={current} /><span className="t3 small-text">{format.near(current.updated_at)}</span></Radio>
      </Radio.Group>
      <span className="t2 before">{t('record.before')}<FieldValue field={field} record={record} /></span>
      <span className="row">
        <Button type="primary" size="small" onClick={() => onChoose(keepMine)}>{t('record.keep_chosen')}</Button>
        <AskButton {...props} />
      </span>
    </div>
  );
}
