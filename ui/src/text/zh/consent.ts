export const consent = {
  'consent.title': '同意', 'consent.none': '还没有同意过任何联系。', 'consent.history': '全部 {{count}} 条', 'consent.less': '收起', 'consent.given': '已同意', 'consent.withdrawn': '已撤回', 'consent.note_given': '记录同意', 'consent.note_withdrawn': '记录撤回',
  'consent.channel': '渠道', 'consent.purpose': '用途', 'consent.words': '对方同意的原文', 'consent.where': '在哪里说的', 'consent.where_hint': '在哪里说的，如电话、合同、展会',
  'consent.channel_email': '邮件', 'consent.channel_sms': '短信', 'consent.channel_phone': '电话', 'consent.channel_wechat': '微信', 'consent.channel_wecom': '企业微信', 'consent.channel_app': '应用内', 'consent.channel_any': '所有渠道',
  'consent.purpose_marketing': '营销', 'consent.purpose_service': '服务通知', 'consent.purpose_privacy': '隐私政策',
};
