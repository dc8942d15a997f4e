#include "base/texts.h"

const struct text base_texts[] = {
    {"phone.empty", "没有填写电话", "No telephone number given"},
    {"phone.no_number", "不是电话号码", "Not a telephone number"},
    {"phone.length", "电话号码位数不对", "The telephone number has the wrong number of digits"},
    {"phone.prefix", "没有这个号段或区号", "No such prefix, area code or country code"},
    {"phone.placeholder", "像是随手填的号码", "Looks like a made-up number"},
    {"email.empty", "没有填写邮箱", "No mail address given"},
    {"email.syntax", "邮箱格式不对", "Not a valid mail address"},
    {"email.disposable", "是一次性邮箱", "A throw-away mail address"},
    {"email.placeholder", "邮箱是占位的", "A mail address that only fills the field"},
    {0},
};
