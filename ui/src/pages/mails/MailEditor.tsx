import { useEffect, useRef, useState } from 'react';
import { Button, Dropdown, Input, Select } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, recordKeys, refreshRecords, useRecord } from '@/api/records';
import { useSession } from '@/api/session';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { replaceAt, without } from '@/condition/draft';
import { ErrorNotice } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { Unsaved } from '@/part/Unsaved';
import { blockTypes, moved, startBlocks, useMergeFields, type Block, type Draft } from './mails';
import { Preview } from './Preview';

const empty: Draft = { name: '', topic: 'news', language: 'zh', subject: '', preheader: '', blocks: [{ type: 'text', text: '' }] };

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return <label className="mail-field"><span className="small-text t2">{label}</span>{children}</label>;
}

/** Puts "{{name|…}}" where the words are being written. */
function MergeMenu({ onInsert }: { onInsert: (text: string) => void }) {
  const { t } = useTranslation();
  const { data = [] } = useMergeFields();
  return (
    <Dropdown trigger={['click']} menu={{ items: data.map(({ name, label }) => ({ key: name, label })), onClick: ({ key }) => onInsert(key === 'company' ? '{{company}}' : `{{${key}|${t('mails.fallback')}}}`) }}>
      <button type="button" className="quiet-button small"><Icon name="plus" size={14} />{t('mails.insert_field')}</button>
    </Dropdown>
  );
}

function TextBlock({ block, onChange, label }: { block: Block; onChange: (block: Block) => void; label: string }) {
  const { t } = useTranslation();
  const area = useRef<TextAreaRef>(null);
  const text = block.text ?? '';
  const around = (before: string, after = '') => {
    const element = area.current?.resizableTextArea?.textArea;
    const [from, to] = [element?.selectionStart ?? text.length, element?.selectionEnd ?? text.length];
    onChange({ ...block, text: `${text.slice(0, from)}${before}${text.slice(from, to)}${after}${text.slice(to)}` });
  };
  return (
    <>
      <Input.TextArea ref={area} aria-label={label} value={text} autoSize={{ minRows: block.type === 'text' ? 3 : 1 }} maxLength={4000} onChange={(event) => onChange({ ...block, text: event.target.value })} />
      <div className="row wrap">
        {block.type === 'text' && (
          <>
            <button type="button" className="quiet-button small" onClick={() => around('**', '**')}><b>B</b><span className="visually-hidden">{t('mails.bold')}</span></button>
            <button type="button" className="quiet-button small" onClick={() => around('[', '](https://)')}><Icon name="link" size={14} />{t('mails.link')}</button>
            <button type="button" className="quiet-button small" onClick={() => around('\n- ')}><Icon name="list" size={14} />{t('mails.list')}</button>
          </>
        )}
        <MergeMenu onInsert={(words) => around(words)} />
      </div>
    </>
  );
}

interface BlockProps {
  block: Block;
  error: string | undefined;
  first: boolean;
  last: boolean;
  onChange: (block: Block) => void;
  onMove: (step: -1 | 1) => void;
  onRemove: () => void;
}

function BlockEditor({ block, error, first, last, onChange, onMove, onRemove }: BlockProps) {
  const { t } = useTranslation();
  const label = t(`mails.block_${block.type}`);
  const input = (name: 'text' | 'url' | 'alt' | 'link', words: string) => (
    <Input aria-label={words} placeholder={words} value={block[name] ?? ''} maxLength={2000} onChange={(event) => onChange({ ...block, [name]: event.target.value || undefined })} />
  );
  return (
    <li className="mail-block">
      <div className="row">
        <span className="small-text t2 grow">{label}</span>
        <IconButton small icon="up" label={t('automation.up')} disabled={first} onClick={() => onMove(-1)} />
        <IconButton small icon="down" label={t('automation.down')} disabled={last} onClick={() => onMove(1)} />
        <IconButton small icon="close" label={t('action.remove')} onClick={onRemove} />
      </div>
      {(block.type === 'text' || block.type === 'heading') && <TextBlock block={block} label={label} onChange={onChange} />}
      {block.type === 'button' && <>{input('text', t('mails.button_words'))}{input('url', t('mails.url'))}</>}
      {block.type === 'image' && <>{input('url', t('mails.image_url'))}{input('alt', t('mails.alt'))}{input('link', t('mails.image_link'))}</>}
      {error && <p className="bad dense">{error}</p>}
    </li>
  );
}

/** Errors of the server by the number of the block they are at. */
function blockErrors(error: Error | null): Map<number, string> {
  const found = new Map<number, string>();
  for (const one of error instanceof ApiError ? error.problem.errors ?? [] : []) {
    const [, index] = /^\/blocks\/(\d+)\//.exec(one.pointer) ?? [];
    if (index !== undefined) found.set(Number(index), one.message);
  }
  return found;
}

function Fields({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useTranslation();
  const entity = useModel().named('mail_template');
  const options = (name: string) => (entity?.fields.find((one) => one.name === name)?.options ?? []).map(({ code, label }) => ({ value: code, label }));
  return (
    <>
      <div className="mail-two">
        <Labelled label={t('mails.name')}><Input value={draft.name} maxLength={100} onChange={(event) => onChange({ ...draft, name: event.target.value })} /></Labelled>
        <Labelled label={t('mails.topic')}><Select aria-label={t('mails.topic')} value={draft.topic} options={options('topic')} onChange={(topic) => onChange({ ...draft, topic })} /></Labelled>
        <Labelled label={t('mails.language')}><Select aria-label={t('mails.language')} value={draft.language} options={options('language')} onChange={(language) => onChange({ ...draft, language })} /></Labelled>
      </div>
      <Labelled label={t('mails.subject')}><Input value={draft.subject} maxLength={200} onChange={(event) => onChange({ ...draft, subject: event.target.value })} /></Labelled>
      <Labelled label={t('mails.preheader')}><Input value={draft.preheader} maxLength={200} onChange={(event) => onChange({ ...draft, preheader: event.target.value })} /></Labelled>
    </>
  );
}

function Editor({ record }: { record: RecordRow | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const [draft, setDraft] = useState<Draft>(() => (record ? { ...empty, ...(record as unknown as Draft), preheader: String(record.preheader ?? '') } : empty));
  const [kept, setKept] = useState(draft);
  const own = useRecord('users', user.id);
  const content = { subject: draft.subject, preheader: draft.preheader, topic: draft.topic, language: draft.language, blocks: draft.blocks };
  const save = useMutation({
    mutationFn: () => {
      const body = { ...content, name: draft.name, preheader: draft.preheader || null };
      return record ? patchRecord('mail_templates', record.id, record.version, body) : api.post<RecordRow>('/mail_templates', body);
    },
    onSuccess: async (saved) => {
      setKept(draft);
      client.setQueryData(recordKeys.one('mail_templates', saved.id), saved);
      await refreshRecords(client, 'mail_templates');
      message.info(t('mails.saved'));
      if (!record) await navigate(`/mails/${saved.id}`, { replace: true });
    },
  });
  const tryOut = useMutation({
    mutationFn: () => api.post<{ accepted: boolean; why: string }>('/mail/try', { ...content, to: String(own.data?.email ?? '') }),
    onSuccess: ({ accepted, why }) => (accepted ? message.info(t('mails.tried', { to: String(own.data?.email) })) : message.error(why)),
  });
  const errors = blockErrors(save.error ?? tryOut.error);
  const set = (blocks: Block[]) => setDraft({ ...draft, blocks });
  const error = save.error ?? tryOut.error;
  return (
    <div className="page">
      <Unsaved when={JSON.stringify(draft) !== JSON.stringify(kept)} />
      <header className="page-head journey-head">
        <Link to="/mails" className="icon-button" aria-label={t('mails.back')}><Icon name="left" /></Link>
        <h1 className="ellipsis">{draft.name || t('mails.new')}</h1>
        <span className="grow" />
        <Button disabled={!own.data?.email} title={own.data?.email ? undefined : t('mails.try_needs')} loading={tryOut.isPending} onClick={() => tryOut.mutate()}>{t('mails.try')}</Button>
        <Button type="primary" loading={save.isPending} disabled={draft.name.trim() === '' || draft.subject.trim() === ''} onClick={() => save.mutate()}>{t('action.save')}</Button>
      </header>
      <div className="mail-body">
        <div className="mail-form">
          {error && errors.size === 0 && <ErrorNotice error={error} />}
          <Fields draft={draft} onChange={setDraft} />
          <ol className="mail-blocks">
            {draft.blocks.map((block, index) => (
              <BlockEditor
                key={index} block={block} error={errors.get(index)} first={index === 0} last={index === draft.blocks.length - 1}
                onChange={(next) => set(replaceAt(draft.blocks, index, next))} onMove={(step) => set(moved(draft.blocks, index, step))} onRemove={() => set(without(draft.blocks, index))}
              />
            ))}
          </ol>
          <div className="row wrap">
            {blockTypes.map((type) => (
              <button key={type} type="button" className="quiet-button small" disabled={draft.blocks.length >= 60} onClick={() => set([...draft.blocks, startBlocks[type]])}><Icon name="plus" size={14} />{t(`mails.block_${type}`)}</button>
            ))}
          </div>
        </div>
        <Preview draft={draft} />
      </div>
    </div>
  );
}

/** A template: its blocks at the left, at the right how it will be read. */
export function MailEditor() {
  const { id } = useParams();
  const fresh = id === 'new';
  const { data, error, refetch } = useRecord('mail_templates', fresh ? null : id);
  const start = useRef<RecordRow | null>(null);
  useEffect(() => { start.current = data ?? null; }, [data]);
  if (!useModel().named('mail_template')) return <NotThere />;
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!fresh && !data) return <div className="pad-page"><SkeletonLines /></div>;
  return <Editor key={fresh ? 'new' : id} record={data ?? null} />;
}
