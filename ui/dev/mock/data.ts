import type { RecordRow } from '../../src/api/types.ts';

export type Store = Map<string, Map<string, RecordRow>>;

const family = '孙王陈李许赵冯何韩周钱杨吴沈蒋郑顾唐'.split('');
const given = ['立民', '振宇', '立', '文博', '诺', '晓彤', '静', '佳', '雪', '雅琴', '伟', '帆', '倩', '浩然', '海峰', '梦洁'];
const places = ['江苏省 无锡市', '江苏省 南通市', '安徽省 芜湖市', '江苏省 苏州市', '浙江省 温州市', '浙江省 宁波市', '江苏省 扬州市'];
const names = ['天工智能装备股份', '沃德纺织机械', '江城汽车零部件', '恒钧精密制造', '信达电气', '海沃汽车配件', '柏盛重工机械', '瑞泽机电设备', '长江铸造', '越达染整', '北辰包装设备', '海瑞环保装备'];
const demands = ['两条产线换伺服，约 60 轴，1 月前到货', '问 200 台起订价', '演示后未回访，对方又打开方案 4 次', null];
const statuses = ['working', 'working', 'working', 'new', 'nurturing', 'working', 'returned', 'converted'];

let lastId = 700_000_000_000;
export function nextId(): string {
  lastId += 1;
  return String(lastId);
}

const at = (days: number, hour = 10) => {
  const day = new Date();
  day.setUTCHours(hour - 8, (days * 7 + 60) % 60, 0, 0);
  return new Date(day.getTime() + days * 86_400_000).toISOString();
};

function add(store: Store, plural: string, values: Record<string, unknown>, id = nextId()): RecordRow {
  const record: RecordRow = {
    id, version: 1, created_at: at(-30), updated_at: at(-2), created_by: '1', updated_by: '1', deleted_at: null, ...values,
  };
  const table = store.get(plural) ?? new Map<string, RecordRow>();
  table.set(id, record);
  store.set(plural, table);
  return record;
}

const pick = <T>(list: T[], index: number): T => list[index % list.length] as T;

function addLeads(store: Store, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const place = pick(places, index * 3 + (index >> 4));
    add(store, 'leads', {
      name: pick(family, index * 5) + pick(given, index * 3 + (index >> 5)),
      company_name: `${place.split(' ')[1]?.replace('市', '')}${pick(names, index * 7)}有限公司`,
      status: pick(statuses, index), score: 95 - (index % 80), source: `s${index % 8}`, region: place,
      phone: `1${30 + (index % 60)}${String(10_000_000 + ((index * 7919) % 89_999_999)).slice(0, 8)}`,
      email: index % 3 ? null : `kontakt${index}@example.cn`, job_title: pick(['设备部经理', '采购经理', null], index),
      description: pick(demands, index), budget: index % 4 ? null : { amount: `${120000 + index * 1000}.00`, currency: 'CNY' },
      owner_id: pick(['1', '2', '3'], index), owner_department_id: '10', account_id: null,
      next_follow_up_at: index % 5 === 3 ? null : at((index % 9) - 3, 9 + (index % 8)),
      last_follow_up_at: index % 6 === 3 ? null : at(-(index % 12) - 1),
    });
  }
}

function addDeals(store: Store): void {
  const accounts = names.map((name, index) => add(store, 'accounts', {
    name: `${pick(places, index).split(' ')[1]?.replace('市', '')}${name}有限公司`, industry: pick(['machine', 'auto', 'textile', 'pack'], index),
    size: pick(['s', 'm', 'l'], index), region: pick(places, index), annual_revenue: { amount: `${(index + 1) * 26_000_000}.00`, currency: 'CNY' },
    website: null, phone: '051088886666', owner_id: pick(['1', '2'], index), owner_department_id: '10', next_follow_up_at: at(index % 3, 15),
  }));
  accounts.forEach((account, index) => {
    const human = add(store, 'people', { name: pick(family, index) + pick(given, index), phone: `1380000${1000 + index}`, email: null, owner_id: '1', owner_department_id: '10' });
    add(store, 'contacts', { name: human.name, person_id: human.id, account_id: account.id, role: pick(['采购经理，经办', '生产总监，决策'], index) });
    for (let deal = 0; deal < 3; deal += 1) {
      const stage = pick(['201', '202', '203', '204', '205'], index + deal);
      add(store, 'opportunities', {
        name: pick(['三号线伺服改造', '数采网关扩容', '产线改造二期'], deal), account_id: account.id, pipeline_id: '200', stage_id: stage,
        state: stage === '204' ? 'won' : stage === '205' ? 'lost' : 'open', amount: { amount: `${(index + deal + 1) * 48_000}.00`, currency: 'CNY' },
        expected_close_date: at(index + deal).slice(0, 10), stage_entered_at: at(-index - deal), owner_id: pick(['1', '2'], index),
        owner_department_id: '10', next_follow_up_at: at(deal, 14),
      });
    }
    add(store, 'x_sites', { name: `${pick(places, index).split(' ')[1]}一厂`, account_id: account.id, x_lines: `${index + 1}.5`, owner_id: '1', owner_department_id: '10' });
  });
}

export function sample(): Store {
  const store: Store = new Map();
  [['1', '陈思远', 'admin'], ['2', '刘洋', 'liuyang'], ['3', '张雨桐', 'zhangyutong']].forEach(([id, name, login]) =>
    add(store, 'users', { name, login, language: 'zh' }, id));
  add(store, 'departments', { name: '华东销售部' }, '10');
  add(store, 'pipelines', { name: '标准流程' }, '200');
  [['201', '需求', 'open'], ['202', '方案', 'open'], ['203', '报价', 'open'], ['204', '赢单', 'won'], ['205', '输单', 'lost']].forEach(
    ([id, name, kind], position) => add(store, 'stages', { name, kind, position, pipeline_id: '200', required_fields: id === '203' ? ['amount', 'expected_close_date'] : [] }, id));
  [['301', '价格'], ['302', '选了竞品']].forEach(([id, name]) => add(store, 'lost_reasons', { name }, id));
  addLeads(store, 1284);
  addDeals(store);
  add(store, 'products', { name: '伺服驱动器 400W', code: 'SD-400', price: { amount: '1860.00', currency: 'CNY' }, active: true });
  const lead = [...(store.get('leads')?.keys() ?? [])][0];
  add(store, 'tasks', { title: '给修改后的报价', status: 'open', due_at: at(-3, 15), subject_type: 'lead', subject_id: lead, owner_id: '1', owner_department_id: '10' });
  add(store, 'tasks', { title: '确认验收时间', status: 'open', due_at: at(0, 17), subject_type: 'lead', subject_id: lead, owner_id: '1', owner_department_id: '10' });
  add(store, 'saved_views', {
    name: '高分未跟进', entity_name: 'lead', shared: true, pinned: true, owner_id: '1',
    definition: { where: { all: [{ field: 'score', op: 'gte', value: 60 }, { field: 'status', op: 'not_in', value: ['converted', 'disqualified'] }] }, sort: '-score' },
  });
  add(store, 'saved_views', { name: '我负责的', entity_name: 'lead', shared: false, pinned: false, owner_id: '1', definition: { where: { field: 'owner_id', op: 'is_me' } } });
  add(store, 'activities', { type: 'call', subject_type: 'lead', subject_id: lead, content: '对伺服部分认可，嫌控制柜单价高 6%。要周五前的修改报价，拆开控制柜单列。', duration_seconds: 728, occurred_at: at(-6, 14), owner_id: '1' });
  add(store, 'activities', { type: 'visit', subject_type: 'lead', subject_id: lead, content: '见到孙立民和生产总监顾海，看了三号线。', occurred_at: at(-12, 9), owner_id: '1' });
  return store;
}
