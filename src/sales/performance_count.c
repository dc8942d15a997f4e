/* See performance.h: the counting. Deals of a period are found by their closing date, leads by
 * their coming, follow-ups by when they happened; each has its index. */
#include "base/text.h"
#include "db/sql.h"
#include "organization/company.h"
#include "sales/performance.h"

enum { USERS_MOST = 5000, DEPARTMENTS_MOST = 2000 };

/* Where the figures of a query go. */
struct sink {
    struct performance *p;
    bool before;
    bool whole; /* of no line: what is counted has not got what the lines go by */
    struct performance_line *last;
};

static bool says(const struct performance_line *l, struct str text) {
    bool met = false;
    for (size_t i = 0; i < l->n_said && !met; i++) {
        met = str_equal(l->said[i], text);
    }
    return met;
}

static struct performance_line *line_keyed(struct performance *p, int64_t id, struct str key) {
    for (size_t i = 0; i < p->n; i++) {
        if (p->lines[i].id == id && str_equal(p->lines[i].key, key)) {
            return &p->lines[i];
        }
    }
    return NULL;
}

static struct performance_line *line_of(struct performance *p, int64_t id, struct str text) {
    struct arena *a = p->c->arena;
    for (size_t i = 0; i < p->n; i++) {
        if (p->lines[i].id == id && (text.n ? says(&p->lines[i], text) : !p->lines[i].text.n)) {
            return &p->lines[i];
        }
    }
    struct str own = text.n ? str_copy(a, text) : STR("");
    struct str key = text.n ? text_search_key(a, own) : STR("");
    struct performance_line *l = line_keyed(p, id, key);
    if (!l && p->n < PERFORMANCE_LINES) {
        l = &p->lines[p->n++];
        *l = (struct performance_line){.id = id, .text = own, .key = key, .opens = true};
    }
    if (l && l->n_said < PERFORMANCE_SPELLINGS) {
        l->said[l->n_said++] = own;
    }
    return l;
}

/* The line's figures for the row, whose first column is the key; those of lines beyond the most go
 * into the totals alone. */
static struct figures *figures_of(struct sink *s, const struct db_rows *rows) {
    const struct dimension *d = &s->p->by;
    bool id = d->kind != BY_FIELD || d->field->type == FIELD_REFERENCE ||
              d->field->type == FIELD_BOOLEAN;
    int64_t key = id ? db_int(rows, 0) : 0;
    struct str text = id ? STR("") : db_view(rows, 0);
    if (s->whole) {
        return &s->p->rest;
    }
    if (!s->last || s->last->id != key || !str_equal(s->last->text, text)) {
        s->last = line_of(s->p, key, text);
    }
    return !s->last ? &s->p->rest : s->before ? &s->last->before : &s->last->now;
}

static struct figures *total_of(struct sink *s) {
    return s->before ? &s->p->total_before : &s->p->now;
}

static void key_add(struct sql *q, const struct dimension *d, const struct field *f,
                    const char *alias) {
    if (d->kind != BY_FIELD || !f) {
        sql_literal(q, alias);
        SQL_ADD(q, ".owner_id");
        return;
    }
    sql_literal(q, d->of_account && f == d->field ? "a" : alias);
    SQL_ADD(q, ".");
    sql_identifier(q, f->name);
}

static void equal_add(struct sql *q, const char *alias, const char *column, int64_t id) {
    if (id) {
        SQL_ADD(q, " AND ");
        sql_literal(q, alias);
        sql_literal(q, column);
        SQL_ADD(q, " = ");
        SQL_VALUE(q, id);
    }
}

static void who_add(const struct performance *p, struct sql *q, const struct entity *e,
                    const char *alias) {
    equal_add(q, alias, ".owner_id", p->owner_id);
    equal_add(q, alias, ".owner_department_id", p->department_id);
    SQL_ADD(q, " AND ");
    access_where(p->c, q, e, ACTION_READ, alias);
}

static void deals_where(const struct performance *p, struct sql *q, struct period span) {
    SQL_ADD(q, " WHERE d.deleted_at IS NULL AND d.state <> 'open' AND d.closed_date >= ");
    SQL_VALUE(q, period_date(p->c->arena, span.from));
    SQL_ADD(q, " AND d.closed_date < ");
    SQL_VALUE(q, period_date(p->c->arena, span.to));
    equal_add(q, "d", ".pipeline_id", p->pipeline_id);
    equal_add(q, "d", ".product_id", p->product_id);
}

static void deal_add(const struct performance *p, struct figures *f, const struct db_rows *rows) {
    bool won = str_is(db_view(rows, 1), "won");
    f->won += won;
    f->lost += !won;
    if (!won) {
        return;
    }
    bool ours = !db_null(rows, 2) && str_equal(db_view(rows, 3), p->currency);
    int64_t begun = db_null(rows, 4) ? date_to_days(zone_date(p->zone, db_int(rows, 5)))
                                     : period_day(db_view(rows, 4));
    int64_t closed = period_day(db_view(rows, 6));
    f->sum += ours ? db_int(rows, 2) : 0;
    f->other += !ours;
    if (begun >= 0 && closed >= begun) {
        f->days += closed - begun;
        f->timed++;
    }
}

static void deals_count(struct sink *s, struct period span) {
    struct performance *p = s->p;
    struct db_rows rows;
    struct sql q = sql_new(p->c->arena);
    SQL_ADD(&q, "SELECT ");
    key_add(&q, &p->by, p->by.field, "d");
    SQL_ADD(&q, ", d.state, d.amount, d.amount_currency, d.engaged_date, d.created_at, "
                "d.closed_date FROM opportunity d");
    if (p->by.of_account) {
        SQL_ADD(&q, " LEFT JOIN account a ON a.id = d.account_id AND a.deleted_at IS NULL");
    }
    deals_where(p, &q, span);
    who_add(p, &q, p->deal, "d");
    sql_query(p->c, &rows, &q);
    while (db_next(&rows)) {
        deal_add(p, figures_of(s, &rows), &rows);
        deal_add(p, total_of(s), &rows);
    }
}

static void leads_add(struct sink *s, struct db_rows *rows, bool came) {
    while (db_next(rows)) {
        struct figures *to[] = {figures_of(s, rows), total_of(s)};
        for (int i = 0; i < 2; i++) {
            to[i]->leads += came ? db_int(rows, 1) : 0;
            to[i]->leads_won_over += came ? db_int(rows, 2) : 0;
            to[i]->converted += came ? 0 : db_int(rows, 1);
        }
    }
}

/* Leads that came in the span (or were converted in it), by their own field of the same name; in
 * the totals alone when there is none. */
static void leads_count(struct sink *s, struct period span, bool came) {
    struct performance *p = s->p;
    struct db_rows rows;
    struct sql q = sql_new(p->c->arena);
    if (p->pipeline_id || p->product_id ||
        access_scope(p->c->actor, p->lead, ACTION_READ) == SCOPE_NONE) {
        return;
    }
    s->whole = p->by.kind == BY_FIELD && !p->by.lead;
    SQL_ADD(&q, "SELECT ");
    key_add(&q, &p->by, p->by.lead, "l");
    SQL_ADD(&q, ", CAST(count(*) AS BIGINT), CAST(count(l.converted_at) AS BIGINT) FROM lead l "
                "WHERE l.deleted_at IS NULL AND ");
    sql_literal(&q, came ? "l.created_at >= " : "l.converted_at >= ");
    SQL_VALUE(&q, period_instant(p->c, span.from));
    sql_literal(&q, came ? " AND l.created_at < " : " AND l.converted_at < ");
    SQL_VALUE(&q, period_instant(p->c, span.to));
    who_add(p, &q, p->lead, "l");
    SQL_ADD(&q, " GROUP BY 1");
    sql_query(p->c, &rows, &q);
    leads_add(s, &rows, came);
}

static void follow_ups_count(struct sink *s, struct period span) {
    struct performance *p = s->p;
    struct db_rows rows;
    struct sql q = sql_new(p->c->arena);
    if (p->pipeline_id || p->product_id ||
        access_scope(p->c->actor, p->activity, ACTION_READ) == SCOPE_NONE) {
        return;
    }
    s->whole = p->by.kind == BY_FIELD;
    SQL_ADD(&q, "SELECT v.owner_id, CAST(count(*) AS BIGINT) FROM activity v "
                "WHERE v.deleted_at IS NULL AND v.occurred_at >= ");
    SQL_VALUE(&q, period_instant(p->c, span.from));
    SQL_ADD(&q, " AND v.occurred_at < ");
    SQL_VALUE(&q, period_instant(p->c, span.to));
    who_add(p, &q, p->activity, "v");
    SQL_ADD(&q, " GROUP BY 1");
    sql_query(p->c, &rows, &q);
    while (db_next(&rows)) {
        int64_t n = db_int(&rows, 1);
        figures_of(s, &rows)->follow_ups += n;
        total_of(s)->follow_ups += n;
    }
}

static void span_count(struct performance *p, struct period span, bool before) {
    struct sink s = {.p = p, .before = before};
    deals_count(&s, span);
    leads_count(&s, span, true);
    leads_count(&s, span, false);
    follow_ups_count(&s, span);
}

/* Who stands where: pairs read once. */
struct places {
    int64_t (*pairs)[2];
    size_t n;
};

static struct places places_read(struct ctx *c, struct db_rows *rows, size_t most) {
    struct places out = {arena_array(c->arena, most, sizeof *out.pairs), 0};
    while (out.n < most && db_next(rows)) {
        out.pairs[out.n][0] = db_int(rows, 0);
        out.pairs[out.n++][1] = db_int(rows, 1);
    }
    db_done(rows);
    return out;
}

static int64_t place_of(const struct places *p, int64_t id) {
    for (size_t i = 0; i < p->n; i++) {
        if (p->pairs[i][0] == id) {
            return p->pairs[i][1];
        }
    }
    return 0;
}

static void figures_add(struct figures *to, const struct figures *f) {
    to->won += f->won;
    to->lost += f->lost;
    to->sum += f->sum;
    to->other += f->other;
    to->days += f->days;
    to->timed += f->timed;
    to->leads += f->leads;
    to->leads_won_over += f->leads_won_over;
    to->converted += f->converted;
    to->follow_ups += f->follow_ups;
}

static void fold_into(struct performance *p, int64_t id, const struct performance_line *from) {
    struct performance_line *to = line_of(p, id, STR(""));
    if (!to) {
        return;
    }
    int64_t *ids = ARENA_NEW_ARRAY(p->c->arena, to->members.n + 1, int64_t);
    for (size_t i = 0; i < to->members.n; i++) {
        ids[i] = to->members.ids[i];
    }
    ids[to->members.n] = from->id;
    to->members = (struct id_set){ids, to->members.n + 1};
    figures_add(&to->now, &from->now);
    figures_add(&to->before, &from->before);
}

/* Lines of people become lines of their departments and all above, or of their teams: of several
 * the one they joined first, as in the forecast, so that nothing is sold twice. */
static void fold(struct performance *p) {
    struct ctx *c = p->c;
    struct performance_line *people = p->lines;
    struct db_rows rows;
    struct places above = {0};
    size_t n = p->n;
    p->lines = ARENA_NEW_ARRAY(c->arena, PERFORMANCE_LINES, struct performance_line);
    p->n = 0;
    if (p->by.kind == BY_TEAM) {
        DB_QUERY(c, &rows,
                 "SELECT m.user_id, m.team_id FROM team_member m JOIN team t ON t.id = m.team_id "
                 "WHERE m.deleted_at IS NULL AND t.deleted_at IS NULL ORDER BY m.id");
    } else {
        DB_QUERY(c, &rows, "SELECT id, parent_id FROM department WHERE deleted_at IS NULL");
        above = places_read(c, &rows, DEPARTMENTS_MOST);
        DB_QUERY(c, &rows, "SELECT id, department_id FROM \"user\"");
    }
    struct places of = places_read(c, &rows, USERS_MOST);
    for (size_t i = 0; i < n; i++) {
        int64_t at = place_of(&of, people[i].id);
        if (!at) {
            fold_into(p, 0, &people[i]);
        }
        for (int depth = 0; at && depth < PERFORMANCE_DEPTH; depth++) {
            fold_into(p, at, &people[i]);
            at = place_of(&above, at);
        }
    }
}

void performance_count(struct performance *p) {
    p->lines = ARENA_NEW_ARRAY(p->c->arena, PERFORMANCE_LINES, struct performance_line);
    span_count(p, p->period, false);
    span_count(p, p->before, true);
    if (p->by.kind == BY_DEPARTMENT || p->by.kind == BY_TEAM) {
        fold(p);
    }
}

struct sales_sum performance_won(const struct performance *p) {
    struct sales_sum sum = {0, 0};
    struct db_rows rows;
    struct sql q = sql_new(p->c->arena);
    SQL_ADD(&q,
            "SELECT CAST(count(*) AS BIGINT), CAST(COALESCE(sum(CASE WHEN d.amount_currency = ");
    SQL_VALUE(&q, p->currency);
    SQL_ADD(&q, " THEN d.amount END), 0) AS BIGINT) FROM opportunity d");
    deals_where(p, &q, p->period);
    SQL_ADD(&q, " AND d.state = 'won'");
    who_add(p, &q, p->deal, "d");
    sql_query(p->c, &rows, &q);
    if (db_next(&rows)) {
        sum = (struct sales_sum){db_int(&rows, 0), db_int(&rows, 1)};
    }
    db_done(&rows);
    return sum;
}

static bool reaches(const struct ctx *c, enum scope scope, int64_t user_id, int64_t department_id) {
    return scope == SCOPE_ALL || user_id == c->actor->user_id ||
           (scope == SCOPE_TREE && id_set_has(c->actor->departments, department_id)) ||
           (scope == SCOPE_TEAM && id_set_has(c->actor->members, user_id));
}

static void others_read(struct performance *p, struct period span, bool before,
                        bool department_only) {
    struct ctx *c = p->c;
    enum scope scope = access_scope(c->actor, p->deal, ACTION_READ);
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT d.owner_id, u.department_id, CAST(count(*) AS BIGINT), "
                "CAST(COALESCE(sum(CASE WHEN d.amount_currency = ");
    SQL_VALUE(&q, p->currency);
    SQL_ADD(&q, " THEN d.amount END), 0) AS BIGINT) FROM opportunity d "
                "JOIN \"user\" u ON u.id = d.owner_id");
    deals_where(p, &q, span);
    SQL_ADD(&q, " AND d.state = 'won'");
    if (department_only) {
        int64_t mine = c->actor->department_id;
        equal_add(&q, "u", ".department_id", mine ? mine : -1);
    }
    SQL_ADD(&q, " GROUP BY d.owner_id, u.department_id");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct performance_line *l = NULL;
        if (!reaches(c, scope, db_int(&rows, 0), db_int(&rows, 1))) {
            l = line_of(p, db_int(&rows, 0), STR(""));
        }
        if (l) {
            struct figures *f = before ? &l->before : &l->now;
            l->opens = false;
            *f = (struct figures){.won = db_int(&rows, 2), .sum = db_int(&rows, 3)};
        }
    }
}

void performance_rank_others(struct performance *p) {
    struct str shows = company_text(p->c, "ranking_shows");
    bool all = access_scope(p->c->actor, p->deal, ACTION_READ) == SCOPE_ALL;
    if (p->by.kind != BY_OWNER || p->owner_id || p->department_id || all || str_is(shows, "own")) {
        return;
    }
    others_read(p, p->period, false, str_is(shows, "department"));
    others_read(p, p->before, true, str_is(shows, "department"));
}

/* Of one of these owners; 0 among them: or of nobody. */
static void owners_leaf(struct text_buffer *b, struct id_set ids) {
    bool nobody = false;
    size_t named = 0;
    for (size_t i = 0; i < ids.n; i++) {
        nobody |= !ids.ids[i];
    }
    text_add_c(b, nobody ? ",{\"any\":[{\"field\":\"owner_id\",\"op\":\"is_empty\"}" : "");
    for (size_t i = 0; i < ids.n; i++) {
        if (ids.ids[i]) {
            const char *lead = named++ ? "," : ",{\"field\":\"owner_id\",\"op\":\"in\",\"value\":[";
            text_add_format(b, "%s\"%lld\"", lead, (long long)ids.ids[i]);
        }
    }
    text_add_c(b, named ? "]}" : "");
    text_add_c(b, nobody ? "]}" : "");
}

static void id_leaf(struct text_buffer *b, const char *field, int64_t id) {
    if (id) {
        text_add_format(b, ",{\"field\":\"%s\",\"op\":\"eq\",\"value\":\"%lld\"}", field,
                        (long long)id);
    }
}

static void field_leaf(const struct performance *p, const struct performance_line *l,
                       struct text_buffer *b, bool of_deals) {
    const struct dimension *d = &p->by;
    struct str path = of_deals ? d->name : d->lead ? d->lead->name : STR("");
    struct json_writer w = json_writer(p->c->arena);
    bool id = d->field->type == FIELD_REFERENCE;
    if (!path.n) {
        return;
    }
    text_add_format(b, ",{\"field\":\"%.*s\"", STR_ARG(path));
    if (d->field->type == FIELD_BOOLEAN) {
        text_add_format(b, ",\"op\":\"eq\",\"value\":%s}", l->id ? "true" : "false");
    } else if (id ? !l->id : !l->text.n) {
        text_add_c(b, ",\"op\":\"is_empty\"}");
    } else if (id) {
        text_add_format(b, ",\"op\":\"eq\",\"value\":\"%lld\"}", (long long)l->id);
    } else if (l->n_said < 2) {
        json_put_str(&w, l->text);
        text_add_format(b, ",\"op\":\"eq\",\"value\":%.*s}", STR_ARG(json_str(&w)));
    } else {
        json_begin_array(&w);
        for (size_t i = 0; i < l->n_said; i++) {
            json_put_str(&w, l->said[i]);
        }
        json_end_array(&w);
        text_add_format(b, ",\"op\":\"in\",\"value\":%.*s}", STR_ARG(json_str(&w)));
    }
}

void performance_where(const struct performance *p, const struct performance_line *l,
                       struct text_buffer *b, bool of_deals) {
    id_leaf(b, "owner_id", p->owner_id);
    id_leaf(b, "owner_department_id", p->department_id);
    if (of_deals) {
        id_leaf(b, "pipeline_id", p->pipeline_id);
        id_leaf(b, "product_id", p->product_id);
    }
    if (!l) {
        return;
    }
    if (p->by.kind == BY_FIELD) {
        field_leaf(p, l, b, of_deals);
    } else if (p->by.kind != BY_OWNER) {
        owners_leaf(b, l->members);
    } else if (l->id) {
        id_leaf(b, "owner_id", l->id);
    } else {
        text_add_c(b, ",{\"field\":\"owner_id\",\"op\":\"is_empty\"}");
    }
}
