import { describe, expect, it } from 'vitest';
import { leadsWhere, spentWhere, usualPeriod } from './returns';

const days = { from: '2026-07-01', to: '2026-09-30' };
const spent = { field: 'spent_on', op: 'between', value: ['2026-07-01', '2026-09-30'] };

describe('the records behind a return', () => {
  it('finds what was spent on a channel by its own word or its campaign’s', () => {
    expect(spentWhere({ by: 'campaign', ...days }, { title: '工博会', booked: ['工博会'] })).toEqual({ all: [{ field: 'campaign_id.name', op: 'in', value: ['工博会'] }, spent] });
    expect(spentWhere({ by: 'channel', ...days }, { title: 'Baidu', booked: ['BAIDU', 'Baidu'] })).toEqual({ all: [
      { any: [{ field: 'channel', op: 'in', value: ['BAIDU', 'Baidu'] }, { all: [{ field: 'channel', op: 'is_empty' }, { field: 'campaign_id.channel', op: 'in', value: ['BAIDU', 'Baidu'] }] }] }, spent,
    ] });
  });
  it('finds what was spent on none of them', () => {
    expect(spentWhere({ by: 'campaign', ...days }, { title: '', booked: [] })).toEqual({ all: [{ field: 'campaign_id', op: 'is_empty' }, spent] });
    expect(spentWhere({ by: 'channel', ...days }, { title: '', booked: [] })).toEqual({ all: [{ all: [{ field: 'channel', op: 'is_empty' }, { field: 'campaign_id.channel', op: 'is_empty' }] }, spent] });
  });
  it('counts leads from midnight to midnight of the company', () => {
    expect(leadsWhere({ by: 'campaign', ...days }, { title: '工博会', said: ['工博会', 'ciif'] }, 'Asia/Shanghai')).toEqual({ all: [
      { field: 'campaign', op: 'in', value: ['工博会', 'ciif'] },
      { field: 'created_at', op: 'gte', value: '2026-06-30T16:00:00.000Z' }, { field: 'created_at', op: 'lt', value: '2026-09-30T16:00:00.000Z' },
    ] });
    expect(leadsWhere({ by: 'channel', ...days }, { title: '', said: [] }, 'Asia/Shanghai')).toMatchObject({ all: [{ field: 'source', op: 'is_empty' }, {}, {}] });
  });
  it('looks at two quarters, the running one included', () => {
    expect(usualPeriod('2026-11-26')).toEqual({ from: '2026-07-01', to: '2026-11-26' });
    expect(usualPeriod('2026-01-02')).toEqual({ from: '2025-10-01', to: '2026-01-02' });
  });
});
