/*
 * The company's own settings: what it decides while the program runs. (What an operator
 * decides before it starts is base/settings.h.)
 *
 * One table row in company.c describes each: name, kind, default, bounds, labels. Values
 * are text in the table company_setting.
 */
#ifndef GUANTONG_ORGANIZATION_COMPANY_H
#define GUANTONG_ORGANIZATION_COMPANY_H

#include "base/clock.h"
#include "base/json.h"

struct str company_text(struct ctx *c, const char *name);
int64_t company_int(struct ctx *c, const char *name);
/* The zone reports and relative dates use; Asia/Shanghai unless set. */
const struct zone *company_zone(struct ctx *c);
/* The hours of a working day. */
struct day_hours company_hours(struct ctx *c);
/* ISO code of the company's currency. */
struct str company_currency(struct ctx *c);

/* Whether the company has switched the cloud on ("sales"); for those that always are, true. */
bool company_cloud_on(struct ctx *c, struct str cloud);
/* Those it has switched off, blanks between. */
struct str company_clouds_off(struct ctx *c, struct arena *a);

/* [{"name","label","group","type","value","standard"}…] */
void company_settings_json(struct ctx *c, struct json_writer *w);
/* {"name":value,…}; all field errors are reported; emits company.settings_changed. */
void company_settings_set(struct ctx *c, const struct json *values);
void company_set(struct ctx *c, const char *name, struct str value); /* trusted */

extern const struct module company_module;

#endif
