import { useState, type KeyboardEvent, type Ref } from 'react';
import { Mentions } from 'antd';
import type { MentionsRef } from 'antd/es/mentions';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Named } from './mentions';

interface Offered {
  id: string;
  name: string;
  department: string;
  may_read: boolean;
}

interface Props {
  /** The record it is about: who may not see it cannot be named. */
  plural: string;
  id: string;
  value: string;
  onChange: (value: string) => void;
  onNamed: (person: Named) => void;
  label: string;
  placeholder?: string;
  rows?: number;
  autoFocus?: boolean;
  most?: number;
  ref?: Ref<MentionsRef>;
}

/** Esc that closes the list of names is spent: what stands around the text does nothing on it. */
function spendEscape(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key === 'Escape' && event.currentTarget.closest('.ant-mentions')?.querySelector('.ant-mentions-measure')) event.preventDefault();
}

/** A text in which colleagues are named: "@" and a part of the name, its pinyin or initials. */
export function MentionArea({ plural, id, value, onChange, onNamed, label, placeholder, rows = 2, autoFocus, most = 10_000, ref }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  const { data, isFetching } = useQuery({
    queryKey: ['mentionable', plural, id, typed], enabled: typed !== null, staleTime: 60_000, placeholderData: (previous) => previous,
    queryFn: () => api.get<{ data: Offered[] }>(`/${plural}/${id}/mentionable`, { q: typed ?? '' }),
  });
  const options = (data?.data ?? []).map((person) => ({
    key: person.id, person: person.id, value: person.name, disabled: !person.may_read,
    label: (
      <span className="mention-offer">
        {person.name} <span className="t3 small-text">{person.may_read ? person.department : t('mention.blind')}</span>
      </span>
    ),
  }));
  return (
    <Mentions
      ref={ref} variant="borderless" autoFocus={autoFocus} autoSize={{ minRows: rows, maxRows: 10 }} maxLength={most} value={value}
      aria-label={label} placeholder={placeholder} filterOption={false} loading={isFetching} notFoundContent={t('mention.nobody')}
      options={options} onKeyDown={spendEscape} onSearch={(words) => setTyped(words.slice(0, 30))} onChange={onChange}
      onSelect={(option) => onNamed({ id: (option as typeof option & { person: string }).person, title: String(option.value) })}
    />
  );
}
