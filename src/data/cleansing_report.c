/*
 * The rates of cleansing: of what came in during a period, how much was taken, how much was known
 * already, how much was refused and why, and what became of possible duplicates.
 *
 * Rows of files are counted by the day their import was started; of what came in from outside what
 * is kept of it counts (customer/capture_log.h): an interface that tells its caller at once why it
 * refuses keeps nothing.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/capture_log.h"
#include "customer/duplicates.h"
#include "data/data.h"
#include "data/import_job.h"
#include "db/db.h"
#include "http/route.h"

enum { DAYS_MOST = 366, REASONS_MOST = 20 };

/* Of nothing there is no share. */
static void share_json(struct json_writer *w, int64_t part, int64_t whole) {
    if (whole) {
        json_put_real(w, (double)part / (double)whole);
    } else {
        json_put_null(w);
    }
}

/* Files. */

/* The imports of a period that ran and stand, among the newest thousand. */
#define JOBS_SINCE                                                             \
    "(SELECT * FROM (SELECT * FROM import_job ORDER BY id DESC LIMIT 1000) n " \
    "WHERE n.created_at >= $1 AND n.state NOT IN ('uploaded', 'undoing', 'undone'))"

static void imports_json(struct ctx *c, struct json_writer *w, int64_t since) {
    static const char *const names[] = {"files",   "rows",    "created", "merged",
                                        "refused", "skipped", "remarked"};
    enum { ROWS = 1, MERGED = 3, REFUSED = 4, SUMS = sizeof names / sizeof *names };
    int64_t sums[SUMS] = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT count(*), CAST(sum(row_count) AS BIGINT), CAST(sum(created) AS BIGINT), "
             "CAST(sum(merged) AS BIGINT), CAST(sum(refused) AS BIGINT), "
             "CAST(sum(skipped) AS BIGINT), CAST(sum(remarked) AS BIGINT) FROM " JOBS_SINCE " j",
             since);
    if (db_next(&rows)) {
        for (int i = 0; i < SUMS; i++) {
            sums[i] = db_int(&rows, i);
        }
    }
    db_done(&rows);
    json_key(w, "imports");
    json_begin_object(w);
    for (int i = 0; i < SUMS; i++) {
        JSON_MEMBER(w, names[i], json_put_int, sums[i]);
    }
    json_key(w, "refused_share");
    share_json(w, sums[REFUSED], sums[ROWS]);
    json_key(w, "known_share");
    share_json(w, sums[MERGED], sums[ROWS]);
    json_end_object(w);
}

/* Why rows were refused. */

struct reason {
    struct str code, message;
    int64_t rows;
};

struct reasons {
    struct reason list[REASONS_MOST];
    size_t n;
};

static void reason_count(struct ctx *c, struct reasons *reasons, const struct json *error,
                         int64_t rows) {
    struct str code = json_text(error, "code");
    size_t i = 0;
    while (i < reasons->n && !str_equal(reasons->list[i].code, code)) {
        i++;
    }
    if (i == REASONS_MOST) {
        return;
    }
    if (i == reasons->n) {
        reasons->list[reasons->n++] = (struct reason){
            .code = str_copy(c->arena, code),
            .message = str_copy(c->arena, import_said(c, error)),
        };
    }
    reasons->list[i].rows += rows;
}

static int by_rows(const void *x, const void *y) {
    const struct reason *a = x, *b = y;
    return a->rows == b->rows ? str_compare(a->code, b->code) : a->rows < b->rows ? 1 : -1;
}

/* In the reader's language where the words are the same for every row, else as the row was told. */
static struct str reason_words(struct ctx *c, const struct reason *reason) {
    struct str words = message_words(c->language, str_to_c(c->arena, reason->code));
    return words.n && str_find_char(words, '{') < 0 ? words : reason->message;
}

/* A row refused for two reasons counts with each. */
static void reasons_json(struct ctx *c, struct json_writer *w, int64_t since) {
    struct reasons *reasons = ARENA_NEW(c->arena, struct reasons);
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT x.errors, count(*) FROM (SELECT r.errors FROM " JOBS_SINCE " j "
             "JOIN import_refusal r ON r.job_id = j.id LIMIT 100000) x GROUP BY x.errors "
             "ORDER BY 2 DESC, 1 LIMIT 1000",
             since);
    while (db_next(&rows)) {
        const struct json *errors = json_parse(c, db_text(&rows, 0));
        for (size_t i = 0; json_is(errors, JSON_IS_ARRAY) && i < errors->n; i++) {
            reason_count(c, reasons, &errors->items[i], db_int(&rows, 1));
        }
    }
    db_done(&rows);
    qsort(reasons->list, reasons->n, sizeof *reasons->list, by_rows);
    json_key(w, "refused");
    json_begin_array(w);
    for (size_t i = 0; i < reasons->n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "code", json_put_str, reasons->list[i].code);
        JSON_MEMBER(w, "label", json_put_str, reason_words(c, &reasons->list[i]));
        JSON_MEMBER(w, "rows", json_put_int, reasons->list[i].rows);
        json_end_object(w);
    }
    json_end_array(w);
}

/* From outside. */

static void captures_json(struct ctx *c, struct json_writer *w, int64_t since) {
    struct capture_total totals[CAPTURE_KINDS];
    size_t n = capture_totals(c, since, totals);
    json_key(w, "captures");
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        const struct capture_total *t = &totals[i];
        json_begin_object(w);
        JSON_MEMBER(w, "kind", json_put_str, t->kind);
        JSON_MEMBER(w, "received", json_put_int, t->received);
        JSON_MEMBER(w, "done", json_put_int, t->done);
        JSON_MEMBER(w, "duplicate", json_put_int, t->duplicate);
        JSON_MEMBER(w, "spam", json_put_int, t->spam);
        JSON_MEMBER(w, "failed", json_put_int, t->failed);
        json_key(w, "failed_share");
        share_json(w, t->failed, t->received);
        json_end_object(w);
    }
    json_end_array(w);
}

/* Possible duplicates. */

static void duplicates_json(struct ctx *c, struct json_writer *w, int64_t since) {
    json_key(w, "duplicates");
    json_begin_array(w);
    for (const struct likeness_kind *const *k = likeness_kinds; *k && !ctx_failed(c); k++) {
        struct duplicate_counts counts = duplicate_counts(c, *k, since);
        json_begin_object(w);
        JSON_MEMBER(w, "entity", json_put_c, (*k)->entity);
        JSON_MEMBER(w, "open", json_put_int, counts.open);
        JSON_MEMBER(w, "merged", json_put_int, counts.merged);
        JSON_MEMBER(w, "distinct", json_put_int, counts.distinct);
        json_end_object(w);
    }
    json_end_array(w);
}

static void report_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t days = request_query_int(r, "days", 30);
    if (days < 1 || days > DAYS_MOST) {
        FAIL_FIELD(c, STR("/days"), "cleansing.days");
    }
    if (ctx_failed(c)) {
        return;
    }
    int64_t since = c->now_ms - days * MS_DAY;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, days);
    imports_json(c, &w, since);
    reasons_json(c, &w, since);
    captures_json(c, &w, since);
    duplicates_json(c, &w, since);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/cleansing", "duplicates:review", LANE_SLOW, report_get,
     .summary = "route.cleansing", .query = "days:integer",
     .answer = "days:integer! imports:(files:integer! rows:integer! created:integer! "
               "merged:integer! refused:integer! skipped:integer! remarked:integer! "
               "refused_share:number?! known_share:number?!)! "
               "refused:[(code:text! label:text! rows:integer!)]! "
               "captures:[(kind:text! received:integer! done:integer! duplicate:integer! "
               "spam:integer! failed:integer! failed_share:number?!)]! "
               "duplicates:[(entity:text! open:integer! merged:integer! distinct:integer!)]!"},
    {0}};

static const struct text texts[] = {{"cleansing.days", "1 到 366 天", "1 to 366 days"},
                                    {"route.cleansing", "清洗报告", "The rates of cleansing"},
                                    {0}};

const struct module cleansing_report_module = {
    .name = "data.cleansing_report", .cloud = "data", .routes = routes, .texts = texts};
