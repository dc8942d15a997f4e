/*
 * Rows about deals the company has already, in files without a number for them.
 *
 * A deal is known by its name and its customer. As a customer may buy the same thing again, amount
 * and dates tell several apart: of those that contradict the row in nothing the one that agrees in
 * most, else the one still open. Every deal is met by one row of a file at most, and never by the
 * file that made it, so that the same file imported twice finds each of its deals again, and two
 * rows of one file stay two deals. What stays doubtful is said in a remark: several deals that
 * nothing tells apart are taken as known and get no values; a deal that contradicts the row in
 * all is another one, and the row's is made.
 */
#include "base/text.h"
#include "data/import_parts.h"
#include "db/sql.h"
#include "entity/access.h"

enum { CANDIDATES = 50, TAKEN = 0, SEEN = 1 };

static const char *const facts[] = {"amount", "expected_close_date", "closed_date", "engaged_date",
                                    "product_id"};

struct candidate {
    struct record *deal;
    int agree, contradict;
    bool open, taken; /* met or made by another row of this file */
};

struct candidates {
    struct candidate of[CANDIDATES];
    size_t n;
};

static void compare(const struct change_set *set, struct candidate *k) {
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        int at = field_position(set->entity, facts[i]);
        struct value told = set->set[at] ? set->values[at] : (struct value){0};
        struct value there = k->deal->values[at];
        if (told.kind != VALUE_NULL && there.kind != VALUE_NULL) {
            bool same = value_equal(told, there);
            k->agree += same;
            k->contradict += !same;
        }
    }
    k->open = str_is(record_text(k->deal, "state"), "open");
}

static struct str id_text(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld", (long long)id);
}

/* The customer; 0 when none is named, -1 when he would be made. */
static int64_t account_of(const struct change_set *set) {
    int at = field_position(set->entity, "account_id");
    bool named = set->set[at] && set->values[at].kind == VALUE_INTEGER;
    return !named ? 0 : set->values[at].integer ? set->values[at].integer : -1;
}

/* Deals of that name and customer, oldest first, as far as the importer may see them. */
static void candidates_read(struct ctx *c, const struct import_plan *plan,
                            const struct change_set *set, struct candidates *all) {
    const struct entity *e = set->entity;
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT CASE WHEN EXISTS (SELECT 1 FROM import_record r WHERE r.record_id = t.id "
                "AND r.job_id = ");
    SQL_VALUE(&q, plan->job_id);
    SQL_ADD(&q, ") OR EXISTS (SELECT 1 FROM import_completed m WHERE m.record_id = t.id "
                "AND m.job_id = ");
    SQL_VALUE(&q, plan->job_id);
    SQL_ADD(&q, ") THEN 1 ELSE 0 END, ");
    record_columns(&q, e, "t");
    SQL_ADD(&q, " FROM opportunity t WHERE t.deleted_at IS NULL AND t.name = ");
    SQL_VALUE(&q, set->values[e->title->position].text);
    if (account_of(set)) {
        SQL_ADD(&q, " AND t.account_id = ");
        SQL_VALUE(&q, account_of(set));
    } else {
        SQL_ADD(&q, " AND t.account_id IS NULL");
    }
    SQL_ADD(&q, " AND ");
    access_where(c, &q, e, ACTION_READ, "t");
    SQL_ADD(&q, " ORDER BY t.id LIMIT ");
    sql_number(&q, CANDIDATES);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct candidate *k = &all->of[all->n++];
        *k = (struct candidate){.deal = record_row(c, e, &rows, 1), .taken = db_int(&rows, 0)};
        k->taken = k->taken || (plan->taken &&
                                import_cache_get(plan->taken, TAKEN, id_text(c, k->deal->id)) >= 0);
        compare(set, k);
    }
}

/* Of the free ones that contradict in nothing: the one that agrees in most, else the one open. */
static const struct candidate *one_alike(const struct candidates *all, bool *several) {
    const struct candidate *best = NULL, *open = NULL;
    size_t n_best = 0, n_open = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct candidate *k = &all->of[i];
        if (k->taken || k->contradict || (best && k->agree < best->agree)) {
            continue;
        }
        if (!best || k->agree > best->agree) {
            best = k;
            open = NULL;
            n_best = n_open = 0;
        }
        n_best++;
        n_open += k->open;
        open = k->open && !open ? k : open;
    }
    *several = n_best > 1 && n_open != 1;
    return n_best > 1 && n_open == 1 ? open : best;
}

/* Where all contradict: the only one there is, when it is open still or agrees in something. It
 * has gone on since. */
static const struct candidate *one_changed(const struct candidates *all) {
    const struct candidate *only = NULL;
    for (size_t i = 0; i < all->n; i++) {
        if (!all->of[i].taken) {
            if (only) {
                return NULL;
            }
            only = &all->of[i];
        }
    }
    return only && (only->open || only->agree) ? only : NULL;
}

/* Whether another row of the file says the same of a deal. */
static bool said_before(struct ctx *c, const struct import_plan *plan, const struct change_set *set,
                        const struct candidates *all) {
    bool said = false;
    for (size_t i = 0; i < all->n; i++) {
        said = said || (all->of[i].taken && !all->of[i].contradict && all->of[i].agree);
    }
    if (plan->taken) {
        struct text_buffer key = {.arena = c->arena};
        text_add_format(&key, "%lld", (long long)account_of(set));
        text_add(&key, set->values[set->entity->title->position].text);
        for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
            int at = field_position(set->entity, facts[i]);
            struct value v = set->set[at] ? set->values[at] : (struct value){0};
            text_add_format(&key, "\x1F%lld", (long long)v.integer);
            text_add(&key, v.text);
        }
        said = said || import_cache_get(plan->taken, SEEN, text_str(&key)) >= 0;
        import_cache_put(plan->taken, SEEN, text_str(&key), 1);
    }
    return said;
}

static void remark(struct ctx *c, struct import_plan *plan, const char *text,
                   const struct change_set *set) {
    struct str name = set->values[set->entity->title->position].text;
    import_remark(c, plan,
                  &(struct field_error){
                      .pointer = STR("/name"), .text = text, .parameters = {{"value", name}}});
}

struct record *import_known_deal(struct ctx *c, struct import_plan *plan,
                                 const struct change_set *set, bool named) {
    struct candidates *all = ARENA_NEW(c->arena, struct candidates);
    bool several = false, free = false;
    candidates_read(c, plan, set, all);
    const struct candidate *known = one_alike(all, &several);
    known = known ? known : one_changed(all);
    for (size_t i = 0; i < all->n; i++) {
        free = free || !all->of[i].taken;
    }
    bool said = said_before(c, plan, set, all);
    if (!known) {
        if (free || (named && said)) {
            remark(c, plan, free ? "import.deal_another" : "import.deal_twice", set);
        }
        return NULL;
    }
    plan->remarks = (struct error){0}; /* the deal that is there has its owner */
    plan->completed = (struct import_made){set->entity, known->deal->id};
    if (plan->taken) {
        import_cache_put(plan->taken, TAKEN, id_text(c, known->deal->id), 1);
    }
    plan->alike = several;
    if (several) {
        remark(c, plan, "import.deal_several", set);
    }
    return known->deal;
}
