import { useDeferredValue, useState } from 'react';
import { Select } from 'antd';
import { useModel } from '@/api/meta';
import { useRecord } from '@/api/records';
import { titleOf, useCandidates } from './references';

interface Props {
  target: string | undefined;
  value?: string | null;
  /** The name of the chosen record where it is known, so that it needs no reading. */
  title?: string;
  onChange?: (id: string | null, title?: string) => void;
  id?: string;
  label?: string;
  autoFocus?: boolean;
  defaultOpen?: boolean;
  clearable?: boolean;
  onBlur?: () => void;
  className?: string;
  /** A small select says here what nothing chosen means. */
  everything?: string;
}

/** Chooses a record of another type by a part of its name. */
export function ReferenceSelect(props: Props) {
  const { target, value, title, onChange, id, label, autoFocus, defaultOpen, clearable = true, onBlur, className, everything } = props;
  const entity = useModel().named(target);
  const [words, setWords] = useState('');
  const [open, setOpen] = useState(defaultOpen ?? false);
  const { data: candidates = [], isFetching } = useCandidates(target, useDeferredValue(words.trim()), open);
  const known = title ?? candidates.find((candidate) => candidate.value === value)?.label;
  const { data: chosen } = useRecord(entity?.plural ?? '', value && !known && entity ? value : null);
  const name = known ?? (chosen ? titleOf(entity, chosen) : undefined);
  const options = value && name && !words && !candidates.some((candidate) => candidate.value === value)
    ? [{ value, label: name }, ...candidates]
    : candidates;
  return (
    <Select
      id={id}
      aria-label={label}
      className={className ?? 'full-width'}
      size={everything ? 'small' : undefined}
      placeholder={everything}
      value={value ? { value, label: name ?? value } : undefined}
      labelInValue
      showSearch={{ filterOption: false, onSearch: setWords }}
      options={options}
      loading={isFetching}
      allowClear={clearable}
      autoFocus={autoFocus}
      open={open}
      onOpenChange={setOpen}
      onBlur={onBlur}
      popupMatchSelectWidth={false}
      onChange={(next: { value: string; label?: unknown } | undefined) => {
        setWords('');
        onChange?.(next?.value ?? null, typeof next?.label === 'string' ? next.label : undefined);
      }}
    />
  );
}
