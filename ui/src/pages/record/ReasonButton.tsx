import { useState } from 'react';
import { Button, Input, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { useVerbs } from '@/app/verbs';
import type { IconName } from '@/part/icons';

interface Props {
  name: string;
  icon: IconName;
  label: string;
  question: string;
  /** Whether it goes without words. */
  optional?: boolean;
  pending: boolean;
  onSay: (words: string, close: () => void) => void;
}

/** A verb that asks for a word or two before it is done; also in the palette. */
export function ReasonButton({ name, icon, label, question, optional, pending, onSay }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState('');
  useVerbs([{ key: name, icon, title: label, run: () => setOpen(true) }]);
  const form = (
    <form className="pop-form" onSubmit={(event) => { event.preventDefault(); if (optional || words.trim()) onSay(words.trim(), () => setOpen(false)); }}>
      <label htmlFor={`${name}-words`} className="small-text t2">{question}{optional && <span className="t3 optional">{t('form.optional')}</span>}</label>
      <Input id={`${name}-words`} autoFocus maxLength={200} value={words} onChange={(event) => setWords(event.target.value)} />
      <Button type="primary" htmlType="submit" disabled={!optional && !words.trim()} loading={pending}>{label}</Button>
    </form>
  );
  return (
    <Popover trigger="click" placement="bottomRight" arrow={false} open={open} onOpenChange={setOpen} content={form} destroyOnHidden>
      <Button type="text">{label}</Button>
    </Popover>
  );
}
