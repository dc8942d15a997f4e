#include "sales/period.h"

#include "base/json.h"
#include "organization/company.h"

static const char *const names[PERIOD_KINDS] = {"day", "week", "month", "quarter", "year"};

static int64_t first_of_month(int year, int month_from_0) {
    int over = month_from_0 >= 0 ? month_from_0 / 12 : -((11 - month_from_0) / 12);
    return date_to_days((struct date){year + over, month_from_0 - over * 12 + 1, 1});
}

static struct period months(enum period_kind kind, int year, int month_from_0, int n) {
    return (struct period){kind, first_of_month(year, month_from_0),
                           first_of_month(year, month_from_0 + n)};
}

struct period period_at(enum period_kind kind, int64_t day) {
    struct date d = date_from_days(day);
    int64_t monday = day - date_weekday(d) + 1;
    switch (kind) {
    case PERIOD_DAY:
        return (struct period){kind, day, day + 1};
    case PERIOD_WEEK:
        return (struct period){kind, monday, monday + 7};
    case PERIOD_MONTH:
        return months(kind, d.year, d.month - 1, 1);
    case PERIOD_QUARTER:
        return months(kind, d.year, (d.month - 1) / 3 * 3, 3);
    default:
        return months(PERIOD_YEAR, d.year, 0, 12);
    }
}

struct period period_step(struct period p, int n) {
    static const int lengths[PERIOD_KINDS] = {1, 7, 1, 3, 12};
    if (p.kind <= PERIOD_WEEK) {
        int64_t days = (int64_t)lengths[p.kind] * n;
        return (struct period){p.kind, p.from + days, p.to + days};
    }
    struct date d = date_from_days(p.from);
    return months(p.kind, d.year, d.month - 1 + lengths[p.kind] * n, lengths[p.kind]);
}

const char *period_kind_name(enum period_kind kind) {
    return names[kind];
}

bool period_kind_find(struct str name, enum period_kind *kind) {
    for (int i = 0; i < PERIOD_KINDS; i++) {
        if (str_is(name, names[i])) {
            *kind = (enum period_kind)i;
            return true;
        }
    }
    return false;
}

struct str period_code(struct arena *a, struct period p) {
    struct date d = date_from_days(p.from);
    int64_t thursday = p.from + 3; /* a week is of the year in which its Thursday lies: ISO 8601 */
    struct date t = date_from_days(thursday);
    int64_t week = (thursday - date_to_days((struct date){t.year, 1, 1})) / 7 + 1;
    switch (p.kind) {
    case PERIOD_DAY:
        return period_date(a, p.from);
    case PERIOD_WEEK:
        return str_format(a, "%04d-W%02lld", t.year, (long long)week);
    case PERIOD_MONTH:
        return str_format(a, "%04d-%02d", d.year, d.month);
    case PERIOD_QUARTER:
        return str_format(a, "%04d-Q%d", d.year, (d.month - 1) / 3 + 1);
    default:
        return str_format(a, "%04d", d.year);
    }
}

struct str period_date(struct arena *a, int64_t day) {
    char text[DATE_TEXT];
    date_format(date_from_days(day), text);
    return str_copy(a, str_from(text));
}

int64_t period_today(struct ctx *c) {
    return date_to_days(zone_date(company_zone(c), c->now_ms));
}

int64_t period_day(struct str date) {
    struct date d;
    return date_parse(date, &d) ? date_to_days(d) : -1;
}

int64_t period_instant(struct ctx *c, int64_t day) {
    return zone_midnight(company_zone(c), date_from_days(day));
}

void period_json(struct ctx *c, struct json_writer *w, const char *key, struct period p) {
    json_key(w, key);
    json_begin_object(w);
    JSON_MEMBER(w, "kind", json_put_c, names[p.kind]);
    JSON_MEMBER(w, "code", json_put_str, period_code(c->arena, p));
    JSON_MEMBER(w, "from", json_put_str, period_date(c->arena, p.from));
    JSON_MEMBER(w, "to", json_put_str, period_date(c->arena, p.to - 1));
    json_end_object(w);
}
