/* What the reports of credits are asked for: the same words in all of them. */
#ifndef GUANTONG_MARKETING_CREDIT_REQUEST_H
#define GUANTONG_MARKETING_CREDIT_REQUEST_H

#include "http/request.h"
#include "marketing/credit.h"

/*
 * from, to: days; without them the last 90 up to today. window: days, 180 unless given. by:
 * "channel" or "campaign". product_id. model into *model, "linear" unless given. Field errors.
 */
bool credit_request(struct request *r, struct credits *k, int *model);

/* Whether the actor may read touches, deals and their amounts, without which there is no credit. */
bool credit_may_read(struct ctx *c);

/* "cut": how many deals or touches were looked at where there are more, else null. */
void credit_cut_json(const struct credits *k, struct json_writer *w);
void credit_money(const struct credits *k, struct json_writer *w, const char *key, int64_t minor);
/* The deals of these ids as a condition of their list. */
void credit_deals_where(const struct credits *k, struct json_writer *w, const int64_t *ids,
                        size_t n);

#endif
