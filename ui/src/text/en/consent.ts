import type { Translation } from '../translation';
import type { consent as zh } from '../zh/consent';

export const consent: Translation<typeof zh> = {
  'consent.title': 'Consent', 'consent.none': 'Agreed to nothing yet.', 'consent.history': 'All {{count}}', 'consent.less': 'Less', 'consent.given': 'Given', 'consent.withdrawn': 'Withdrawn', 'consent.note_given': 'Note consent', 'consent.note_withdrawn': 'Note withdrawal',
  'consent.channel': 'Channel', 'consent.purpose': 'Purpose', 'consent.words': 'The words that were agreed to', 'consent.where': 'Where it was said', 'consent.where_hint': 'Where it was said: phone, contract, fair',
  'consent.channel_email': 'E-mail', 'consent.channel_sms': 'SMS', 'consent.channel_phone': 'Phone', 'consent.channel_wechat': 'WeChat', 'consent.channel_wecom': 'WeCom', 'consent.channel_app': 'In the app', 'consent.channel_any': 'All channels',
  'consent.purpose_marketing': 'Marketing', 'consent.purpose_service': 'Service', 'consent.purpose_privacy': 'Privacy policy',
};
