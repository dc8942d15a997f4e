/* Relative dates: durations and calendar periods turned into bounds. */
#include "entity/condition_tree.h"

static const struct zone *(*zone_provider)(struct ctx *c);

void condition_zone_register(const struct zone *(*provider)(struct ctx *c)) {
    zone_provider = provider;
}

const struct zone *condition_zone(struct ctx *c) {
    const struct zone *zone = zone_provider ? zone_provider(c) : NULL;
    return zone ? zone : zone_find(STR("Asia/Shanghai"));
}

enum { DURATION_MAX_DAYS = 36525 };

bool condition_duration(struct str text, bool in_ms, int64_t *duration) {
    int64_t n;
    if (text.n < 2 || !str_to_int(str_slice(text, 0, text.n - 1), &n) || n < 0) {
        return false;
    }
    int64_t unit = 0;
    switch (text.p[text.n - 1]) {
    case 'h':
        unit = in_ms ? MS_HOUR : 0;
        break;
    case 'd':
        unit = in_ms ? MS_DAY : 1;
        break;
    case 'w':
        unit = in_ms ? 7 * (int64_t)MS_DAY : 7;
        break;
    default:
        break;
    }
    int64_t most = in_ms ? DURATION_MAX_DAYS * (int64_t)MS_DAY : DURATION_MAX_DAYS;
    if (unit == 0 || n > most / unit) {
        return false;
    }
    *duration = n * unit;
    return true;
}

bool condition_period(struct str name, struct period *period) {
    static const struct period periods[] = {
        {"today", PERIOD_DAY, 0},
        {"yesterday", PERIOD_DAY, -1},
        {"tomorrow", PERIOD_DAY, 1},
        {"this_week", PERIOD_WEEK, 0},
        {"last_week", PERIOD_WEEK, -1},
        {"next_week", PERIOD_WEEK, 1},
        {"this_month", PERIOD_MONTH, 0},
        {"last_month", PERIOD_MONTH, -1},
        {"next_month", PERIOD_MONTH, 1},
        {"this_quarter", PERIOD_QUARTER, 0},
        {"last_quarter", PERIOD_QUARTER, -1},
        {"next_quarter", PERIOD_QUARTER, 1},
        {"this_year", PERIOD_YEAR, 0},
        {"last_year", PERIOD_YEAR, -1},
        {"next_year", PERIOD_YEAR, 1},
    };
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (str_is(name, periods[i].name)) {
            *period = periods[i];
            return true;
        }
    }
    return false;
}

/* The first day of the month so many after the given year and month. */
static struct date month_begin(struct date d, int months) {
    int month = d.year * 12 + d.month - 1 + months;
    return (struct date){month / 12, month % 12 + 1, 1};
}

/* The first day of the period that is offset periods after the one with today in it. */
static struct date period_begin(enum period_unit unit, int offset, struct date today) {
    switch (unit) {
    case PERIOD_DAY:
        return date_from_days(date_to_days(today) + offset);
    case PERIOD_WEEK:
        return date_from_days(date_to_days(today) - (date_weekday(today) - 1) + 7 * offset);
    case PERIOD_MONTH:
        return month_begin(today, offset);
    case PERIOD_QUARTER:
        return month_begin(today, 3 * offset - (today.month - 1) % 3);
    case PERIOD_YEAR:
        break;
    }
    return (struct date){today.year + offset, 1, 1};
}

static struct value date_value(struct arena *a, struct date d) {
    char text[DATE_TEXT];
    date_format(d, text);
    return (struct value){.kind = VALUE_TEXT, .text = str_copy(a, str_from(text))};
}

static struct value instant_value(int64_t ms) {
    return (struct value){.kind = VALUE_INTEGER, .integer = ms};
}

static struct condition_bounds period_bounds(struct ctx *c, const struct condition_leaf *leaf,
                                             struct date today) {
    const struct period *p = &leaf->period;
    struct date from = period_begin(p->unit, p->offset, today);
    struct date to = period_begin(p->unit, p->offset + 1, today);
    struct condition_bounds b = {.has_low = true, .has_high = true, .high_open = true};
    if (leaf->field->type == FIELD_DATE) {
        b.low = date_value(c->arena, from);
        b.high = date_value(c->arena, to);
    } else {
        const struct zone *zone = condition_zone(c);
        b.low = instant_value(zone_midnight(zone, from));
        b.high = instant_value(zone_midnight(zone, to));
    }
    return b;
}

/* The present moved by the duration: an instant, or a day for dates. */
static struct value present(struct ctx *c, const struct condition_leaf *leaf, struct date today,
                            int sign) {
    int64_t moved = sign * leaf->duration;
    if (leaf->field->type == FIELD_DATE) {
        return date_value(c->arena, date_from_days(date_to_days(today) + moved));
    }
    return instant_value(c->now_ms + moved);
}

static struct condition_bounds relative_bounds(struct ctx *c, const struct condition_leaf *leaf) {
    struct date today = zone_date(condition_zone(c), c->now_ms);
    struct condition_bounds b = {.has_high = true};
    switch (leaf->operator) {
    case OPERATOR_WITHIN_LAST:
        b.has_low = true;
        b.low = present(c, leaf, today, -1);
        b.high = present(c, leaf, today, 0);
        return b;
    case OPERATOR_WITHIN_NEXT:
        b.has_low = true;
        b.low = present(c, leaf, today, 0);
        b.high = present(c, leaf, today, 1);
        return b;
    case OPERATOR_OLDER_THAN:
        b.high_open = true;
        b.high = present(c, leaf, today, -1);
        return b;
    default:
        return period_bounds(c, leaf, today);
    }
}

bool condition_bounded(const struct condition_leaf *leaf) {
    return leaf->operator>= OPERATOR_LT && leaf->operator<= OPERATOR_PERIOD;
}

struct condition_bounds condition_bounds(struct ctx *c, const struct condition_leaf *leaf) {
    struct condition_bounds b = {0};
    switch (leaf->operator) {
    case OPERATOR_LT:
    case OPERATOR_LTE:
        b.has_high = true;
        b.high = leaf->values[0];
        b.high_open = leaf->operator== OPERATOR_LT;
        return b;
    case OPERATOR_GT:
    case OPERATOR_GTE:
        b.has_low = true;
        b.low = leaf->values[0];
        b.low_open = leaf->operator== OPERATOR_GT;
        return b;
    case OPERATOR_BETWEEN:
        b.has_low = b.has_high = true;
        b.low = leaf->values[0];
        b.high = leaf->values[1];
        return b;
    default:
        return relative_bounds(c, leaf);
    }
}

/* Midnight of a day in the company's zone. */
static int64_t midnight(struct ctx *c, struct date d) {
    return zone_midnight(condition_zone(c), d);
}

static int64_t sooner(const struct ctx *c, int64_t best, int64_t at) {
    return at > c->now_ms && at < best ? at : best;
}

/* Days: the answer changes on the first day of the period that holds it, moved back, and of the
 * one after. */
static int64_t period_flips(struct ctx *c, const struct condition_leaf *leaf, struct date day) {
    const struct period *p = &leaf->period;
    int64_t begins = midnight(c, period_begin(p->unit, -p->offset, day));
    int64_t ends = midnight(c, period_begin(p->unit, 1 - p->offset, day));
    return sooner(c, sooner(c, INT64_MAX, ends), begins);
}

static int64_t day_flips(struct ctx *c, const struct condition_leaf *leaf, struct date day) {
    int64_t days = date_to_days(day);
    int64_t turns[] = {days, days + 1, days + leaf->duration, days + leaf->duration + 1,
                       days - leaf->duration};
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        best = sooner(c, best, midnight(c, date_from_days(turns[i])));
    }
    return best;
}

static int64_t instant_flips(struct ctx *c, const struct condition_leaf *leaf, int64_t at) {
    int64_t turns[] = {at, at + 1, at + leaf->duration, at + leaf->duration + 1,
                       at - leaf->duration};
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        best = sooner(c, best, turns[i]);
    }
    return best;
}

/* Far enough from the ends of what can be counted. */
static bool instant_countable(int64_t ms) {
    int64_t most = (int64_t)MS_DAY * 4000000;
    return ms > -most && ms < most;
}

int64_t condition_leaf_flips(struct ctx *c, const struct condition_leaf *leaf, struct value v) {
    bool timed = leaf->operator>= OPERATOR_WITHIN_LAST && leaf->operator<= OPERATOR_PERIOD;
    struct date day;
    if (!timed || v.kind == VALUE_NULL) {
        return INT64_MAX;
    }
    bool of_days = leaf->field->type == FIELD_DATE;
    if (of_days ? !date_parse(v.text, &day) : !instant_countable(v.integer)) {
        return INT64_MAX;
    }
    if (leaf->operator== OPERATOR_PERIOD) {
        return period_flips(c, leaf, of_days ? day : zone_date(condition_zone(c), v.integer));
    }
    return of_days ? day_flips(c, leaf, day) : instant_flips(c, leaf, v.integer);
}
