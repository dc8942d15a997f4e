import { useState } from 'react';
import { Button, Input, Popover, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAllRecords } from '@/api/records';
import type { RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { useAnswer } from './handover';

/** Accept, or return with a reason from the company's list. */
export function HandoverAnswer({ handover, onDone, size }: { handover: RecordRow; onDone?: () => void; size?: 'large' }) {
  const { t } = useTranslation();
  const inline = useSize() === 'phone' && !size;
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const { data: reasons } = useAllRecords('handover_reasons', { sort: 'position' }, open);
  const { accept, giveBack } = useAnswer(handover);
  const form = (
    <form
      className={inline ? 'pop-form whole' : 'pop-form'}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason) giveBack.mutate({ reason_id: reason, note: note.trim() }, { onSuccess: () => { setOpen(false); onDone?.(); } });
      }}
    >
      <span className="small-text t2">{t('handover.why_return')}</span>
      <Select
        className="full-width" aria-label={t('handover.why_return')} value={reason} onChange={setReason} autoFocus
        options={(reasons?.data ?? []).map(({ id, name }) => ({ value: id, label: String(name) }))}
      />
      <Input.TextArea aria-label={t('handover.note')} placeholder={t('handover.note')} rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
      <Button type="primary" htmlType="submit" disabled={!reason} loading={giveBack.isPending}>{t('handover.return')}</Button>
    </form>
  );
  const yes = <Button type="primary" size={size} loading={accept.isPending} onClick={() => accept.mutate(undefined, { onSuccess: onDone })}>{t('handover.accept')}</Button>;
  // Beside a button of a list there is no room on a phone.
  if (inline) {
    return (
      <div className="pop-place">
        <span className="row">{yes}<Button aria-expanded={open} onClick={() => setOpen(!open)}>{t('handover.return')}</Button></span>
        {open && form}
      </div>
    );
  }
  return (
    <span className="row">
      {yes}
      <Popover trigger="click" placement="bottomLeft" arrow={false} open={open} onOpenChange={setOpen} content={form} destroyOnHidden>
        <Button size={size}>{t('handover.return')}</Button>
      </Popover>
    </span>
  );
}
