/*
 * Accounts: companies we do business with. Two spellings of one name meet in company_key
 * (base/company.h), which the account keeps in an indexed column.
 */
#ifndef GUANTONG_CUSTOMER_ACCOUNT_H
#define GUANTONG_CUSTOMER_ACCOUNT_H

#include "entity/record.h"

/* Ids of accounts whose name means the same company, at most limit, oldest first. */
size_t account_same_name(struct ctx *c, struct str name, int64_t *ids, size_t limit);

#endif
