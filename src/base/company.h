/* Names of companies and people as they stand in lists. */
#ifndef GUANTONG_BASE_COMPANY_H
#define GUANTONG_BASE_COMPANY_H

#include "base/str.h"

/* What is compared to find the same company: the search key without legal form (有限公司,
 * 集团股份有限公司, Co., Ltd …), brackets, blanks and punctuation. A name that is nothing but
 * a legal form keeps it. */
struct str company_key(struct arena *a, struct str name);

/* A dash, a dot, anything without a letter, or a word for it (无, 不详, n/a): put where nobody knew
 * the name. */
bool name_is_blank(struct str name);

/* A name typed only to fill the field: test, asdf, aaa, 123 (in any case), or containing 测试. */
bool name_is_placeholder(struct str name);

#endif
