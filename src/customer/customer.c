/* What the record types of this folder share: names of field groups, common refusals. */
#include "customer/customer.h"

#include "base/message.h"

static const struct text texts[] = {{"group.basic", "基本信息", "Basics"},
                                    {"group.contact", "联系方式", "Contact"},
                                    {"group.work", "跟进", "Follow-up"},
                                    {"group.source", "来源", "Source"},
                                    {"group.result", "结果", "Result"},
                                    {"group.billing", "开票与结算", "Billing"},
                                    {0}};

const struct module customer_module = {.name = "customer", .cloud = "customer", .texts = texts};
