export const record = {
  'record.changed': '{{record}} 的「{{field}}」已改',
  'record.somebody': '同事',
  'record.conflict': '{{who}}在你编辑时改了「{{field}}」',
  'record.mine': '你的：',
  'record.theirs': '{{who}}的：',
  'record.before': '原来：',
  'record.keep_chosen': '保存所选',
};
