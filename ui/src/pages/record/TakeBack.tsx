import { useState } from 'react';
import { Button, Popover } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { refreshRecords } from '@/api/records';
import type { Conversion, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonLines } from '@/part/Skeleton';

const kinds = [['opportunity', 'opportunities'], ['account', 'accounts'], ['contact', 'contacts']] as const;

function Parts({ conversion }: { conversion: Conversion }) {
  const { t } = useTranslation();
  return (
    <ul className="take-back">
      {kinds.map(([name, plural]) => {
        const part = conversion[name];
        return part && (
          <li key={name} className="row">
            <span className="t2">{t(`convert.${name === 'opportunity' ? 'deal' : name}`)}</span>
            <Link className="grow ellipsis" to={`/${plural}/${part.id}`}>{part.title}</Link>
            <span className={part.goes ? 'warn small-text' : 't3 small-text'}>{t(part.goes ? 'convert.goes' : part.made ? 'convert.stays_used' : 'convert.stays')}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** What became of a converted lead, and the way back: what goes, what stays, why it cannot be. */
export function TakeBack({ lead }: { lead: RecordRow }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const errorText = useErrorText();
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['conversion', lead.id, lead.version],
    queryFn: () => api.get<Conversion>(`/leads/${lead.id}/conversion`),
    enabled: open,
  });
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.post(`/leads/${lead.id}/unconvert`),
    onSuccess: async () => {
      setOpen(false);
      message.info(t('convert.taken_back', { lead: String(lead.name) }));
      await Promise.all(['leads', 'accounts', 'contacts', 'opportunities'].map((plural) => refreshRecords(client, plural)));
    },
    onError: (failure) => message.error(errorText(failure)),
  });
  const content = (
    <div className="pop-form take-back-form">
      {error && <ErrorNotice error={error} />}
      {!data && !error && <SkeletonLines count={3} />}
      {data && (
        <>
          <p className="dense">{t('convert.when', { at: format.instant(data.at), who: data.by?.title ?? t('record.system') })}</p>
          <Parts conversion={data} />
          <p className="t2 small-text">{data.why_not ?? t('convert.back_hint')}</p>
          <Button type="primary" disabled={!data.undo} loading={isPending} onClick={() => mutate()}>{t('lead.unconvert')}</Button>
        </>
      )}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" arrow={false} open={open} onOpenChange={setOpen} content={content} destroyOnHidden>
      <Button>{t('lead.unconvert')}</Button>
    </Popover>
  );
}
