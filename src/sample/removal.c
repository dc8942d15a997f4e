#include "sample/removal.h"

#include "base/clock.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/versions.h"
#include "event/event.h"
#include "marketing/scoring.h"
#include "organization/company.h"
#include "organization/role.h"
#include "organization/version.h"
#include "sales/grading.h"
#include "sales/script.h"

/* What is kept draws other things after it: so often at most. */
enum { ROUNDS = 6, REACHES = 4 };

struct sample_state sample_state(struct ctx *c) {
    struct sample_state s = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id_from, id_to, made_at, COALESCE(removed_at, 0) FROM sample_company "
             "ORDER BY made_at DESC LIMIT 1");
    if (db_next(&rows)) {
        s = (struct sample_state){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2),
                                  db_int(&rows, 3)};
        db_done(&rows);
    }
    return s;
}

static void column(struct sql *q, struct str table, struct str name) {
    sql_identifier(q, table);
    SQL_ADD(q, ".");
    sql_identifier(q, name);
}

static void came_with(const struct removal *r, struct sql *q, struct str table, struct str name) {
    column(q, table, name);
    SQL_ADD(q, " BETWEEN ");
    SQL_VALUE(q, r->from);
    SQL_ADD(q, " AND ");
    SQL_VALUE(q, r->to);
}

static void listed(struct sql *q, const char *exists, struct str table, struct str name) {
    sql_literal(q, exists);
    column(q, table, name);
    SQL_ADD(q, ")");
}

void removal_going(const struct removal *r, struct sql *q, struct str table, struct str name) {
    SQL_ADD(q, "(");
    came_with(r, q, table, name);
    listed(q, " AND NOT EXISTS (SELECT 1 FROM sample_kept k WHERE k.id = ", table, name);
    listed(q, " OR EXISTS (SELECT 1 FROM sample_also x WHERE x.id = ", table, name);
    SQL_ADD(q, ")");
}

static bool refers(const struct field *f) {
    return f->type == FIELD_REFERENCE && f->position != SYSTEM_UPDATED_BY;
}

/* Whether a record made after the sample goes with what this field names: it hangs on it. */
static bool hangs(const struct entity *e, const struct field *f) {
    bool system = f->flags & FIELD_SYSTEM;
    return refers(f) && !system && (!f->target || e->flags & ENTITY_APPEND);
}

/* What the program made by itself needs what it is about. */
static bool needs(const struct field *f) {
    return refers(f) && f->target && f->flags & FIELD_REQUIRED;
}

static void also_by(struct removal *r, const struct entity *e, const struct field *f,
                    bool by_itself) {
    struct sql q = sql_new(r->c->arena);
    SQL_ADD(&q, "INSERT INTO sample_also (id) SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE NOT (");
    came_with(r, &q, e->table, STR("id"));
    sql_literal(&q, by_itself ? ") AND created_by IS NULL AND " : ") AND ");
    removal_going(r, &q, e->table, f->name);
    SQL_ADD(&q, " ON CONFLICT DO NOTHING");
    sql_run(r->c, &q);
}

/* What people made stands on its own or hangs on something that goes. */
static void also_mark(struct removal *r) {
    const struct model *m = r->c->model;
    for (int i = 0; i < m->n_entities && !ctx_failed(r->c); i++) {
        const struct entity *e = &m->entities[i];
        for (int k = 0; k < e->n_fields; k++) {
            const struct field *f = &e->fields[k];
            if (hangs(e, f) || needs(f)) {
                also_by(r, e, f, !hangs(e, f));
            }
        }
    }
}

/* What this field names stays: of records of one's own (own), or of those that stay with them. */
static void keep_named(struct removal *r, const struct entity *e, const struct field *f, bool own) {
    struct sql q = sql_new(r->c->arena);
    SQL_ADD(&q, "INSERT INTO sample_kept (id) SELECT DISTINCT ");
    column(&q, e->table, f->name);
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE ");
    came_with(r, &q, e->table, f->name);
    if (own) {
        SQL_ADD(&q, " AND NOT (");
        came_with(r, &q, e->table, STR("id"));
        listed(&q, ") AND NOT EXISTS (SELECT 1 FROM sample_also x WHERE x.id = ", e->table,
               STR("id"));
    } else {
        listed(&q, " AND EXISTS (SELECT 1 FROM sample_kept k WHERE k.id = ", e->table, STR("id"));
    }
    SQL_ADD(&q, " ON CONFLICT DO NOTHING");
    sql_run(r->c, &q);
}

/* Parts of a setting that stays, as the stages of a pipeline. */
static void keep_parts(struct removal *r, const struct entity *e, const struct field *f) {
    struct sql q = sql_new(r->c->arena);
    SQL_ADD(&q, "INSERT INTO sample_kept (id) SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE ");
    came_with(r, &q, e->table, STR("id"));
    listed(&q, " AND EXISTS (SELECT 1 FROM sample_kept k WHERE k.id = ", e->table, f->name);
    SQL_ADD(&q, " ON CONFLICT DO NOTHING");
    sql_run(r->c, &q);
}

static int count_needs(const struct entity *e) {
    int n = 0;
    for (int k = 0; k < e->n_fields; k++) {
        n += needs(&e->fields[k]);
    }
    return n;
}

/* A user stays with his department, a department with those above it. */
static bool place_of_user(const struct entity *e, const struct field *f) {
    bool organized = str_is(e->name, "user") || str_is(e->name, "department");
    return organized && f->target && str_is(f->target->name, "department");
}

static void keep_reached(struct removal *r) {
    const struct model *m = r->c->model;
    for (int i = 0; i < m->n_entities && !ctx_failed(r->c); i++) {
        const struct entity *e = &m->entities[i];
        bool part = e->flags & ENTITY_SETTING && count_needs(e) == 1;
        for (int k = 0; k < e->n_fields; k++) {
            const struct field *f = &e->fields[k];
            if (needs(f) || place_of_user(e, f)) {
                keep_named(r, e, f, false);
            }
            if (part && needs(f) && f->target->flags & ENTITY_SETTING) {
                keep_parts(r, e, f);
            }
        }
    }
}

static void keep_own(struct removal *r) {
    const struct model *m = r->c->model;
    for (int i = 0; i < m->n_entities && !ctx_failed(r->c); i++) {
        const struct entity *e = &m->entities[i];
        for (int k = 0; k < e->n_fields; k++) {
            if (refers(&e->fields[k])) {
                keep_named(r, e, &e->fields[k], true);
            }
        }
    }
}

/* Browsers that belong to somebody who stays, and what joins them to him. */
static void keep_visitors(struct removal *r) {
    static const char *const selects[] = {
        "INSERT INTO sample_kept (id) SELECT DISTINCT visitor_id FROM visitor_link WHERE ",
        "INSERT INTO sample_kept (id) SELECT id FROM visitor_link WHERE "};
    static const char *const columns[] = {"visitor_id", "id"};
    for (int i = 0; i < 2; i++) {
        struct sql q = sql_new(r->c->arena);
        sql_literal(&q, selects[i]);
        came_with(r, &q, STR("visitor_link"), str_from(columns[i]));
        SQL_ADD(&q, " AND NOT ");
        removal_going(r, &q, STR("visitor_link"), STR("person_id"));
        SQL_ADD(&q, " ON CONFLICT DO NOTHING");
        sql_run(r->c, &q);
    }
}

/* Until nothing more is drawn after what stays. */
static void decide(struct removal *r) {
    struct ctx *c = r->c;
    int64_t before = -1, now = 0;
    DB_RUN(c, "DELETE FROM sample_kept");
    DB_RUN(c, "DELETE FROM sample_also");
    int64_t user = access_user_id(c->actor);
    if (user >= r->from && user <= r->to) {
        DB_RUN(c, "INSERT INTO sample_kept (id) VALUES ($1)", user);
    }
    for (int round = 0; round < ROUNDS && now != before && !ctx_failed(c); round++) {
        DB_RUN(c, "DELETE FROM sample_also");
        also_mark(r);
        also_mark(r);
        keep_own(r);
        for (int reach = 0; reach < REACHES; reach++) {
            keep_reached(r);
        }
        before = now;
        now = DB_INT(c, "SELECT count(*) FROM sample_kept");
    }
    keep_visitors(r);
}

/* What stays forgets what goes. */
static void forget(struct removal *r, const struct entity *e, const struct field *f) {
    struct sql q = sql_new(r->c->arena);
    SQL_ADD(&q, "UPDATE ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " SET version = version + 1, ");
    sql_identifier(&q, f->name);
    SQL_ADD(&q, " = NULL");
    if (f->flags & FIELD_SYSTEM && f->position == SYSTEM_OWNER_ID) {
        SQL_ADD(&q, ", owner_department_id = NULL");
    }
    SQL_ADD(&q, " WHERE ");
    removal_going(r, &q, e->table, f->name);
    SQL_ADD(&q, " AND NOT ");
    removal_going(r, &q, e->table, STR("id"));
    sql_run(r->c, &q);
}

static void take_away(struct removal *r, const struct entity *e) {
    struct sql q = sql_new(r->c->arena);
    SQL_ADD(&q, "DELETE FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE ");
    removal_going(r, &q, e->table, STR("id"));
    r->records += sql_run(r->c, &q);
}

static void records_remove(struct removal *r) {
    const struct model *m = r->c->model;
    for (int i = 0; i < m->n_entities && !ctx_failed(r->c); i++) {
        const struct entity *e = &m->entities[i];
        for (int k = 0; k < e->n_fields; k++) {
            const struct field *f = &e->fields[k];
            if (f->type == FIELD_REFERENCE && !(f->flags & FIELD_REQUIRED)) {
                forget(r, e, f);
            }
        }
    }
    for (int i = 0; i < m->n_entities && !ctx_failed(r->c); i++) {
        take_away(r, &m->entities[i]);
    }
}

static void total_less(struct ctx *c, int64_t day, struct str type, int64_t events) {
    char text[DATE_TEXT];
    date_format(date_from_days(day), text);
    DB_RUN(c,
           "UPDATE behaviour_daily SET events = events - $1 WHERE day = $2 AND type = $3 "
           "AND subject_type = ''",
           events, (const char *)text, type);
}

/* Of the daily totals, and the rows; the newest row stays, by which SQLite numbers the next. */
static void behaviour_take(struct removal *r) {
    struct ctx *c = r->c;
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    struct str type = STR("");
    int64_t day = 0, events = 0;
    SQL_ADD(&q,
            "SELECT type, occurred_at FROM behaviour WHERE seq <= (SELECT COALESCE(max(seq), 0) "
            "FROM reactor_cursor WHERE name = 'behaviour.daily') AND ");
    removal_going(r, &q, STR("behaviour"), STR("person_id"));
    SQL_ADD(&q, " ORDER BY type, occurred_at");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        int64_t its = date_to_days(zone_date(company_zone(c), db_int(&rows, 1)));
        if (its != day || !str_equal(type, db_view(&rows, 0))) {
            total_less(c, day, type, events);
            type = db_text(&rows, 0);
            day = its;
            events = 0;
        }
        events++;
    }
    total_less(c, day, type, events);
    DB_RUN(c, "DELETE FROM behaviour_daily WHERE events <= 0");
    struct sql gone = sql_new(c->arena);
    SQL_ADD(&gone, "DELETE FROM behaviour WHERE seq < (SELECT max(seq) FROM behaviour) AND ");
    removal_going(r, &gone, STR("behaviour"), STR("person_id"));
    sql_run(c, &gone);
}

/* The sample's name goes with it, unless somebody gave another. */
static void name_take(struct ctx *c) {
    if (str_is(company_text(c, "name"), "华岳工控")) {
        company_set(c, "name", STR(""));
    }
}

/* What stays bore the scores and grades of rules that went. */
static void judge_again(struct ctx *c) {
    score_rescore(c, 0);
    grading_fill(c, STR("lead"));
    grading_fill(c, STR("opportunity"));
}

static void tell(struct removal *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "records", json_put_int, r->records);
    json_end_object(&w);
    event_emit(r->c, &(struct event){.type = STR("sample.removed"), .payload = json_str(&w)});
}

int64_t sample_remove(struct ctx *c) {
    struct sample_state s = sample_state(c);
    struct removal r = {c, s.from, s.to, 0};
    if (!s.from || s.removed_at || ctx_failed(c)) {
        return 0;
    }
    db_flush(c);
    decide(&r);
    behaviour_take(&r);
    removal_of_tables(&r);
    records_remove(&r);
    removal_of_timers(&r);
    script_tally_recount(c);
    judge_again(c);
    name_take(c);
    role_keep_administrator(c);
    DB_RUN(c, "DELETE FROM sample_planted");
    DB_RUN(c, "UPDATE sample_company SET removed_at = $1 WHERE id_from = $2", c->now_ms, s.from);
    organization_changed(c);
    version_move(c, "setting");
    version_move(c, "session");
    tell(&r);
    return r.records;
}
