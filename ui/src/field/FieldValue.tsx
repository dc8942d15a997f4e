import { Link } from 'react-router';
import { recordPath, useModel } from '@/api/meta';
import type { Field, FieldOption, Money, RecordRow, Reference } from '@/api/types';
import { useFormat } from '@/format/useFormat';
import { nothing, shiftRight, type Formatter } from '@/format/format';
import { useTranslation } from 'react-i18next';
import { isMarked } from './editable';

export function Status({ option }: { option: FieldOption }) {
  return <span className={`status ${option.tone ?? 'idle'} ${option.ring ? 'ring' : ''}`} title={option.label}><span className="ellipsis">{option.label}</span></span>;
}

export function Pill({ option }: { option: FieldOption }) {
  return <span className={`pill ${option.tone ?? 'idle'}`}>{option.label}</span>;
}

export function isMoney(value: unknown): value is Money {
  return typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;
}

/** A value as plain text; for tooltips, chips, history and everything that is not a cell. */
export function textOf(field: Field, value: unknown, format: Formatter, words: { yes: string; no: string }): string {
  if (value === null || value === undefined || value === '') return nothing;
  switch (field.type) {
    case 'option': return field.options?.find((option) => option.code === value)?.label ?? String(value);
    case 'boolean': return value ? words.yes : words.no;
    case 'money': return isMoney(value) ? format.money(value) : String(value);
    case 'integer':
    case 'quantity': return field.share ? `${shiftRight(String(value))}%` : format.decimal(String(value));
    case 'date': return format.fullDate(String(value));
    case 'instant': return format.instant(String(value));
    case 'json': return JSON.stringify(value);
    default: return String(value);
  }
}

/** Province and city apart: "江苏省无锡市" → ["江苏省", "无锡市"]; what has no province stays whole. */
export function regionParts(region: string): string[] {
  const found = /^(.+?(?:省|自治区|特别行政区))\s*(.*)$/.exec(region.trim());
  return found ? [found[1], found[2]].filter((part): part is string => !!part) : region.trim().split(/\s+/);
}

/** "江苏省 无锡市" → "江苏 无锡" where room is short. */
function shortRegion(region: string): string {
  return regionParts(region)
    .map((part) => part.replace(/(?:壮族|回族|维吾尔)?(?:省|市|自治区|特别行政区|地区)$/, ''))
    .join(' ');
}

/** Numbers stand at the right of their column. */
export function isNumeric(field: Field): boolean {
  return field.type === 'integer' || field.type === 'quantity' || field.type === 'money';
}

interface Props {
  field: Field;
  record: RecordRow;
  /** In a list: short forms, marks instead of links for the state. */
  dense?: boolean;
}

function ReferenceValue({ field, record, reference }: { field: Field; record: RecordRow; reference?: Reference | null }) {
  const { t } = useTranslation();
  const model = useModel();
  const id = record[field.name];
  if (typeof id !== 'string') return <span className="t3">{nothing}</span>;
  // Titles were asked for and this one was not given: it is in the trash, or the reader may not see whom or what it is.
  if (!reference && record._refs) return <span className="t3">{t('field.unseen')}</span>;
  const entity = model.named(reference?.entity ?? field.target);
  const title = reference?.title ?? id;
  if (!entity || entity.setting || entity.module === 'platform' || !reference) return <span className="ellipsis">{title}</span>;
  return <Link className="ellipsis" to={recordPath(entity, id)}>{title}</Link>;
}

/** One value of a record, drawn by its type. */
export function FieldValue({ field, record, dense }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = record[field.name];
  if (value === null || value === undefined || value === '') return <span className="t3">{nothing}</span>;
  switch (field.type) {
    case 'reference':
      return <ReferenceValue field={field} record={record} reference={record._refs?.[field.name]} />;
    case 'option': {
      const option = field.options?.find((candidate) => candidate.code === value);
      return option && isMarked(field) ? <Status option={option} /> : <>{option?.label ?? String(value)}</>;
    }
    case 'date':
      return <>{dense ? format.date(String(value)) : format.fullDate(String(value))}</>;
    case 'instant':
      return <time dateTime={String(value)} title={format.instant(String(value))}>{dense ? format.day(String(value)) : format.instant(String(value))}</time>;
    case 'region':
      return <>{dense ? shortRegion(String(value)) : regionParts(String(value)).join(' ')}</>;
    case 'url':
      return <a href={/^https?:/i.test(String(value)) ? String(value) : undefined} target="_blank" rel="noreferrer">{String(value)}</a>;
    case 'email':
      return record._masked?.includes(field.name) ? <>{String(value)}</> : <a href={`mailto:${String(value)}`}>{String(value)}</a>;
    default:
      return <>{textOf(field, value, format, { yes: t('field.yes'), no: t('field.no') })}</>;
  }
}
