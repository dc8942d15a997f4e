export const field = {
  'field.unseen': '已删除或无权查看', 'field.yes': '是',
  'field.no': '否',
  'form.optional': '选填',
  'form.required': '请填写{{field}}',
  'form.all_fields': '显示全部 {{count}} 个字段',
};
