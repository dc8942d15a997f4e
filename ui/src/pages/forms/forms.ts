import type { Condition, Entity, Field, FieldType, ProblemError } from '@/api/types';

/** Words in the languages of a form. */
export interface Words {
  zh?: string;
  en?: string;
}
export type Tongue = keyof Words;

export const questionTypes = ['text', 'long_text', 'phone', 'email', 'choice', 'choices', 'number', 'date', 'consent', 'hidden', 'heading'] as const;
export type QuestionType = (typeof questionTypes)[number];

export interface FormOption extends Words {
  value: string;
}

export interface Question {
  id: string;
  type: QuestionType;
  maps?: string;
  label?: Words;
  help?: Words;
  required?: boolean;
  half?: boolean;
  options?: FormOption[];
  most?: number;
  low?: string;
  high?: string;
  show_if?: Condition | null;
  value?: string;
  parameter?: string;
  channels?: string[];
  purpose?: string;
  text?: Words;
}

export interface Design {
  title?: Words;
  intro?: Words;
  button?: Words;
  questions: Question[];
  thanks?: { message?: Words; url?: string };
  source?: string;
  campaign?: string;
  owner_id?: string;
  notify?: string[];
  rate_per_minute?: number;
  minimum_seconds?: number;
}

export interface FormRow {
  id: string;
  name: string;
  slug: string;
  status: 'draft' | 'published' | 'archived';
  version_number: number;
  changed: boolean;
  published_at: string | null;
  views: number;
  submissions: number;
  today: number;
  failed: number;
  last_at: string | null;
}

export interface Overview {
  days: number;
  all: boolean;
  /** Hosts that may frame the forms, blanks between. */
  sites: string;
  data: FormRow[];
}

export interface FormVersion {
  version: number;
  published_at: string;
  published_by: string;
  design: Design;
  views: number;
  submissions: number;
}

export const consentChannels = ['email', 'sms', 'phone', 'wechat', 'wecom', 'any'] as const;
export const consentPurposes = ['marketing', 'service', 'privacy'] as const;

/** The words in one language, else in the other. */
export function say(words: Words | undefined, tongue: Tongue): string {
  return words?.[tongue] || words?.zh || words?.en || '';
}

/** A draft as the server keeps it; an empty one of a new form. */
export function designOf(draft: unknown): Design {
  const design = typeof draft === 'object' && draft !== null ? (draft as Partial<Design>) : {};
  return { ...design, questions: design.questions ?? [] };
}

const pageFields = ['website_url', 'visitor', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'gclid', 'bd_vid', 'qz_gdt', 'clickid', 'ttclid', 'fbclid', 'msclkid'];

/** An id nobody has, nor the page for its own fields: the field's name, else "q3". */
export function freeId(questions: Question[], wish: string): string {
  const taken = new Set([...pageFields, ...questions.map(({ id }) => id)]);
  const stem = /^[a-z][a-z0-9_]{0,30}$/.test(wish) ? wish : 'q';
  if (stem !== 'q' && !taken.has(stem)) return stem;
  let number = 1;
  while (taken.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

export function place(questions: Question[], question: Question, at: number): Question[] {
  return [...questions.slice(0, at), question, ...questions.slice(at)];
}

/** The question moved so that it stands before what stands at `to` now. */
export function moved(questions: Question[], from: number, to: number): Question[] {
  const question = questions[from];
  if (!question || to === from || to === from + 1) return questions;
  const rest = questions.filter((_, index) => index !== from);
  return place(rest, question, to > from ? to - 1 : to);
}

const unfillable = new Set(['status', 'score', 'review_note', 'next_follow_up_at']);
const fillable = new Set<FieldType>(['text', 'long_text', 'boolean', 'integer', 'quantity', 'date', 'option', 'phone', 'email', 'region', 'url']);

/** Fields of a lead that a stranger may fill in, those the company added among them. */
export function fieldsFor(lead: Entity | undefined): Field[] {
  return (lead?.fields ?? []).filter((field) => !field.system && !field.read_only && fillable.has(field.type) && !unfillable.has(field.name));
}

const typeOfField: Partial<Record<FieldType, QuestionType>> = {
  long_text: 'long_text', phone: 'phone', email: 'email', option: 'choice', integer: 'number', quantity: 'number', date: 'date', boolean: 'choice',
};

/** The question that asks for a field of a lead, whose words are in the language the reader has. */
export function questionFor(field: Field, questions: Question[], tongue: Tongue): Question {
  const type = typeOfField[field.type] ?? 'text';
  const options = field.options?.map(({ code, label }) => ({ value: code, [tongue]: label }));
  return {
    id: freeId(questions, field.name.replace(/^x_/, '')), type, maps: field.name, label: { [tongue]: field.label },
    required: field.name === 'phone' || field.name === 'name',
    ...(type === 'choice' ? { options: options ?? [{ value: 'true', zh: '是', en: 'Yes' }, { value: 'false', zh: '否', en: 'No' }] } : {}),
  };
}

/** What a new question is called at first. */
const typeWords: Record<QuestionType, Required<Words>> = {
  text: { zh: '单行文字', en: 'Text' }, long_text: { zh: '多行文字', en: 'Long text' }, phone: { zh: '手机', en: 'Mobile' }, email: { zh: '邮箱', en: 'E-mail' },
  choice: { zh: '单选', en: 'Please choose one' }, choices: { zh: '多选', en: 'Please choose' }, number: { zh: '数字', en: 'Number' }, date: { zh: '日期', en: 'Date' },
  consent: { zh: '同意条款', en: 'Consent' }, hidden: { zh: '隐藏字段', en: 'Hidden' }, heading: { zh: '小标题', en: 'Heading' },
};

/**
 * A question of a type, with what it needs to begin with, in one language: where the words of one are changed, those
 * of the other must not stay behind for strangers.
 */
export function questionOf(type: QuestionType, questions: Question[], tongue: Tongue): Question {
  const id = freeId(questions, type === 'consent' ? 'consent' : 'q');
  const base: Question = { id, type, label: { [tongue]: typeWords[type][tongue] } };
  const inOne = (words: Required<Words>): Words => ({ [tongue]: words[tongue] });
  if (type === 'choice' || type === 'choices') return { ...base, options: [{ value: 'a', ...inOne({ zh: '选项一', en: 'Option one' }) }, { value: 'b', ...inOne({ zh: '选项二', en: 'Option two' }) }] };
  if (type === 'consent') return { ...base, channels: ['email'], purpose: 'marketing', text: inOne({ zh: '我同意接收产品资讯，可随时退订。', en: 'You may send me news about products; I can unsubscribe at any time.' }) };
  if (type === 'hidden') return { ...base, parameter: '' };
  return base;
}

const answerTypes: Record<QuestionType, FieldType> = {
  text: 'text', long_text: 'text', phone: 'text', email: 'text', choice: 'option', choices: 'text', number: 'quantity', date: 'date',
  consent: 'boolean', hidden: 'text', heading: 'text',
};

/** The questions before one, as a record type for the editor of conditions. */
export function answersBefore(questions: Question[], index: number, tongue: Tongue, label: string): Entity {
  const fields = questions.slice(0, index).filter(({ type }) => type !== 'heading').map((question): Field => ({
    name: question.id, label: say(question.label ?? question.text, tongue) || question.id, type: answerTypes[question.type],
    required: false, read_only: false, writable: true, right: 'full', searched: false, sortable: false, filterable: true, listed: false, custom: false,
    options: question.type === 'choice' ? question.options?.map((option) => ({ code: option.value, label: say(option, tongue) })) : undefined,
  }));
  return {
    name: 'form_answer', plural: 'form_answers', label, label_plural: label, owned: false, title_field: '', module: 'marketing', custom: false,
    actions: { create: false, update: false, delete: false, import: false, export: false, assign: false }, fields,
  };
}

/** What the server said is wrong, by question; what belongs to none stands under -1. */
export function errorsByQuestion(errors: ProblemError[] | undefined): Map<number, ProblemError[]> {
  const found = new Map<number, ProblemError[]>();
  for (const error of errors ?? []) {
    const match = /^\/draft\/questions\/(\d+)/.exec(error.pointer);
    const index = match ? Number(match[1]) : -1;
    found.set(index, [...(found.get(index) ?? []), error]);
  }
  return found;
}

/** Submissions of a hundred views; null before anybody looked. */
export function conversion(views: number, submissions: number): number | null {
  return views > 0 ? Math.min(1, submissions / views) : null;
}

/** A start that can be published as it is. */
export function firstDesign(name: string, tongue: Tongue): Design {
  return {
    title: { [tongue]: name },
    button: { zh: '提交', en: 'Send' },
    thanks: { message: { zh: '我们会尽快与您联系。', en: 'We will be in touch soon.' } },
    questions: [
      { id: 'name', type: 'text', maps: 'name', label: { zh: '姓名', en: 'Name' }, required: true },
      { id: 'phone', type: 'phone', maps: 'phone', label: { zh: '手机', en: 'Mobile' }, required: true },
      { id: 'company_name', type: 'text', maps: 'company_name', label: { zh: '公司', en: 'Company' } },
    ],
  };
}

/** What an address says of where it was put. */
export interface Utm {
  utm_source?: string;
  utm_medium?: string;
  utm_campaign?: string;
}

/** The address with those that are said, as addresses are written. */
export function addressWith(page: string, utm: Utm): string {
  const said = Object.entries(utm).map(([name, value]) => [name, value.trim()] as const).filter(([, value]) => value);
  return said.length > 0 ? `${page}?${said.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}` : page;
}
