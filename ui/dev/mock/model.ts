import type { Entity, Field, FieldOption, FieldType, Meta, Tone } from '../../src/api/types.ts';

function option(code: string, label: string, tone?: Tone, ring?: boolean): FieldOption {
  return { code, label, ...(tone ? { tone } : {}), ...(ring ? { ring } : {}) };
}

function field(name: string, label: string, type: FieldType, more: Partial<Field> = {}): Field {
  return {
    name, label, type, required: false, read_only: false, writable: !more.read_only, right: 'full',
    searched: false, sortable: true, filterable: true, listed: false, custom: false, personal: type === 'phone' || type === 'email', group: 'basic', ...more,
  };
}

const owner = field('owner_id', '负责人', 'reference', { target: 'user', listed: true, group: 'owner' });
const department = field('owner_department_id', '部门', 'reference', { target: 'department', read_only: true, group: 'owner' });
const stamps = [
  field('created_at', '创建时间', 'instant', { read_only: true, group: 'system' }),
  field('updated_at', '更新时间', 'instant', { read_only: true, group: 'system' }),
];

const sources = ['官网表单', '百度搜索', '抖音私信', '展会', '转介绍', '小红书', '知乎', '企业微信'].map((label, at) => option(`s${at}`, label));

function entity(name: string, plural: string, label: string, title: string, fields: Field[], more: Partial<Entity> = {}): Entity {
  const owned = more.owned ?? true;
  return {
    name, plural, label, label_plural: label, owned, title_field: title, module: 'sales', custom: false,
    actions: { create: true, update: true, delete: true, import: true, export: true, assign: owned },
    fields: [...fields, ...(owned ? [owner, department] : []), ...stamps], ...more,
  };
}

const lead = entity('lead', 'leads', '线索', 'name', [
  field('name', '姓名', 'text', { required: true, listed: true, searched: true, max_length: 100 }),
  field('company_name', '公司', 'text', { listed: true, searched: true, max_length: 200 }),
  field('status', '状态', 'option', {
    required: true, listed: true,
    options: [
      option('new', '新线索', 'info', true), option('working', '跟进中', 'info'), option('nurturing', '培育中', 'idle'),
      option('returned', '已退回', 'warn'), option('converted', '已转化', 'ok'), option('disqualified', '无效', 'idle'),
    ],
  }),
  field('score', '评分', 'integer', { listed: true, read_only: true }),
  field('source', '来源', 'option', { listed: true, options: sources }),
  field('region', '地区', 'region', { listed: true }),
  field('phone', '手机', 'phone', { listed: true, searched: true, right: 'masked', group: 'contact' }),
  field('email', '邮箱', 'email', { group: 'contact' }),
  field('job_title', '职位', 'text', {}),
  field('description', '备注', 'long_text', {}),
  field('budget', '预算', 'money', {}),
  field('account_id', '客户', 'reference', { target: 'account', read_only: true }),
  field('next_follow_up_at', '下次跟进', 'instant', { listed: true, group: 'follow_up' }),
  field('last_follow_up_at', '最近跟进', 'instant', { listed: true, read_only: true, group: 'follow_up' }),
], { module: 'customer', timeline: true });

const account = entity('account', 'accounts', '客户', 'name', [
  field('name', '名称', 'text', { required: true, listed: true, searched: true, max_length: 200 }),
  field('industry', '行业', 'option', { listed: true, options: [option('machine', '装备制造'), option('auto', '汽车零部件'), option('textile', '纺织'), option('pack', '包装')] }),
  field('size', '规模', 'option', { listed: true, options: [option('s', '1–99 人'), option('m', '100–499 人'), option('l', '500–999 人')] }),
  field('region', '地区', 'region', { listed: true }),
  field('annual_revenue', '年营收', 'money', { listed: true }),
  field('website', '网站', 'url'),
  field('phone', '电话', 'phone', { right: 'masked', group: 'contact' }),
  field('next_follow_up_at', '下次跟进', 'instant', { listed: true, group: 'follow_up' }),
], { module: 'customer', timeline: true });

const person = entity('person', 'people', '人', 'name', [
  field('name', '姓名', 'text', { required: true, listed: true, searched: true }),
  field('phone', '手机', 'phone', { listed: true, right: 'masked', group: 'contact' }),
  field('email', '邮箱', 'email', { listed: true, group: 'contact' }),
], { module: 'customer' });

const contact = entity('contact', 'contacts', '联系人', 'name', [
  field('name', '姓名', 'text', { listed: true, read_only: true }),
  field('person_id', '人', 'reference', { target: 'person', required: true }),
  field('account_id', '客户', 'reference', { target: 'account', required: true, listed: true }),
  field('role', '角色', 'text', { listed: true }),
], { module: 'customer', owned: false });

const opportunity = entity('opportunity', 'opportunities', '商机', 'name', [
  field('name', '名称', 'text', { required: true, listed: true, searched: true }),
  field('account_id', '客户', 'reference', { target: 'account', required: true, listed: true }),
  field('pipeline_id', '销售流程', 'reference', { target: 'pipeline', read_only: true }),
  field('stage_id', '阶段', 'reference', { target: 'stage', listed: true, read_only: true }),
  field('lost_reason_id', '输单原因', 'reference', { target: 'lost_reason' }),
  field('state', '结果', 'option', { listed: true, read_only: true, options: [option('open', '进行中', 'info'), option('won', '赢单', 'ok'), option('lost', '输单', 'idle')] }),
  field('amount', '金额', 'money', { listed: true }),
  field('expected_close_date', '预计成交', 'date', { listed: true }),
  field('stage_entered_at', '进入阶段', 'instant', { read_only: true, group: 'follow_up' }),
  field('next_follow_up_at', '下次跟进', 'instant', { listed: true, group: 'follow_up' }),
], { timeline: true });

const task = entity('task', 'tasks', '任务', 'title', [
  field('title', '任务', 'text', { required: true, listed: true }),
  field('status', '状态', 'option', { listed: true, required: true, options: [option('open', '待办', 'info'), option('done', '完成', 'ok'), option('cancelled', '取消', 'idle')] }),
  field('due_at', '到期', 'instant', { listed: true }),
  field('subject_type', '对象类型', 'text'),
  field('subject_id', '对象', 'reference'),
], { module: 'customer' });

const product = entity('product', 'products', '产品', 'name', [
  field('name', '名称', 'text', { required: true, listed: true }),
  field('code', '编码', 'text', { listed: true }),
  field('price', '单价', 'money', { listed: true }),
  field('active', '在售', 'boolean', { listed: true }),
], { module: 'customer', owned: false });

const site = entity('x_site', 'x_sites', '工厂', 'name', [
  field('name', '名称', 'text', { required: true, listed: true }),
  field('account_id', '客户', 'reference', { target: 'account', listed: true }),
  field('x_lines', '产线数', 'quantity', { listed: true, custom: true }),
], { custom: true });

const user = entity('user', 'users', '用户', 'name', [
  field('name', '姓名', 'text', { required: true, listed: true }),
  field('login', '账号', 'text', { listed: true }),
  field('language', '语言', 'option', { options: [option('zh', '中文'), option('en', 'English')] }),
], { module: 'platform', owned: false });
const departmentEntity = entity('department', 'departments', '部门', 'name', [field('name', '名称', 'text', { listed: true })], { module: 'platform', owned: false });
const pipeline = entity('pipeline', 'pipelines', '销售流程', 'name', [field('name', '名称', 'text', { listed: true })], { owned: false, setting: true });
const stage = entity('stage', 'stages', '阶段', 'name', [
  field('name', '名称', 'text', { listed: true }),
  field('pipeline_id', '销售流程', 'reference', { target: 'pipeline', listed: true }),
  field('position', '次序', 'integer', { listed: true }),
  field('kind', '类型', 'option', { options: [option('open', '进行'), option('won', '赢单'), option('lost', '输单')] }),
  field('required_fields', '必填', 'json'),
], { owned: false, setting: true });
const lostReason = entity('lost_reason', 'lost_reasons', '输单原因', 'name', [field('name', '名称', 'text', { listed: true })], { owned: false, setting: true });
const activity = entity('activity', 'activities', '跟进记录', 'content', [
  field('type', '方式', 'option', { listed: true, options: [option('note', '备注'), option('call', '电话'), option('visit', '拜访')] }),
  field('content', '内容', 'long_text', { listed: true }),
  field('outcome', '结果', 'option', { listed: true, options: [option('reached', '接通', 'ok'), option('no_answer', '未接', 'warn'), option('interested', '有意向', 'ok'), option('other', '其他', 'idle')] }),
], { module: 'customer' });
const view = entity('saved_view', 'saved_views', '视图', 'name', [
  field('name', '名称', 'text'), field('entity_name', '类型', 'text'), field('definition', '定义', 'json'),
  field('shared', '共享', 'boolean'), field('pinned', '固定', 'boolean'),
], { module: 'platform' });

export const meta: Meta = {
  entities: [lead, account, person, contact, opportunity, task, product, site, user, departmentEntity, pipeline, stage, lostReason, activity, view],
  labels: {
    'group.basic': '基本信息', 'group.contact': '联系方式', 'group.follow_up': '跟进', 'group.owner': '归属', 'group.system': '系统信息',
  },
};
