#include "data/import_job.h"

#include "automation/notification.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "data/import_parts.h"
#include "data/import_tags.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/news.h"
#include "db/sql.h"
#include "db/unit.h"
#include "entity/access.h"
#include "entity/audit.h"
#include "event/event.h"
#include "organization/actor.h"
#include "organization/company.h"
#include "organization/version.h"

enum { CELLS_KEPT = 8000, JOBS_AT_ONCE = 100, SHEETS_TRIED = 10 };

static const struct migration migrations[] = {
    {"data.import.1",
     "CREATE TABLE import_job (id {id}, entity TEXT NOT NULL, path TEXT NOT NULL, "
     "file_name TEXT NOT NULL, format TEXT NOT NULL, charset TEXT NOT NULL, plan TEXT NOT NULL, "
     "state TEXT NOT NULL, author_id BIGINT NOT NULL, created_at BIGINT NOT NULL, "
     "finished_at BIGINT, done_line BIGINT NOT NULL, row_count BIGINT NOT NULL, "
     "created BIGINT NOT NULL, merged BIGINT NOT NULL, refused BIGINT NOT NULL, "
     "skipped BIGINT NOT NULL, failure TEXT);\n"
     "CREATE INDEX import_job_author ON import_job (author_id, id);\n"
     "CREATE INDEX import_job_state ON import_job (state, id);\n"
     "CREATE TABLE import_record (job_id BIGINT NOT NULL, record_id BIGINT NOT NULL, "
     "version BIGINT NOT NULL, PRIMARY KEY (job_id, record_id)) {without_rowid};\n"
     "CREATE TABLE import_refusal (job_id BIGINT NOT NULL, line BIGINT NOT NULL, "
     "cells TEXT NOT NULL, errors TEXT NOT NULL, PRIMARY KEY (job_id, line)) {without_rowid};\n"
     "CREATE TABLE import_memory (entity TEXT NOT NULL, headers TEXT NOT NULL, "
     "plan TEXT NOT NULL, PRIMARY KEY (entity, headers)) {without_rowid};\n"
     "CREATE TABLE import_link (job_id BIGINT NOT NULL, record_id BIGINT NOT NULL, "
     "field TEXT NOT NULL, title TEXT NOT NULL, PRIMARY KEY (job_id, record_id, field)) "
     "{without_rowid}"},
    {"data.import.2", "ALTER TABLE import_job ADD COLUMN header_line BIGINT NOT NULL DEFAULT 1;\n"
                      "ALTER TABLE import_job ADD COLUMN remarked BIGINT NOT NULL DEFAULT 0;\n"
                      "CREATE TABLE import_remark (job_id BIGINT NOT NULL, line BIGINT NOT NULL, "
                      "record_id BIGINT NOT NULL, cells TEXT NOT NULL, errors TEXT NOT NULL, "
                      "PRIMARY KEY (job_id, line)) {without_rowid}"},
    {"data.import.3",
     "ALTER TABLE import_record ADD COLUMN entity TEXT NOT NULL DEFAULT '';\n" /* '': the job's */
     "CREATE TABLE import_merge (job_id BIGINT NOT NULL, loser_id BIGINT NOT NULL, "
     "entity TEXT NOT NULL, PRIMARY KEY (job_id, loser_id)) {without_rowid}"},
    {"data.import.4",
     "ALTER TABLE import_job ADD COLUMN sheet TEXT NOT NULL DEFAULT '';\n"
     /* records that were there before and got values */
     "CREATE TABLE import_completed (job_id BIGINT NOT NULL, record_id BIGINT NOT NULL, "
     "entity TEXT NOT NULL, PRIMARY KEY (job_id, record_id)) {without_rowid}"},
    {"data.import.5",
     "CREATE TABLE import_tagging (job_id BIGINT NOT NULL, subject_id BIGINT NOT NULL, "
     "tag_id BIGINT NOT NULL, PRIMARY KEY (job_id, subject_id, tag_id)) {without_rowid}"},
    {0}};

/* What identifies a kind of file: its headers in order. */
static struct str headers_joined(struct ctx *c, const struct str *cells, size_t n) {
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = 0; i < n; i++) {
        text_add(&out, cells[i]);
        text_add_char(&out, '\x1F');
    }
    return text_str(&out);
}

static struct str plan_remembered(struct ctx *c, const struct entity *e,
                                  const struct table_row *headers) {
    return DB_TEXT(c, "SELECT plan FROM import_memory WHERE entity = $1 AND headers = $2", e->name,
                   headers_joined(c, headers->cells, headers->n));
}

struct table_row import_row_copy(struct arena *a, const struct table_row *row) {
    struct str *cells = ARENA_NEW_ARRAY(a, row->n, struct str);
    for (size_t i = 0; i < row->n; i++) {
        cells[i] = str_copy(a, row->cells[i]);
    }
    return (struct table_row){row->line, cells, row->n};
}

static size_t cells_filled(const struct table_row *row) {
    size_t n = 0;
    for (size_t i = 0; i < row->n; i++) {
        n += text_trim(row->cells[i]).n > 0;
    }
    return n;
}

/* Which of the first rows names the columns: the one of which most is understood; when that tells
 * nothing, the first that is half as wide as the widest, for a title is one cell. */
static size_t headers_among(struct ctx *c, const struct entity *e, const struct table_row *rows,
                            size_t n) {
    size_t best = 0, most = 1, first_wide = 0, widest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t understood = import_headers_understood(c, e, &rows[i]);
        size_t filled = cells_filled(&rows[i]);
        best = understood > most ? i : best;
        most = understood > most ? understood : most;
        widest = filled > widest ? filled : widest;
    }
    while (first_wide < n && 2 * cells_filled(&rows[first_wide]) < widest) {
        first_wide++;
    }
    return most > 1 ? best : first_wide;
}

/* The first rows: up to the headers, and samples behind them. How many fields they name. */
static size_t file_read(struct ctx *c, struct import_file *file, struct table_reader *t) {
    enum { FIRST = IMPORT_HEADER_ROWS + IMPORT_SAMPLES };
    struct table_row *rows = ARENA_NEW_ARRAY(c->arena, FIRST, struct table_row), row;
    size_t n = 0;
    file->n_samples = 0;
    while (n < FIRST && table_next(c, t, &row)) {
        rows[n++] = import_row_copy(c->arena, &row);
    }
    size_t at = headers_among(c, file->entity, rows,
                              n < IMPORT_HEADER_ROWS ? n : IMPORT_HEADER_ROWS);
    if (!n || !cells_filled(&rows[at])) {
        FAIL(c, ERROR_INVALID, "import.empty");
        return 0;
    }
    file->headers = rows[at];
    while (++at < n && file->n_samples < IMPORT_SAMPLES) {
        file->samples[file->n_samples++] = rows[at];
    }
    return import_headers_understood(c, file->entity, &file->headers);
}

static struct str_list names_copy(struct arena *a, struct str_list names) {
    struct str_list copy = {ARENA_NEW_ARRAY(a, names.n, struct str), names.n};
    for (size_t i = 0; i < names.n; i++) {
        copy.items[i] = str_copy(a, names.items[i]);
    }
    return copy;
}

/* What a file, or a sheet of it, is. How many fields its columns name; 0 with a failure. */
static size_t sheet_look(struct ctx *c, struct import_file *file, struct str sheet) {
    struct table_reader *t = table_open(c, str_to_c(c->arena, file->path), sheet, NULL,
                                        TABLE_UNTRUSTED);
    if (!t) {
        return 0;
    }
    file->format = table_format(t);
    file->charset = table_charset(t);
    file->sheets = names_copy(c->arena, table_sheets(t));
    file->sheet = !file->sheets.n ? STR("") : sheet.n ? sheet : file->sheets.items[0];
    size_t understood = file_read(c, file, t);
    table_close(t);
    return understood;
}

/* Workbooks often begin with a page of instructions. */
static void sheet_choose(struct ctx *c, struct import_file *file, size_t understood) {
    struct str_list sheets = file->sheets;
    for (size_t i = 1; understood <= 1 && i < sheets.n && i < SHEETS_TRIED; i++) {
        struct import_file other = *file;
        size_t more = sheet_look(c, &other, sheets.items[i]);
        if (ctx_failed(c)) {
            ctx_clear_error(c); /* an empty sheet */
        } else if (more > 1) {
            *file = other;
            understood = more;
        }
    }
}

struct import_file *import_file_look(struct ctx *c, const struct entity *e, struct str path,
                                     struct str name, struct str sheet) {
    struct import_file *file = ARENA_NEW(c->arena, struct import_file);
    *file = (struct import_file){.entity = e, .path = path, .name = name};
    size_t understood = sheet_look(c, file, sheet);
    bool empty = ctx_failed(c) && str_is(str_from(c->error.text), "import.empty");
    if (!sheet.n && file->sheets.n > 1 && (empty || !ctx_failed(c))) {
        struct error error = c->error;
        ctx_clear_error(c);
        sheet_choose(c, file, understood);
        c->error = file->headers.n ? c->error : error;
    }
    return ctx_failed(c) ? NULL : file;
}

/* Somebody with other rights may have decided it: what cannot be applied is forgotten. */
static void plan_recall(struct ctx *c, struct import_plan *plan, struct str remembered) {
    const struct import_plan guessed = *plan;
    import_plan_apply(c, plan, json_parse(c, remembered));
    if (ctx_failed(c) && c->error.code == ERROR_INVALID) {
        ctx_clear_error(c);
        *plan = guessed;
    }
}

/* Whether the dates of a column show that their day comes first. */
static void day_first_guess(struct import_plan *plan, const struct import_file *file) {
    for (size_t i = 0; i < plan->n; i++) {
        bool day = false, month = false;
        for (size_t s = 0; s < file->n_samples; s++) {
            int shown = date_order_shown(table_cell(&file->samples[s], i));
            day = day || shown > 0;
            month = month || shown < 0;
        }
        plan->columns[i].day_first = day && !month;
    }
}

/* As guessed, or as remembered from the same headers. */
static struct str plan_begin(struct ctx *c, const struct import_file *file) {
    struct import_plan *plan = import_plan_guess(c, file->entity, file->headers.cells,
                                                 file->headers.n);
    import_plan_guess_cells(c, plan, file->samples, file->n_samples);
    struct str remembered = plan_remembered(c, file->entity, &file->headers);
    if (remembered.p) {
        plan_recall(c, plan, remembered);
    }
    day_first_guess(plan, file);
    return import_plan_json(c, plan);
}

int64_t import_job_create(struct ctx *c, const struct import_file *file) {
    int64_t id = id_new();
    DB_RUN(c,
           "INSERT INTO import_job (id, entity, path, file_name, format, charset, plan, state, "
           "author_id, created_at, header_line, sheet, done_line, row_count, created, merged, "
           "refused, skipped) VALUES ($1, $2, $3, $4, $5, $6, $7, 'uploaded', $8, $9, $10, $11, "
           "$10, 0, 0, 0, 0, 0)",
           id, file->entity->name, file->path, file->name, file->format, file->charset,
           plan_begin(c, file), c->actor->user_id, c->now_ms, file->headers.line, file->sheet);
    return id;
}

void import_job_resheet(struct ctx *c, const struct import_job *job,
                        const struct import_file *file) {
    if (!DB_RUN(c,
                "UPDATE import_job SET sheet = $1, header_line = $2, done_line = $2, plan = $3 "
                "WHERE id = $4 AND state = 'uploaded'",
                file->sheet, file->headers.line, plan_begin(c, file), job->id)) {
        FAIL(c, ERROR_CONFLICT, "import.state");
    }
}

static struct import_job *job_from(struct ctx *c, struct db_rows *rows) {
    struct import_job *job = ARENA_NEW(c->arena, struct import_job);
    if (!db_next(rows)) {
        return NULL;
    }
    *job = (struct import_job){.id = db_int(rows, 0),
                               .entity = model_entity(c->model, db_view(rows, 1)),
                               .path = db_text(rows, 2),
                               .file_name = db_text(rows, 3),
                               .plan = db_text(rows, 4),
                               .state = db_text(rows, 5),
                               .author_id = db_int(rows, 6),
                               .done_line = db_int(rows, 7),
                               .rows = db_int(rows, 8),
                               .created = db_int(rows, 9),
                               .merged = db_int(rows, 10),
                               .refused = db_int(rows, 11),
                               .skipped = db_int(rows, 12),
                               .remarked = db_int(rows, 13),
                               .header_line = db_int(rows, 14),
                               .sheet = db_text(rows, 15),
                               .failure = db_text(rows, 16)};
    return job->entity ? job : NULL;
}

#define JOB_COLUMNS                                                                        \
    "id, entity, path, file_name, plan, state, author_id, done_line, row_count, created, " \
    "merged, refused, skipped, remarked, header_line, sheet, failure"

struct import_job *import_job_find(struct ctx *c, int64_t id) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " JOB_COLUMNS " FROM import_job WHERE id = $1", id);
    struct import_job *job = job_from(c, &rows);
    db_done(&rows);
    if (!job || (!c->actor->system && job->author_id != c->actor->user_id)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    return job;
}

/* An id is the lock's number: other locks have numbers that no id of this century has. */
bool import_job_lease(struct ctx *c, int64_t id) {
    return db_engine(c->db) == DB_SQLITE ||
           DB_INT(c, "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1 ELSE 0 END", id);
}

void import_job_release(struct ctx *c, int64_t id) {
    struct db_rows rows;
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_QUERY(c, &rows, "SELECT pg_advisory_unlock($1)", id);
        db_done(&rows);
    }
}

struct import_job *import_job_running(struct ctx *c) {
    struct db_rows rows;
    struct import_job *job = NULL;
    DB_QUERY(c, &rows,
             "SELECT " JOB_COLUMNS " FROM import_job WHERE state IN ('running', 'undoing') "
             "ORDER BY id LIMIT $1",
             (int64_t)JOBS_AT_ONCE);
    while ((job = job_from(c, &rows)) && !import_job_lease(c, job->id)) {
    }
    db_done(&rows);
    /* As it is now that nobody else works on it. */
    job = job ? import_job_find(c, job->id) : NULL;
    return job && (str_is(job->state, "running") || str_is(job->state, "undoing")) ? job : NULL;
}

struct table_reader *import_job_open(struct ctx *c, const struct import_job *job) {
    struct table_reader *t = table_open(c, str_to_c(c->arena, job->path), job->sheet, NULL,
                                        TABLE_UNTRUSTED);
    struct table_row row = {0};
    while (t && row.line < job->header_line && table_next(c, t, &row)) {
    }
    if (t && row.line < job->header_line) {
        FAIL(c, ERROR_INVALID, "import.empty");
        table_close(t);
        return NULL;
    }
    return t;
}

struct import_plan *import_job_plan(struct ctx *c, const struct import_job *job) {
    const struct json *kept = json_parse(c, job->plan), *mapping = json_get(kept, "mapping");
    struct str headers[IMPORT_COLUMNS];
    size_t n = 0;
    for (; json_is(mapping, JSON_IS_ARRAY) && n < mapping->n && n < IMPORT_COLUMNS; n++) {
        headers[n] = json_text(&mapping->items[n], "header");
    }
    struct import_plan *plan = import_plan_guess(c, job->entity, headers, n);
    import_plan_apply(c, plan, kept);
    plan->author_id = job->author_id;
    plan->job_id = job->id;
    plan->zone = company_zone(c);
    return plan;
}

void import_job_decide(struct ctx *c, const struct import_job *job,
                       const struct import_plan *plan) {
    struct str text = import_plan_json(c, plan);
    struct str headers[IMPORT_COLUMNS];
    for (size_t i = 0; i < plan->n; i++) {
        headers[i] = plan->columns[i].header;
    }
    DB_RUN(c, "UPDATE import_job SET plan = $1 WHERE id = $2 AND state = 'uploaded'", text,
           job->id);
    DB_RUN(c,
           "INSERT INTO import_memory (entity, headers, plan) VALUES ($1, $2, $3) "
           "ON CONFLICT (entity, headers) DO UPDATE SET plan = excluded.plan",
           job->entity->name, headers_joined(c, headers, plan->n), text);
}

void import_job_start(struct ctx *c, struct import_job *job) {
    import_plan_require(c, import_job_plan(c, job));
    db_tell(c, NEWS_IMPORTS);
    /* One that broke off goes on after the last line whose fate is written. */
    if (!DB_RUN(c,
                "UPDATE import_job SET state = 'running', failure = NULL, finished_at = NULL "
                "WHERE id = $1 AND state IN ('uploaded', 'failed')",
                job->id)) {
        FAIL(c, ERROR_CONFLICT, "import.state");
    }
}

static struct str cells_json(struct ctx *c, const struct table_row *row) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    for (size_t i = 0; i < row->n && text_str(&w.out).n < CELLS_KEPT; i++) {
        json_put_str(&w, row->cells[i]);
    }
    json_end_array(&w);
    return json_str(&w);
}

/* Who reads it later may speak the other language. */
static void message_json(struct ctx *c, struct json_writer *w, const char *code,
                         const struct text_parameter *parameters) {
    json_begin_object(w);
    for (int i = LANGUAGE_ZH; i <= LANGUAGE_EN; i++) {
        JSON_MEMBER(w, language_tag((enum language)i), json_put_str,
                    message_format(c->arena, (enum language)i, code, parameters, ERROR_PARAMETERS));
    }
    json_end_object(w);
}

/* {"pointer","code","message":{"zh","en"}} of each that is wrong. */
static struct str errors_json(struct ctx *c, const struct error *error) {
    struct json_writer w = json_writer(c->arena);
    int n = 0;
    json_begin_array(&w);
    for (const struct field_error *e = error->fields; e && n < IMPORT_ERRORS; e = e->next, n++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "pointer", json_put_str, e->pointer);
        JSON_MEMBER(&w, "code", json_put_c, e->text);
        json_key(&w, "message");
        message_json(c, &w, e->text, e->parameters);
        json_end_object(&w);
    }
    if (!n) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "code", json_put_c, error->text);
        json_key(&w, "message");
        message_json(c, &w, error->text, error->parameters);
        json_end_object(&w);
    }
    json_end_array(&w);
    return json_str(&w);
}

struct str import_said(const struct ctx *c, const struct json *error) {
    const struct json *message = json_get(error, "message");
    return json_is(message, JSON_IS_TEXT) ? message->text /* kept by an older program */
                                          : json_text(message, language_tag(c->language));
}

static void refuse(struct ctx *c, struct import_job *job, const struct table_row *row) {
    struct str errors = errors_json(c, &c->error);
    ctx_clear_error(c);
    job->refused++;
    DB_RUN(c,
           "INSERT INTO import_refusal (job_id, line, cells, errors) VALUES ($1, $2, $3, $4) "
           "ON CONFLICT DO NOTHING",
           job->id, row->line, cells_json(c, row), errors);
}

/* What is to be said of a row that was taken in. */
static void remarks_keep(struct ctx *c, struct import_job *job, const struct import_plan *plan,
                         const struct table_row *row, int64_t id) {
    if (plan->remarks.fields) {
        job->remarked++;
        DB_RUN(c,
               "INSERT INTO import_remark (job_id, line, record_id, cells, errors) "
               "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
               job->id, row->line, id, cells_json(c, row), errors_json(c, &plan->remarks));
    }
}

/* A reference to a record of the same file, which may stand further down, waits for the end. */
static void links_keep(struct ctx *c, const struct import_job *job, struct import_plan *plan,
                       int64_t id) {
    for (size_t i = 0; i < plan->n_links; i++) {
        DB_RUN(c,
               "INSERT INTO import_link (job_id, record_id, field, title) VALUES ($1, $2, $3, $4)",
               job->id, id, plan->links[i].field->name, plan->links[i].title);
    }
    plan->n_links = 0;
}

static void link_one(struct ctx *c, const struct import_job *job, int64_t id, struct str field,
                     struct str title) {
    const struct field *f = entity_field(job->entity, field);
    int64_t target = f ? import_find(c, job->entity, title).id : 0;
    if (target && target != id) {
        struct change_set set = change_new(c, job->entity);
        change_value(&set, f, (struct value){VALUE_INTEGER, target, STR("")});
        record_change(c, id, &set);
    }
}

static void links_resolve(struct ctx *c, const struct import_job *job) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT record_id, field, title FROM import_link WHERE job_id = $1",
             job->id);
    while (db_next(&rows)) {
        link_one(c, job, db_int(&rows, 0), db_text(&rows, 1), db_text(&rows, 2));
    }
    DB_RUN(c, "DELETE FROM import_link WHERE job_id = $1", job->id);
}

/* Write a row, or nothing of it. A refused row has mostly written nothing yet and needs no
 * savepoint; when one has, the chunk is run again with them. */
static enum import_verdict row_attempt(struct ctx *c, struct import_plan *plan,
                                       const struct table_row *row, int64_t *id) {
    struct db_mark before = db_mark(c->db);
    if (plan->careful) {
        db_savepoint(c);
    }
    enum import_verdict verdict = import_row(c, plan, row, id);
    if (!ctx_failed(c)) {
        if (plan->careful) {
            db_release(c);
        }
        return verdict;
    }
    if (import_is_verdict(c) && plan->careful) {
        db_rollback_savepoint(c->db);
        import_cache_clear(plan->cache); /* of what the row had created */
    } else if (import_is_verdict(c) && !db_untouched(c->db, before)) {
        plan->careful = true;
        ctx_clear_error(c);
        FAIL(c, ERROR_RETRY, "import.half_written");
    }
    return IMPORT_REFUSE;
}

struct made_row {
    int64_t job_id;
    const struct import_made *made;
};

static void made_values(const void *item, struct db_value *values) {
    const struct made_row *row = item;
    values[0] = db_from_int(row->job_id);
    values[1] = db_from_int(row->made->id);
    values[2] = db_from_int(1);
    values[3] = db_from_str(row->made->entity->name);
}

/* What undoing the import takes away (import_undo.c). */
static void made_keep(struct ctx *c, const struct import_job *job, const struct import_plan *plan) {
    static const struct sql_rows shape = {
        "INSERT INTO import_record (job_id, record_id, version, entity)", 4, made_values};
    struct made_row *rows = ARENA_NEW_ARRAY(c->arena, plan->n_made, struct made_row);
    void **items = ARENA_NEW_ARRAY(c->arena, plan->n_made, void *);
    for (size_t i = 0; i < plan->n_made; i++) {
        rows[i] = (struct made_row){job->id, &plan->made[i]};
        items[i] = &rows[i];
    }
    sql_insert(c, &shape, items, plan->n_made);
    for (size_t i = 0; i < plan->n_merged; i++) {
        DB_RUN(c,
               "INSERT INTO import_merge (job_id, loser_id, entity) VALUES ($1, $2, $3) "
               "ON CONFLICT DO NOTHING",
               job->id, plan->merged[i].id, plan->merged[i].entity->name);
    }
    if (plan->completed.id) {
        DB_RUN(c,
               "INSERT INTO import_completed (job_id, record_id, entity) VALUES ($1, $2, $3) "
               "ON CONFLICT DO NOTHING",
               job->id, plan->completed.id, plan->completed.entity->name);
    }
}

static void run_row(struct ctx *c, struct import_job *job, struct import_plan *plan,
                    const struct table_row *row) {
    int64_t id;
    enum import_verdict verdict = row_attempt(c, plan, row, &id);
    if (ctx_failed(c)) {
        if (import_is_verdict(c)) {
            refuse(c, job, row);
        }
        return;
    }
    job->skipped += verdict == IMPORT_SKIP;
    job->merged += verdict == IMPORT_MERGE;
    job->created += verdict == IMPORT_CREATE;
    links_keep(c, job, plan, id);
    remarks_keep(c, job, plan, row, id);
    made_keep(c, job, plan);
    import_tags_keep(c, job->id, plan, id);
}

/* The line the job had come to guards against another process that works on it as well. */
static void job_progress(struct ctx *c, const struct import_job *job, int64_t from, bool finished) {
    int64_t moved = DB_RUN(
        c,
        "UPDATE import_job SET done_line = $1, row_count = $2, created = $3, merged = $4, "
        "refused = $5, skipped = $6, state = CASE WHEN $7 = 1 THEN 'done' ELSE state END, "
        "finished_at = CASE WHEN $7 = 1 THEN $8 ELSE finished_at END, remarked = $9 "
        "WHERE id = $10 AND state = 'running' AND done_line = $11",
        job->done_line, job->rows, job->created, job->merged, job->refused, job->skipped, finished,
        c->now_ms, job->remarked, job->id, from);
    if (!moved) {
        FAIL(c, ERROR_CONFLICT, IMPORT_MOVED);
    }
}

/* Whoever imports has written the rows, and sees no more through them than otherwise. On the
 * command line it is the system. */
static void act_as_author(struct ctx *c, const struct import_job *job) {
    if (!job->author_id) {
        return;
    }
    const struct actor *author = actor_resolve(c, job->author_id, organization_version(c));
    if (author) {
        c->actor = author;
    } else {
        FAIL(c, ERROR_DENIED, "import.author");
    }
}

/* Who has left the page meanwhile hears that it is over; the rows themselves tell nobody. */
static void author_tell(struct ctx *c, const struct import_job *job, const char *code) {
    enum origin origin = c->origin;
    int64_t taken = job->created + job->merged, refused = job->refused;
    struct notification n = {.user_id = job->author_id,
                             .code = code,
                             .subject_type = STR("import_job"),
                             .subject_id = job->id};
    n.parameters[0] = (struct text_parameter){"file", job->file_name};
    n.parameters[1] = (struct text_parameter){"taken",
                                              str_format(c->arena, "%lld", (long long)taken)};
    n.parameters[2] = (struct text_parameter){"refused",
                                              str_format(c->arena, "%lld", (long long)refused)};
    c->origin = ORIGIN_LIVE;
    notify(c, &n);
    c->origin = origin;
}

size_t import_job_chunk(struct ctx *c, struct import_job *job, struct import_plan *plan,
                        const struct import_rows *rows) {
    int64_t from = job->done_line;
    size_t n = 0;
    c->origin = ORIGIN_IMPORT;
    act_as_author(c, job);
    while (n < rows->n && !ctx_failed(c) && (n < rows->least || !db_awaited(c->db))) {
        struct arena_mark mark = arena_mark(c->arena);
        const struct table_row *row = &rows->rows[n++];
        job->rows++;
        job->done_line = row->line;
        c->request_id = audit_import_request(c->arena, job->id, row->line);
        run_row(c, job, plan, row);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    bool finished = rows->last && n == rows->n;
    if (finished) {
        c->request_id = audit_import_request(c->arena, job->id, job->done_line);
        links_resolve(c, job);
    }
    c->request_id = STR("");
    job_progress(c, job, from, finished);
    if (finished) {
        event_emit(
            c, &(struct event){.type = STR("import.finished"), .subject_type = job->entity->name});
        author_tell(c, job, "import.told");
    }
    return n;
}

void import_job_fail(struct ctx *c, int64_t id, const char *text) {
    const struct import_job *job = import_job_find(c, id);
    if (job && DB_RUN(c,
                      "UPDATE import_job SET state = 'failed', failure = $1, finished_at = $2 "
                      "WHERE id = $3 AND state = 'running'",
                      text, c->now_ms, id)) {
        author_tell(c, job, "import.told_broken");
    }
}

void import_job_json(struct ctx *c, struct json_writer *w, const struct import_job *job) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, job->id);
    JSON_MEMBER(w, "entity", json_put_str, job->entity->name);
    JSON_MEMBER(w, "file_name", json_put_str, job->file_name);
    JSON_MEMBER(w, "sheet", json_put_str, job->sheet);
    JSON_MEMBER(w, "state", json_put_str, job->state);
    JSON_MEMBER(w, "done", json_put_int, job->rows);
    JSON_MEMBER(w, "created", json_put_int, job->created);
    JSON_MEMBER(w, "merged", json_put_int, job->merged);
    JSON_MEMBER(w, "remarked", json_put_int, job->remarked);
    JSON_MEMBER(w, "refused", json_put_int, job->refused);
    JSON_MEMBER(w, "skipped", json_put_int, job->skipped);
    json_key(w, "failure");
    if (job->failure.n) {
        const char *code = str_to_c(c->arena, job->failure);
        json_put_str(w, message_words(c->language, code));
    } else {
        json_put_null(w);
    }
    json_key(w, "plan");
    json_put_raw(w, job->plan);
    json_end_object(w);
}

static const struct text texts[] = {
    {"import.empty", "文件里没有表头", "The file has no header row"},
    {"import.told", "「{file}」导入完成：{taken} 行已写入，{refused} 行未导入",
     "\"{file}\" is imported: {taken} rows taken in, {refused} refused"},
    {"import.told_broken", "「{file}」导入中断：已写入 {taken} 行。打开看原因，可以继续或撤销",
     "The import of \"{file}\" broke off: {taken} rows are in. Open it to see why: it can go on "
     "or be undone"},
    {"import.state", "这个导入已经开始或已结束", "This import has started or ended already"},
    {IMPORT_MOVED, "另一个进程正在处理这个导入", "Another process works on this import"},
    {"import.half_written", "这一段将重新写入", "This part is written once more"},
    {"import.author", "导入的人已停用", "Whoever imports is no longer active"},
    {"import.no_such", "没有「{value}」", "There is no \"{value}\""},
    {"import.several", "有几个人叫「{value}」", "Several people are called \"{value}\""},
    {"import.several_named", "有几个「{value}」，分不清是哪一个：请在预览里选定",
     "Several are called \"{value}\": choose in the preview which is meant"},
    {"import.deal_several", "有几个同样的商机「{value}」：算作已有，没有补写",
     "Several deals \"{value}\" are alike: taken as known, nothing filled in"},
    {"import.deal_another", "已有同名商机「{value}」，但金额和日期对不上：按新商机导入",
     "A deal \"{value}\" is there, but its amount and dates are others: made as a new one"},
    {"import.deal_twice", "文件里有几行是同样的商机「{value}」：各建了一个",
     "Several rows of the file say the same of a deal \"{value}\": each was made"},
    {"import.no_subject", "系统里没有找到「{value}」（{column}）",
     "\"{value}\" ({column}) is not found"},
    {"import.several_subjects", "有几条记录叫「{value}」（{column}），分不清是哪一条",
     "Several records are called \"{value}\" ({column}): which is meant cannot be told"},
    {"import.no_deal_of_account", "这个客户没有商机「{value}」",
     "That account has no deal \"{value}\""},
    {"import.no_subject_named", "这一行没有写是哪个客户、联系人、商机或线索",
     "The row names no account, contact, deal or lead"},
    {"import.no_subject_type", "「{value}」不是客户、联系人、商机或线索",
     "\"{value}\" is no account, person, deal or lead"},
    {"import.no_contact", "认不出联系人「{value}」：这一条没有记联系人",
     "Contact \"{value}\" is not known: this one is kept without"},
    {"import.no_region", "地区「{value}」不认识，未填入",
     "Region \"{value}\" is not known: left empty"},
    {"import.no_phone", "电话「{value}」不对，未填入",
     "Phone \"{value}\" is not right: left empty"},
    {"import.no_email", "邮箱「{value}」不对，未填入",
     "Email \"{value}\" is not right: left empty"},
    {"import.owner_to_importer", "找不到负责人「{value}」：归导入的人，名字已记下",
     "Owner \"{value}\" is unknown: it goes to who imports, the name is kept"},
    {"import.many_tags", "标签「{value}」和后面的没有打上：一行最多 20 个标签",
     "{value} and the tags after it were not put on: twenty a row at most"},
    {"import.no_tag", "没有打上标签「{value}」：还没有这个标签，名字太长或您的角色不能新建",
     "Not tagged {value}: no such tag, and its name is too long or your role may not make one"},
    {"import.owner_to_nobody", "找不到负责人「{value}」：暂无负责人，名字已记下",
     "Owner \"{value}\" is unknown: it has no owner, the name is kept"},
    {"import.several_to_importer", "有几个人叫「{value}」：归导入的人，名字已记下",
     "Several people are called \"{value}\": it goes to who imports, the name is kept"},
    {"import.several_to_nobody", "有几个人叫「{value}」：暂无负责人，名字已记下",
     "Several people are called \"{value}\": it has no owner, the name is kept"},
    {"import.no_column", "一列也没有认出来。文件里的列：{headers}。可以填的字段：{fields}",
     "No column is understood. The file has: {headers}. Fields that can be filled: {fields}"},
    {"import.no_reach", "没有一列是手机或邮箱。文件里的列：{headers}。可以填的字段：{fields}",
     "No column is a phone or a mail. The file has: {headers}. Fields that can be filled: "
     "{fields}"},
    {0}};

static const struct event_type event_types[] = {
    {"import.finished", NULL, "导入完成", "import finished"}, {0}};

const struct module import_module = {.name = "data.import",
                                     .cloud = "data",
                                     .events = event_types,
                                     .migrations = migrations,
                                     .texts = texts};
