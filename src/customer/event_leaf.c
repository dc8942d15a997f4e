/*
 * The leaf about what a person did:
 *
 *   {"event":"page.viewed","count":{"gte":3},"within":"30d",
 *    "where":{"field":"path","op":"starts_with","value":"/price"}}
 *
 * count: gte, lte or both, at least once when left out; {"lte":0} is never. The window is the last
 * days with today ("within"), two dates ("between"), or all there was; "older_than": it happened,
 * but the last time so many days ago. where: one property of the event, equal or beginning so.
 * Windows are days of the company's calendar: an answer changes by time at midnight.
 *
 * Asked of people, and of records that have a person (leads, contacts).
 */
#include "base/clock.h"
#include "base/message.h"
#include "customer/person_day.h"
#include "entity/condition_kinds.h"
#include "entity/condition_tree.h"
#include "entity/event_types.h"

enum {
    COUNT_MOST = 1000000,
    DAYS_MOST = 3650,
    TYPE_MOST = 60,
    VALUE_MOST = 120,
    WINDOW_DAYS = 4000
};

enum window { WINDOW_EVER, WINDOW_WITHIN, WINDOW_DATES, WINDOW_OLDER };

struct deed {
    const struct entity *entity;
    struct str type, property, value;
    bool begins; /* the property begins so, else it is equal */
    int64_t least, most;
    enum window window;
    int64_t days;     /* WINDOW_WITHIN, WINDOW_OLDER */
    int64_t from, to; /* WINDOW_DATES: days */
};

static const struct {
    const char *type, *zh, *en;
} behaviours[] = {{"person.active", "有互动", "any activity of theirs"},
                  {"page.viewed", "浏览页面", "viewed a page"},
                  {"page.left", "离开页面", "left a page"},
                  {"link.clicked", "点击链接", "clicked a link"},
                  {"form.started", "开始填表", "began a form"},
                  {"custom.happened", "自定义行为", "custom behaviour"}};

static bool refuse(struct ctx *c, struct str pointer, const char *member, const char *text) {
    FAIL_FIELD(c, str_format(c->arena, "%.*s/%s", STR_ARG(pointer), member), text);
    return false;
}

static bool type_valid(struct str type) {
    bool good = type.n > 2 && type.n <= TYPE_MOST && str_find_char(type, '.') > 0;
    for (size_t i = 0; good && i < type.n; i++) {
        char ch = type.p[i];
        good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '.';
    }
    return good;
}

static bool count_parse(struct ctx *c, struct deed *d, const struct json *count,
                        struct str pointer) {
    static const char *const members[] = {"gte", "lte", NULL};
    struct str below = str_format(c->arena, "%.*s/count", STR_ARG(pointer));
    d->least = 1;
    d->most = INT64_MAX;
    if (!count) {
        return true;
    }
    if (!json_is(count, JSON_IS_OBJECT) || !count->n) {
        return refuse(c, pointer, "count", "event.count");
    }
    bool known = condition_members_known(c, count, members, below);
    for (size_t i = 0; known && i < count->n; i++) {
        const struct json *v = &count->members[i].value;
        if (v->kind != JSON_IS_INT || v->integer < 0 || v->integer > COUNT_MOST) {
            return refuse(c, pointer, "count", "event.count");
        }
    }
    d->least = json_int(count, "gte", 0);
    d->most = json_int(count, "lte", INT64_MAX);
    return known && (d->least <= d->most || refuse(c, pointer, "count", "event.count"));
}

static bool days_parse(struct ctx *c, const struct json *v, int64_t *days, struct str pointer) {
    bool good = json_is(v, JSON_IS_TEXT) && condition_duration(v->text, false, days) &&
                *days >= 1 && *days <= DAYS_MOST;
    return good || refuse(c, pointer, "within", "event.window");
}

static bool window_parse(struct ctx *c, struct deed *d, const struct json *leaf,
                         struct str pointer) {
    const struct json *within = json_get(leaf, "within"), *between = json_get(leaf, "between"),
                      *older = json_get(leaf, "older_than");
    if ((within != NULL) + (between != NULL) + (older != NULL) > 1) {
        return refuse(c, pointer, "within", "event.window");
    }
    if (within) {
        d->window = WINDOW_WITHIN;
        return days_parse(c, within, &d->days, pointer);
    }
    if (older) {
        d->window = WINDOW_OLDER;
        return days_parse(c, older, &d->days, pointer);
    }
    if (between) {
        struct date from, to;
        bool good = json_is(between, JSON_IS_ARRAY) && between->n == 2 &&
                    json_is(&between->items[0], JSON_IS_TEXT) &&
                    json_is(&between->items[1], JSON_IS_TEXT) &&
                    date_parse(between->items[0].text, &from) &&
                    date_parse(between->items[1].text, &to);
        d->window = WINDOW_DATES;
        d->from = good ? date_to_days(from) : 0;
        d->to = good ? date_to_days(to) : 0;
        return good ? d->from <= d->to || refuse(c, pointer, "between", "event.turned")
                    : refuse(c, pointer, "between", "event.window");
    }
    return true;
}

static bool property_known(struct str name) {
    for (const char *const *p = person_day_properties; *p; p++) {
        if (str_is(name, *p)) {
            return true;
        }
    }
    return false;
}

static bool where_parse(struct ctx *c, struct deed *d, const struct json *where,
                        struct str pointer) {
    static const char *const members[] = {"field", "op", "value", NULL};
    struct str below = str_format(c->arena, "%.*s/where", STR_ARG(pointer));
    if (!where) {
        return true;
    }
    if (!json_is(where, JSON_IS_OBJECT) || !condition_members_known(c, where, members, below)) {
        return refuse(c, pointer, "where", "event.property");
    }
    d->property = json_text(where, "field");
    d->value = json_text(where, "value");
    d->begins = str_is(json_text(where, "op"), "starts_with");
    bool good = property_known(d->property) && d->value.n && d->value.n <= VALUE_MOST &&
                (d->begins || str_is(json_text(where, "op"), "eq"));
    return good || refuse(c, pointer, "where", "event.property");
}

static bool of_a_person(const struct entity *e) {
    const struct field *f = entity_field(e, STR("person_id"));
    return str_is(e->name, "person") || (f && f->target && str_is(f->target->name, "person"));
}

static void *event_parse(struct ctx *c, const struct entity *e, const struct json *leaf,
                         struct str pointer) {
    static const char *const members[] = {"event",      "count", "within", "between",
                                          "older_than", "where", NULL};
    struct deed *d = ARENA_NEW(c->arena, struct deed);
    d->entity = e;
    d->type = json_text(leaf, "event");
    bool good = condition_members_known(c, leaf, members, pointer);
    good &= of_a_person(e) || refuse(c, pointer, "event", "event.nobody");
    good &= type_valid(d->type) || refuse(c, pointer, "event", "event.type");
    good &= count_parse(c, d, json_get(leaf, "count"), pointer);
    good &= window_parse(c, d, leaf, pointer);
    good &= where_parse(c, d, json_get(leaf, "where"), pointer);
    return good ? d : NULL;
}

/* " AND d.key_id IN (…) AND d.day …": the rows that count. */
static void put_rows(struct ctx *c, struct sql *q, const struct deed *d) {
    int64_t today = person_day_of(c, c->now_ms);
    struct str key = person_day_key(c->arena, d->type, d->property, d->value);
    SQL_ADD(q, " AND d.key_id IN (SELECT k.id FROM event_key k WHERE k.name ");
    if (d->begins) {
        SQL_ADD(q, ">= ");
        SQL_VALUE(q, key);
        SQL_ADD(q, " AND k.name < ");
        SQL_VALUE(q, str_format(c->arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(key)));
    } else {
        SQL_ADD(q, "= ");
        SQL_VALUE(q, key);
    }
    SQL_ADD(q, ")");
    if (d->window == WINDOW_WITHIN || d->window == WINDOW_DATES) {
        bool within = d->window == WINDOW_WITHIN;
        SQL_ADD(q, " AND d.day >= ");
        SQL_VALUE(q, within ? today - d->days + 1 : d->from);
        SQL_ADD(q, " AND d.day <= ");
        SQL_VALUE(q, within ? today : d->to);
    }
}

static const char *person_column(const struct deed *d) {
    return str_is(d->entity->name, "person") ? "id" : "person_id";
}

/* Of the rows of one person: whether they are so many, or, where none count too, too many. */
static void put_counted(struct ctx *c, struct sql *q, const struct deed *d, bool absent) {
    if (d->window == WINDOW_OLDER) {
        SQL_ADD(q, "max(d.day) <= ");
        SQL_VALUE(q, person_day_of(c, c->now_ms) - d->days);
    } else if (absent) {
        SQL_ADD(q, "CAST(sum(d.events) AS BIGINT) > ");
        SQL_VALUE(q, d->most);
    } else {
        SQL_ADD(q, "CAST(sum(d.events) AS BIGINT) >= ");
        SQL_VALUE(q, d->least);
        SQL_ADD(q, " AND CAST(sum(d.events) AS BIGINT) <= ");
        SQL_VALUE(q, d->most);
    }
}

static void put_person(struct sql *q, const struct deed *d, const char *alias) {
    sql_identifier(q, str_from(alias));
    SQL_ADD(q, ".");
    sql_identifier(q, str_from(person_column(d)));
}

/* The person of a record is looked up, when few are asked. */
static void event_of_one(struct ctx *c, struct sql *q, const struct deed *d, const char *alias) {
    bool absent = d->window != WINDOW_OLDER && d->least == 0;
    SQL_ADD(q, "(SELECT CASE WHEN ");
    put_counted(c, q, d, absent);
    SQL_ADD(q, " THEN 1 ELSE 0 END FROM person_day d WHERE d.person_id = ");
    put_person(q, d, alias);
    put_rows(c, q, d);
    sql_literal(q, absent ? ") = 0" : ") = 1");
}

static void event_sql(struct ctx *c, struct sql *q, void *leaf, const struct condition_rows *rows) {
    const struct deed *d = leaf;
    bool absent = d->window != WINDOW_OLDER && d->least == 0;
    if (rows->piece && !(rows->up_to && str_is(d->entity->name, "person"))) {
        event_of_one(c, q, d, rows->alias);
        return;
    }
    SQL_ADD(q, "(");
    put_person(q, d, rows->alias);
    sql_literal(q, absent ? " IS NULL OR " : " IS NOT NULL AND ");
    put_person(q, d, rows->alias);
    sql_literal(q, absent ? " NOT IN (" : " IN (");
    SQL_ADD(q, "SELECT d.person_id FROM person_day d WHERE d.person_id > 0");
    condition_rows_within(q, rows, "d", STR("person_id"));
    put_rows(c, q, d);
    SQL_ADD(q, " GROUP BY d.person_id HAVING ");
    put_counted(c, q, d, absent);
    SQL_ADD(q, "))");
}

struct days {
    int64_t *day, *events;
    size_t n;
    int64_t sum;
};

/* The days that count, oldest first. */
static struct days days_read(struct ctx *c, const struct deed *d, const struct record *r) {
    struct days out = {ARENA_NEW_ARRAY(c->arena, WINDOW_DAYS, int64_t),
                       ARENA_NEW_ARRAY(c->arena, WINDOW_DAYS, int64_t), 0, 0};
    int64_t person_id = str_is(d->entity->name, "person") ? r->id : record_id(r, "person_id");
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT d.day, CAST(sum(d.events) AS BIGINT) FROM person_day d "
                "WHERE d.person_id = ");
    SQL_VALUE(&q, person_id);
    put_rows(c, &q, d);
    SQL_ADD(&q, " GROUP BY d.day ORDER BY d.day");
    if (!person_id) {
        return out;
    }
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        /* More days than eleven years are summed into the first. */
        size_t at = out.n < WINDOW_DAYS ? out.n++ : 0;
        out.day[at] = at || !out.events[0] ? db_int(&rows, 0) : out.day[0];
        out.events[at] += db_int(&rows, 1);
        out.sum += db_int(&rows, 1);
    }
    return out;
}

static bool event_match(struct ctx *c, void *leaf, const struct record *r) {
    const struct deed *d = leaf;
    struct arena_mark mark = arena_mark(c->arena);
    struct days days = days_read(c, d, r);
    bool holds = days.sum >= d->least && days.sum <= d->most;
    if (d->window == WINDOW_OLDER) {
        holds = days.n && days.day[days.n - 1] <= person_day_of(c, c->now_ms) - d->days;
    }
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
    return holds;
}

/* When the days that leave the window make the difference. */
static int64_t event_flips(struct ctx *c, void *leaf, const struct record *r) {
    const struct deed *d = leaf;
    int64_t today = person_day_of(c, c->now_ms), turns = 0;
    if (d->window != WINDOW_WITHIN && d->window != WINDOW_OLDER) {
        return INT64_MAX;
    }
    struct days days = days_read(c, d, r);
    if (!days.n) {
        return INT64_MAX;
    }
    if (d->window == WINDOW_OLDER) {
        turns = days.day[days.n - 1] + d->days;
    } else {
        int64_t sum = days.sum;
        bool holds = sum >= d->least && sum <= d->most, then = holds;
        for (size_t i = 0; i < days.n && then == holds; i++) {
            sum -= days.events[i];
            then = sum >= d->least && sum <= d->most;
            turns = days.day[i] + d->days;
        }
        turns = then == holds ? 0 : turns;
    }
    return turns > today ? zone_midnight(condition_zone(c), date_from_days(turns)) : INT64_MAX;
}

static bool event_timed(void *leaf) {
    const struct deed *d = leaf;
    return d->window == WINDOW_WITHIN || d->window == WINDOW_OLDER;
}

/* Of nobody without a day that is still to leave the window, or, of who did it long ago, to come
 * into it. */
static void event_stirs(struct ctx *c, struct sql *q, void *leaf,
                        const struct condition_rows *rows) {
    const struct deed *d = leaf;
    struct deed recent = *d;
    if (!event_timed(leaf)) {
        SQL_ADD(q, "1 = 0");
        return;
    }
    if (d->window == WINDOW_OLDER) {
        recent.window = WINDOW_DATES;
        recent.from = person_day_of(c, c->now_ms) - d->days + 1;
        recent.to = INT64_MAX;
    }
    recent.least = 1;
    recent.most = INT64_MAX;
    event_sql(c, q, &recent, rows);
}

static bool event_concerned(const void *leaf, const struct event *e) {
    const struct deed *d = leaf;
    return str_equal(d->type, e->type) || person_day_moves(e->type) ||
           (str_is(d->type, "person.active") && person_day_active(e->type, e->stream));
}

void person_day_reach(struct reach *reach, const struct entity *e) {
    const struct field *by = entity_field(e, STR("person_id"));
    bool people = str_is(reach->e->subject_type, "person");
    reach_holders(reach, e, by, reach->person_id);
    for (size_t i = 0; people && i < 2; i++) {
        reach_holders(reach, e, by, reach->subjects[i]);
    }
}

static void event_reach(struct reach *reach, const void *leaf) {
    const struct deed *d = leaf;
    if (!str_is(d->entity->name, "person")) {
        person_day_reach(reach, d->entity);
    }
}

struct event_window event_leaf_window(struct ctx *c, const void *leaf) {
    const struct deed *d = leaf;
    int64_t today = person_day_of(c, c->now_ms);
    bool older = d->window == WINDOW_OLDER;
    struct event_window w = {.key = person_day_key(c->arena, d->type, d->property, d->value),
                             .begins = d->begins,
                             .from = INT64_MIN,
                             .to = INT64_MAX,
                             .least = older ? 1 : d->least,
                             .most = older ? INT64_MAX : d->most,
                             .last = older ? today - d->days : INT64_MAX,
                             .of_person = str_is(d->entity->name, "person")};
    if (d->window == WINDOW_WITHIN) {
        w.from = today - d->days + 1;
        w.to = today;
    } else if (d->window == WINDOW_DATES) {
        w.from = d->from;
        w.to = d->to;
    }
    return w;
}

static struct str number(struct ctx *c, int64_t n) {
    return str_format(c->arena, "%lld", (long long)n);
}

static struct str type_label(struct ctx *c, struct str type) {
    size_t n;
    struct event_choice *choices = event_choices(c, &n);
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
        if (str_is(type, behaviours[i].type)) {
            return str_from(c->language == LANGUAGE_EN ? behaviours[i].en : behaviours[i].zh);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (str_equal(choices[i].type, type)) {
            struct str of = choices[i].subject ? choices[i].subject->label[c->language] : STR("");
            return str_format(c->arena, "%.*s · %.*s", STR_ARG(of), STR_ARG(choices[i].label));
        }
    }
    return type;
}

static struct str count_words(struct ctx *c, const struct deed *d) {
    struct text_parameter n[] = {{"n", number(c, d->least)}, {"m", number(c, d->most)}};
    const char *code = "event.counted";
    if (d->most == 0) {
        code = "event.none";
    } else if (d->most == INT64_MAX) {
        code = "event.least";
    } else if (d->least == 0) {
        n[0].value = n[1].value;
        code = "event.most";
    }
    return message_format(c->arena, c->language, code, n, 2);
}

static struct str date_words(struct ctx *c, int64_t day) {
    char text[DATE_TEXT];
    date_format(date_from_days(day), text);
    return str_copy(c->arena, str_from(text));
}

static struct str event_words(struct ctx *c, void *leaf) {
    const struct deed *d = leaf;
    static const char *const codes[] = {"event.ever", "event.within", "event.between",
                                        "event.older"};
    struct text_parameter p[] = {{"event", type_label(c, d->type)}, {"value", d->value},
                                 {"count", count_words(c, d)},      {"days", number(c, d->days)},
                                 {"from", date_words(c, d->from)},  {"to", date_words(c, d->to)}};
    if (d->property.n) {
        p[0].value = message_format(c->arena, c->language, "event.at", p, 2);
    }
    return message_format(c->arena, c->language, codes[d->window], p, 6);
}

const struct condition_kind event_leaf = {.key = "event",
                                          .parse = event_parse,
                                          .sql = event_sql,
                                          .match = event_match,
                                          .words = event_words,
                                          .timed = event_timed,
                                          .flips = event_flips,
                                          .concerned = event_concerned,
                                          .stirs = event_stirs,
                                          .reach = event_reach};
