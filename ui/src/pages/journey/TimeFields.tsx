import { Checkbox, DatePicker, InputNumber, Select, TimePicker } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ReferenceSelect } from '@/field/ReferenceSelect';
import { instantOfWall, wallOfInstant } from '@/format/zone';
import type { Words } from './describe';
import { clockOf, spanOf, unitMinutes, type Graph } from './graph';
import { EventSelect, Labelled, MailNodeSelect, type FieldsProps } from './NodePanel';

const units = ['day', 'hour', 'minute'] as const;
const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

function SpanInput({ label, minutes, onChange }: { label: string; minutes: number | undefined; onChange: (minutes: number) => void }) {
  const { t } = useTranslation();
  const { n, unit } = spanOf(minutes ?? 0);
  return (
    <Labelled label={label}>
      <div className="row">
        <InputNumber className="grow" aria-label={label} min={1} precision={0} value={n} onChange={(next) => onChange((next ?? 1) * unitMinutes[unit])} />
        <Select aria-label={t('journeys.unit')} value={unit} options={units.map((value) => ({ value, label: t(`journeys.unit_${value}`) }))} onChange={(next) => onChange(n * unitMinutes[next])} />
      </div>
    </Labelled>
  );
}

function Where({ config, entity, onChange, label }: FieldsProps & { label: string }) {
  return <Labelled label={label}><ConditionEditor entity={entity} value={config.where} onChange={(where) => onChange({ where })} /></Labelled>;
}

/** How people come in, and whether they may again. */
export function EntryFields(props: FieldsProps) {
  const { t } = useTranslation();
  const { company } = useSession();
  const { config, onChange } = props;
  return (
    <>
      {config.kind === 'event' && <Labelled label={t('journeys.event')}><EventSelect entity={props.entity} value={config.event} onChange={(event) => onChange({ event, payload: undefined })} /></Labelled>}
      {config.kind === 'event' && config.event?.endsWith('.tier_entered') && (
        <Labelled label={t('journeys.tier')}>
          <Select className="full-width" aria-label={t('journeys.tier')} allowClear value={config.payload?.to as string | undefined} options={(['low', 'middle', 'high'] as const).map((value) => ({ value, label: t(`journeys.tier_${value}`) }))} onChange={(to?: string) => onChange({ payload: to ? { to } : undefined })} />
        </Labelled>
      )}
      {config.kind === 'segment' && <Labelled label={t('journeys.segment')}><ReferenceSelect target="segment" label={t('journeys.segment')} value={config.segment_id} onChange={(id) => onChange({ segment_id: id })} /></Labelled>}
      {config.kind === 'date' && (
        <Labelled label={t('journeys.date')}>
          <DatePicker
            showTime className="full-width" aria-label={t('journeys.date')} value={config.at ? dayjs(wallOfInstant(config.at, company.time_zone)) : null} format="YYYY-MM-DD HH:mm"
            onChange={(next) => onChange({ at: next ? instantOfWall(next.format('YYYY-MM-DDTHH:mm'), company.time_zone) : undefined })}
          />
        </Labelled>
      )}
      {config.kind === 'date' && config.at && Date.parse(config.at) < Date.now() && <p className="warn dense">{t('journeys.date_over')}</p>}
      <Where {...props} label={t('journeys.only_where')} />
      <Checkbox checked={config.again_days !== undefined} onChange={({ target }) => onChange({ again_days: target.checked ? 90 : undefined })}>{t('journeys.again')}</Checkbox>
      {config.again_days !== undefined && (
        <Labelled label={t('journeys.again_days')}><InputNumber className="full-width" aria-label={t('journeys.again_days')} min={1} max={3650} precision={0} value={config.again_days} onChange={(days) => onChange({ again_days: days ?? 1 })} /></Labelled>
      )}
    </>
  );
}

function WindowFields({ config, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const time = (minutes: number | undefined) => dayjs(`2000-01-01T${clockOf(Math.min(minutes ?? 0, 1439))}`);
  const minutesOf = (value: dayjs.Dayjs | null | undefined) => (value ? value.hour() * 60 + value.minute() : 0);
  return (
    <>
      <Labelled label={t('journeys.window')}>
        <TimePicker.RangePicker className="full-width" format="HH:mm" minuteStep={15} allowClear={false} value={[time(config.from), time(config.to)]} onChange={(pair) => onChange({ from: minutesOf(pair?.[0]), to: minutesOf(pair?.[1]) })} />
      </Labelled>
      <Labelled label={t('journeys.days')}>
        <Select mode="multiple" className="full-width" aria-label={t('journeys.days')} placeholder={t('journeys.every_day')} value={config.days ?? []} options={weekdays.map((value) => ({ value: value as number, label: t(`journeys.weekday_${value}`) }))} onChange={(days: number[]) => onChange({ days: days.length > 0 ? days : undefined })} />
      </Labelled>
      <Checkbox checked={config.workdays ?? false} onChange={({ target }) => onChange({ workdays: target.checked || undefined })}>{t('journeys.workdays_only')}</Checkbox>
    </>
  );
}

/** How long, or until what. */
export function WaitFields({ graph, words, ...props }: FieldsProps & { graph: Graph; words: Words }) {
  const { t } = useTranslation();
  const { config, onChange } = props;
  if (config.kind === 'window') return <WindowFields {...props} />;
  const ofMail = config.kind === 'event' && (config.event === 'mail.clicked' || config.event === 'mail.opened' || config.event === 'mail.replied');
  return (
    <>
      {config.kind === 'event' && <Labelled label={t('journeys.until_event')}><EventSelect entity={props.entity} value={config.event} onChange={(event) => onChange({ event, of: undefined })} /></Labelled>}
      {ofMail && <Labelled label={t('journeys.of')}><MailNodeSelect value={config.of} graph={graph} words={words} onChange={(of) => onChange({ of })} /></Labelled>}
      {config.kind === 'condition' && <Where {...props} label={t('journeys.until_where')} />}
      <SpanInput label={t(config.kind === 'duration' ? 'journeys.for' : 'journeys.longest')} minutes={config.minutes} onChange={(minutes) => onChange({ minutes })} />
    </>
  );
}

/** Goals and exits may be come to from anywhere. */
export function EndFields(props: FieldsProps) {
  const { t } = useTranslation();
  const { config, onChange } = props;
  const kind = config.event !== undefined ? 'event' : config.where ? 'where' : 'none';
  return (
    <>
      <Labelled label={t('journeys.leave_when')}>
        <Select
          className="full-width" aria-label={t('journeys.leave_when')} value={kind} options={(['none', 'event', 'where'] as const).map((value) => ({ value, label: t(`journeys.leave_${value}`) }))}
          onChange={(next) => onChange({ event: next === 'event' ? '' : undefined, where: next === 'where' ? { all: [] } : undefined })}
        />
      </Labelled>
      {kind === 'event' && <EventSelect entity={props.entity} value={config.event} onChange={(event) => onChange({ event })} />}
      {kind === 'where' && <Where {...props} label={t('journeys.until_where')} />}
    </>
  );
}
