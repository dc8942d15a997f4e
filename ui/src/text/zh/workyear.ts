/** Words of the calendar of working days. */
export const workyear = {
  'workyear.title': '工作日历',
  'workyear.hint': '节假日和调休上班的日子：按工作日计时的地方都照它',
  'workyear.none_hint': '国务院办公厅每年十一月前后公布下一年的放假安排。公布后把放假和调休上班的日子加在这里；公司自己的假期也加在这里。公海时限、审批提醒、线索交接、分配的工作时间、营销路径都照这份日历。',
  'workyear.before': '前一年',
  'workyear.after': '后一年',
  'workyear.working_days_other': '{{count}} 个工作日',
  'workyear.announced': '已按国务院办公厅 {{year}} 年放假通知；你加的日子优先。',
  'workyear.not_announced': '{{year}} 年的放假通知不在程序里：只按周一到周五，和法律定了日期的元旦、劳动节（5 月 1、2 日）、国庆节（10 月 1 至 3 日）。春节、清明、端午、中秋和调休请加在上面。',
  'workyear.month': '{{n}} 月',
  'workyear.off': '放假',
  'workyear.works': '上班',
  'workyear.of_company': '公司录入',
  'workyear.of_notice': '国务院通知',
  'workyear.of_law': '法定假日',
};
