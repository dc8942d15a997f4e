import { useState } from 'react';
import { Dropdown, Input } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { patchSeen } from '@/field/patchSeen';
import { Dialog } from '@/part/Dialog';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import type { Draft } from './useDraft';

interface Props {
  form: RecordRow;
  draft: Draft;
}

/** Name and address; the address of a form that was published stays, for links to it stand elsewhere. */
function Rename({ form, draft, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(String(form.name));
  const [slug, setSlug] = useState(String(form.slug));
  const fixed = Number(form.version_number) > 0;
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      await draft.flush();
      return patchSeen('forms', form, { name: name.trim(), ...(fixed ? {} : { slug }) });
    },
    onSuccess: async (row) => {
      draft.seen(row);
      client.setQueryData(['form', form.id], row);
      await client.invalidateQueries({ queryKey: ['forms'] });
      onClose();
    },
  });
  const errors = error instanceof ApiError ? error.fieldErrors() : {};
  return (
    <Dialog title={t('forms.rename')} okText={t('action.save')} cancelText={t('action.cancel')} onCancel={onClose} onOk={() => mutate()} confirmLoading={isPending} okButtonProps={{ disabled: !name.trim() }}>
      <div className="form-new">
        <label><span className="small-text t2">{t('forms.name')}</span><Input autoFocus value={name} maxLength={100} onChange={(event) => setName(event.target.value)} onPressEnter={() => name.trim() && mutate()} /></label>
        <label><span className="small-text t2">{t('forms.slug')}</span><Input prefix="/f/" value={slug} maxLength={40} disabled={fixed} status={errors.slug ? 'error' : undefined} onChange={(event) => setSlug(event.target.value.toLowerCase())} /></label>
        <p className={errors.slug ? 'bad small-text' : 't3 small-text'}>{errors.slug ?? t(fixed ? 'forms.slug_fixed' : 'forms.slug_hint')}</p>
        {error && !errors.slug && <ErrorNotice error={error} />}
      </div>
    </Dialog>
  );
}

/** What is done with a form as a whole: another name, another like it, away with it. */
export function FormMenu({ form, draft }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const [renaming, setRenaming] = useState(false);
  const onError = (error: unknown) => message.error(errorText(error));
  const renew = () => client.invalidateQueries({ queryKey: ['forms'] });
  const name = String(form.name);
  const copy = useMutation({
    mutationFn: () => api.post<RecordRow>('/forms', { name: t('forms.copy_of', { name }).slice(0, 100), draft: draft.design }),
    onSuccess: async (made) => {
      await renew();
      void navigate(`/forms/${made.id}`);
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: () => api.delete(`/forms/${form.id}`),
    onSuccess: async () => {
      draft.drop();
      await renew();
      void navigate('/forms');
      offerUndo(t('settings.removed', { name }), async () => {
        await api.post(`/forms/${form.id}/restore`);
        await renew();
      });
    },
    onError,
  });
  const shown = form.status === 'published';
  return (
    <>
      <Dropdown trigger={['click']} placement="bottomRight" menu={{
        items: [
          { key: 'rename', label: t('forms.rename') },
          { key: 'copy', label: t('forms.copy') },
          { key: 'remove', label: t(shown ? 'forms.archive_first' : 'action.delete'), disabled: shown, danger: true },
        ],
        onClick: ({ key }) => {
          if (key === 'rename') setRenaming(true);
          else if (key === 'copy') copy.mutate();
          else remove.mutate();
        },
      }}>
        <button type="button" className="icon-button" aria-label={t('frame.more')}><Icon name="more" /></button>
      </Dropdown>
      {renaming && <Rename form={form} draft={draft} onClose={() => setRenaming(false)} />}
    </>
  );
}
