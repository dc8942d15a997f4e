/*
 * The calendar of working days, as far as the company says it: holidays and the weekend days
 * worked for them.
 *
 * The program knows the notices of the State Council up to the year of its making, and of every
 * other year what stands in the law by date (base/workday.c). The rest of such a year (Spring
 * Festival, Qingming, Dragon Boat, Mid-Autumn, days moved to make long weekends) is announced in
 * November before it, and entered here; so are days that one company alone is closed. What is
 * entered here goes before what the program knows.
 */
#include "organization/calendar.h"

#include <pthread.h>
#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/record.h"
#include "entity/versions.h"
#include "organization/company.h"
#include "organization/organization.h"

enum { SPAN_DAYS_MOST = 60, SPANS_MOST = 1000 };

static const struct option kinds[] = {
    {"off", "放假", "Day off", "idle"}, {"worked", "上班", "Working day", "info"}, {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED | FIELD_TITLE, "名称", "Name", "group.basic",
     .max_length = 60},
    {"kind", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "放假还是上班", "Off or worked",
     "group.basic", .options = kinds},
    {"first_date", FIELD_DATE, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "从", "From",
     "group.basic"},
    {"last_date", FIELD_DATE, FIELD_REQUIRED | FIELD_LISTED, "到", "Until", "group.basic"},
    {0}};

/* Days stand in one entry at most; where transactions write side by side, one after the other. */
static void check_overlap(struct ctx *c, const struct record *r) {
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_RUN(c, "LOCK TABLE calendar_day IN SHARE ROW EXCLUSIVE MODE");
    }
    if (DB_INT(c,
               "SELECT 1 FROM calendar_day WHERE first_date <= $1 AND last_date >= $2 "
               "AND id <> $3 AND deleted_at IS NULL LIMIT 1",
               record_text(r, "last_date"), record_text(r, "first_date"), r->id)) {
        FAIL_FIELD(c, STR("/first_date"), "calendar.overlaps");
    }
}

static void calendar_check(struct ctx *c, struct change *change) {
    struct str first = record_text(change->after, "first_date");
    struct str last = record_text(change->after, "last_date");
    struct date from, until;
    if (!date_parse(first, &from) || !date_parse(last, &until)) {
        return;
    }
    int64_t days = date_to_days(until) - date_to_days(from) + 1;
    if (days < 1) {
        FAIL_FIELD(c, STR("/last_date"), "leave.ends_before");
    } else if (days > SPAN_DAYS_MOST) {
        FAIL_FIELD(c, STR("/last_date"), "calendar.too_long");
    } else {
        check_overlap(c, change->after);
    }
}

/* Others may have been entered while it was away. */
static void calendar_restored(struct ctx *c, const struct record *r) {
    check_overlap(c, r);
}

static const struct entity_definition calendar_entity = {
    .name = "calendar_day",
    .plural = "calendar_days",
    .zh = "放假与调休",
    .en = "Holiday or make-up day",
    .flags = ENTITY_SETTING,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"last_date"}, {0}},
    .check = calendar_check,
    .restored = calendar_restored};

struct calendar {
    struct workdays own;
    int64_t changed_at;
};

/* As last read: every clock that counts working days asks. */
static struct {
    pthread_mutex_t mutex;
    struct versions versions;
    struct arena arena;
    struct calendar calendar;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static struct calendar copied(struct arena *a, struct calendar from) {
    size_t n = from.own.n;
    struct workday_span *spans = ARENA_NEW_ARRAY(a, n + 1, struct workday_span);
    if (n) {
        memcpy(spans, from.own.spans, n * sizeof *spans);
    }
    return (struct calendar){{spans, n}, from.changed_at};
}

static bool known(struct ctx *c, struct calendar *calendar) {
    pthread_mutex_lock(&kept.mutex);
    bool holds = versions_hold(c, &kept.versions);
    if (holds) {
        *calendar = copied(c->arena, kept.calendar);
    }
    pthread_mutex_unlock(&kept.mutex);
    return holds;
}

static void keep(struct ctx *c, struct calendar calendar) {
    if (ctx_failed(c) || !versions_firm(c)) {
        return;
    }
    pthread_mutex_lock(&kept.mutex);
    arena_free(&kept.arena);
    kept.calendar = copied(&kept.arena, calendar);
    kept.versions = c->versions;
    pthread_mutex_unlock(&kept.mutex);
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* What is in the trash tells when it went there. */
static struct calendar *calendar_of(struct ctx *c) {
    struct calendar *calendar = ARENA_NEW(c->arena, struct calendar);
    if (known(c, calendar)) {
        return calendar;
    }
    struct workday_span *spans = ARENA_NEW_ARRAY(c->arena, SPANS_MOST, struct workday_span);
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT first_date, last_date, kind, updated_at, deleted_at FROM calendar_day "
             "ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, last_date DESC, id DESC "
             "LIMIT $1",
             (int64_t)SPANS_MOST);
    while (db_next(&rows)) {
        struct workday_span *s = &spans[n];
        bool there = db_null(&rows, 4) && date_parse(db_text(&rows, 0), &s->first) &&
                     date_parse(db_text(&rows, 1), &s->last);
        s->works = str_is(db_text(&rows, 2), "worked");
        calendar->changed_at = later(calendar->changed_at,
                                     later(db_int(&rows, 3), db_int(&rows, 4)));
        n += there;
    }
    calendar->own = (struct workdays){spans, n};
    keep(c, *calendar);
    return calendar;
}

const struct workdays *company_workdays(struct ctx *c) {
    return &calendar_of(c)->own;
}

int64_t company_calendar_changed(struct ctx *c) {
    return calendar_of(c)->changed_at;
}

struct working_time company_working_time(struct ctx *c, bool whole) {
    return (struct working_time){company_workdays(c), company_zone(c),
                                 whole ? whole_day : company_hours(c)};
}

static struct str name_of(struct ctx *c, const char *date) {
    return DB_TEXT(c,
                   "SELECT name FROM calendar_day WHERE first_date <= $1 AND last_date >= $1 "
                   "AND deleted_at IS NULL ORDER BY last_date DESC, id DESC "
                   "LIMIT 1",
                   date);
}

static void day_json(struct ctx *c, struct json_writer *w, struct date d, struct workday day) {
    static const char *const sources[] = {
        [WORKDAY_OF_COMPANY] = "company", [WORKDAY_OF_NOTICE] = "notice", [WORKDAY_OF_LAW] = "law"};
    char date[DATE_TEXT];
    date_format(d, date);
    json_begin_object(w);
    JSON_MEMBER(w, "date", json_put_c, date);
    JSON_MEMBER(w, "works", json_put_bool, day.works);
    JSON_MEMBER(w, "source", json_put_c, sources[day.source]);
    JSON_MEMBER(w, "name", json_put_str,
                day.source == WORKDAY_OF_COMPANY ? name_of(c, date) : STR(""));
    json_end_object(w);
}

void calendar_json(struct ctx *c, struct json_writer *w, int year) {
    const struct workdays *own = company_workdays(c);
    int64_t first = date_to_days((struct date){year, 1, 1}), working = 0;
    int64_t end = date_to_days((struct date){year + 1, 1, 1});
    json_begin_object(w);
    JSON_MEMBER(w, "year", json_put_int, year);
    JSON_MEMBER(w, "announced", json_put_bool, workday_announced(year));
    json_key(w, "days");
    json_begin_array(w);
    for (int64_t n = first; n < end && !ctx_failed(c); n++) {
        struct date d = date_from_days(n);
        struct workday day = workday_of(own, d);
        working += day.works;
        if (day.source != WORKDAY_OF_WEEK) {
            day_json(c, w, d, day);
        }
    }
    json_end_array(w);
    JSON_MEMBER(w, "working_days", json_put_int, working);
    json_end_object(w);
}

static const struct text texts[] = {
    {"calendar.too_long", "一次最多 60 天", "At most 60 days at once"},
    {"calendar.overlaps", "和已有的日子重叠", "These days overlap with others entered here"},
    {0}};

const struct module calendar_module = {
    .name = "organization.calendar",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&calendar_entity, NULL},
    .texts = texts};
