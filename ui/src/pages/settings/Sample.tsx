import { Button, Modal } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { sampleKey, useSample, type SampleState } from '@/api/sample';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SkeletonRows } from '@/part/Skeleton';

/** The sample company: what it is, and its removal. */
export function Sample() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const format = useFormat();
  const { data, error, refetch } = useSample();
  const { mutateAsync, isPending } = useMutation({
    mutationFn: () => api.post<SampleState>('/sample/remove', {}),
    onSuccess: async (state) => {
      client.setQueryData(sampleKey, state);
      message.info(t('sample.removed', { count: state.removed ?? 0 }));
      await client.invalidateQueries();
    },
    onError: (failed) => message.error(errorText(failed)),
  });
  const ask = () => Modal.confirm({
    title: t('sample.ask'), content: t('sample.ask_hint'), okText: t('sample.remove'), okButtonProps: { danger: true }, cancelText: t('action.cancel'), onOk: () => mutateAsync(),
  });
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  if (!data.present) return <Empty title={t('sample.none')} hint={t('sample.none_hint')} />;
  return (
    <>
      <p>{t('sample.made', { when: data.made_at ? format.near(data.made_at) : '' })}</p>
      <section>
        <h2>{t('sample.goes')}</h2>
        <p className="t2">{t('sample.goes_hint')}</p>
      </section>
      <section>
        <h2>{t('sample.stays')}</h2>
        <p className="t2">{t('sample.stays_hint')}</p>
      </section>
      <section>
        <Button loading={isPending} onClick={ask}>{t('sample.remove')}</Button>
        {isPending && <p className="t2 dense" role="status">{t('sample.removing')}</p>}
      </section>
    </>
  );
}
