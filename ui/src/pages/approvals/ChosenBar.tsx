import { useState } from 'react';
import { Button, Input } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useAnswerMany, type Approval, type Box, type ManyVerb } from '@/api/approvals';
import { message } from '@/app/say';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice } from '@/part/ErrorNotice';

interface Props {
  box: Box;
  all: Approval[];
  chosen: Approval[];
  onChoose: (ids: string[]) => void;
}

const answerable = (box: Box) => ({ may }: Approval) => (box === 'by_me' ? may.withdraw : may.decide);

/** What may be chosen together in a box: what waits for me, what I may take back. */
export function choosable(box: Box, all: Approval[]): Approval[] {
  return box === 'done' ? [] : all.filter(answerable(box));
}

/** One answer to all that are chosen. */
export function ChosenBar({ box, all, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const answer = useAnswerMany();
  const [asking, setAsking] = useState<'reject' | 'return' | null>(null);
  const [words, setWords] = useState('');
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: ({ verb, comment }: { verb: ManyVerb; comment: string }) => answer(chosen.map(({ id }) => id), verb, comment),
    onSuccess: ({ done, failed }) => {
      setAsking(null);
      setWords('');
      if (done > 0) message.info(t('approvals.many_done', { count: done }));
      if (failed[0]) message.warning(t('approvals.many_left', { count: failed.length, why: failed[0].message }));
      onChoose(failed.map(({ id }) => id));
    },
  });
  const batch = chosen[0]?.batch_id ? choosable(box, all).filter(({ batch_id }) => batch_id === chosen[0]?.batch_id) : [];
  const ask = (verb: 'reject' | 'return') => { reset(); setAsking(verb); };
  return (
    <div className="approvals-chosen" role="toolbar" aria-label={t('approvals.chosen', { count: chosen.length })}>
      <div className="row wrap">
        <b>{t('approvals.chosen', { count: chosen.length })}</b>
        {batch.length > chosen.length && <button type="button" className="link" onClick={() => onChoose(batch.map(({ id }) => id))}>{t('approvals.choose_batch', { count: batch.length })}</button>}
        {choosable(box, all).length > chosen.length && <button type="button" className="link" onClick={() => onChoose(choosable(box, all).map(({ id }) => id))}>{t('approvals.choose_all')}</button>}
        <span className="grow" />
        <button type="button" className="link" onClick={() => onChoose([])}>{t('approvals.unchoose')}</button>
      </div>
      {error && !asking && <ErrorNotice error={error} />}
      <div className="row">
        {box === 'to_me' && <Button onClick={() => ask('reject')}>{t('approvals.reject')}</Button>}
        {box === 'to_me' && <Button onClick={() => ask('return')}>{t('approvals.return')}</Button>}
        {box === 'to_me' && <Button type="primary" loading={isPending && !asking} onClick={() => mutate({ verb: 'approve', comment: '' })}>{t('approvals.approve')}</Button>}
        {box === 'by_me' && <Button loading={isPending} onClick={() => mutate({ verb: 'withdraw', comment: '' })}>{t('approvals.withdraw')}</Button>}
      </div>
      {asking && (
        <Dialog
          width={420} title={t(`approvals.${asking}_title`)} okText={t(`approvals.${asking}`)} cancelText={t('action.cancel')} confirmLoading={isPending}
          okButtonProps={{ disabled: words.trim() === '' }} onOk={() => mutate({ verb: asking, comment: words.trim() })} onCancel={() => setAsking(null)}
        >
          {error && <ErrorNotice error={error} />}
          <Input.TextArea autoFocus rows={3} maxLength={1000} aria-label={t('approvals.words')} placeholder={t('approvals.why')} value={words} onChange={(event) => setWords(event.target.value)} />
        </Dialog>
      )}
    </div>
  );
}
