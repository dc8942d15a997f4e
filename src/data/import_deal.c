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

/* As many deals of one name and customer are looked at. */
enum { CANDIDATES = 500 };
enum { MET, SAID }; /* what a preview remembers of earlier rows */

static const char *const facts[] = {"amount", "expected_close_date", "closed_date", "engaged_date",
                                    "product_id"};

struct candidate {
    struct record *deal;
    int agree, contradict;
    bool open;
};

struct candidates {
    struct candidate *of;
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

/* Deals of that name and customer, oldest first, as far as the importer may see them: those that
 * were there before the import and no row of it has met, or those made since. Ids say when. */
static struct candidates candidates_read(struct ctx *c, const struct import_plan *plan,
                                         const struct change_set *set, bool since) {
    const struct entity *e = set->entity;
    struct candidates all = {ARENA_NEW_ARRAY(c->arena, CANDIDATES, struct candidate), 0};
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, e, "t");
    SQL_ADD(&q, " FROM opportunity t WHERE t.deleted_at IS NULL AND t.name = ");
    SQL_VALUE(&q, set->values[e->title->position].text);
    SQL_ADD(&q, " AND t.account_id ");
    if (account_of(set)) {
        SQL_ADD(&q, "= ");
        SQL_VALUE(&q, account_of(set));
    } else {
        SQL_ADD(&q, "IS NULL");
    }
    sql_literal(&q, since ? " AND t.id > " : " AND t.id < ");
    SQL_VALUE(&q, plan->job_id);
    SQL_ADD(&q, " AND NOT EXISTS (SELECT 1 FROM import_completed m WHERE m.record_id = t.id "
                "AND m.job_id = ");
    SQL_VALUE(&q, plan->job_id);
    SQL_ADD(&q, ") AND ");
    access_where(c, &q, e, ACTION_READ, "t");
    SQL_ADD(&q, " ORDER BY t.id LIMIT ");
    sql_number(&q, CANDIDATES);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct candidate *k = &all.of[all.n];
        *k = (struct candidate){.deal = record_row(c, e, &rows, 0)};
        bool met = plan->trial && import_cache_get(plan->met, MET, id_text(c, k->deal->id)) >= 0;
        compare(set, k);
        all.n += !met;
    }
    return all;
}

/* Of those that contradict in nothing: the one that agrees in most, else the one open. */
static const struct candidate *one_alike(const struct candidates *all, bool *several) {
    const struct candidate *best = NULL, *open = NULL;
    size_t n_best = 0, n_open = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct candidate *k = &all->of[i];
        if (k->contradict || (best && k->agree < best->agree)) {
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
    const struct candidate *only = all->n == 1 ? all->of : NULL;
    return only && (only->open || only->agree) ? only : NULL;
}

/* All a row says of which deal it is. */
static struct str deal_key(struct ctx *c, const struct change_set *set) {
    struct text_buffer key = {.arena = c->arena};
    text_add_format(&key, "%lld ", (long long)account_of(set));
    text_add(&key, set->values[field_position(set->entity, "account_id")].text);
    text_add_char(&key, '\x1F');
    text_add(&key, set->values[set->entity->title->position].text);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        int at = field_position(set->entity, facts[i]);
        struct value v = set->set[at] ? set->values[at] : (struct value){0};
        text_add_format(&key, "\x1F%lld", (long long)v.integer);
        text_add(&key, v.text);
    }
    return text_str(&key);
}

/* Whether an earlier row of the file, of which a deal was made, says the same. */
static bool said_before(struct ctx *c, struct import_plan *plan, const struct change_set *set) {
    bool said = false;
    if (plan->trial) {
        struct str key = deal_key(c, set);
        said = import_cache_get(plan->met, SAID, key) >= 0;
        import_cache_put(plan->met, SAID, key, 1);
        return said;
    }
    struct candidates made = candidates_read(c, plan, set, true);
    for (size_t i = 0; i < made.n; i++) {
        said = said || !made.of[i].contradict;
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
    struct candidates all = candidates_read(c, plan, set, false);
    bool several = false;
    const struct candidate *known = one_alike(&all, &several);
    known = known ? known : one_changed(&all);
    if (!known) {
        bool again = named && said_before(c, plan, set);
        if (all.n || again) {
            remark(c, plan, all.n ? "import.deal_another" : "import.deal_twice", set);
        }
        return NULL;
    }
    plan->remarks = (struct error){0}; /* the deal that is there has its owner */
    plan->completed = (struct import_made){set->entity, known->deal->id};
    if (plan->trial) {
        import_cache_put(plan->met, MET, id_text(c, known->deal->id), 1);
    }
    plan->alike = several;
    if (several) {
        remark(c, plan, "import.deal_several", set);
    }
    return known->deal;
}
