import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { groupEvents, useEventText, useEventTypes } from './eventTypes';

interface Props {
  value?: string[];
  onChange?: (types: string[]) => void;
  id?: string;
}

/** Which events: none chosen means all. Of each record type all events, or some. */
export function EventTypesInput({ value = [], onChange, id }: Props) {
  const { t } = useTranslation();
  const { data = [] } = useEventTypes();
  const text = useEventText();
  const options = groupEvents(data, t('webhook.other_events')).map(({ entity, label, types }) => ({
    label,
    options: [
      ...(entity ? [{ value: `${entity}.`, label: text(`${entity}.`) }] : []),
      ...types.map(({ type }) => ({ value: type, label: text(type) })),
    ],
  }));
  return (
    <Select
      id={id} mode="multiple" className="full-width" aria-label={t('webhook.events')} placeholder={t('webhook.every_event')}
      value={value} onChange={onChange} options={options} optionFilterProp="label" allowClear
    />
  );
}
