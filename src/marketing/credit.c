/* See credit.h. */
#include "marketing/credit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/sql.h"
#include "entity/query.h"
#include "marketing/form_design.h"
#include "organization/company.h"

enum { OTHERS_MOST = 200000 };

static const char *const model_names[CREDIT_MODELS] = {"first", "last", "linear", "decay",  "u",
                                                       "w",     "full", "markov", "shapley"};

const char *credit_model_name(int model) {
    return model_names[model];
}

bool credit_model_find(struct str name, int *model) {
    for (int i = 0; i < CREDIT_MODELS; i++) {
        if (str_is(name, model_names[i])) {
            *model = i;
            return true;
        }
    }
    return false;
}

const struct place_names *credit_places(const struct credits *k) {
    return k->by_campaign ? &k->campaigns : &k->channels;
}

int32_t credit_name(const struct credits *k, const struct credited_touch *t) {
    return k->by_campaign ? t->campaign : t->channel;
}

int32_t credit_place(const struct credits *k, const struct credited_touch *t) {
    return credit_places(k)->place[credit_name(k, t)];
}

bool credit_place_shared(const struct credits *k, size_t place) {
    return credit_places(k)->others && place == CREDIT_PLACES - 1;
}

struct reading {
    struct credits *k;
    struct credited_touch *touches; /* of all deals; each deal's are made one after another */
    int32_t *deal_of;
    size_t n, capacity;
};

static void campaign_word(struct credits *k, struct str word, const struct campaign_words *of) {
    int32_t at = word.n ? place_name(k->c->arena, &k->words, word, PLACE_GIVEN) : -1;
    if (at >= 0 && !k->of_word[at]) {
        k->of_word[at] = of;
    }
}

/* Those in the trash last: a name or code goes to who has it now. */
void credit_campaigns_read(struct credits *k) {
    struct db_rows rows;
    if (k->known) {
        return;
    }
    k->known = ARENA_NEW_ARRAY(k->c->arena, CREDIT_CAMPAIGNS, struct campaign_words);
    DB_QUERY(k->c, &rows,
             "SELECT name, code, channel FROM campaign "
             "ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, id LIMIT $1",
             (int64_t)CREDIT_CAMPAIGNS);
    while (db_next(&rows)) {
        struct campaign_words *one = &k->known[k->n_known++];
        *one = (struct campaign_words){db_text(&rows, 0), db_text(&rows, 1), db_text(&rows, 2)};
        campaign_word(k, one->name, one);
        campaign_word(k, one->code, one);
    }
}

static const struct campaign_words *campaign_called(const struct credits *k, struct str said) {
    int32_t at = said.n ? place_find(k->c->arena, &k->words, said) : -1;
    return at < 0 ? NULL : k->of_word[at];
}

struct str credit_campaign_name(const struct credits *k, struct str said) {
    const struct campaign_words *known = campaign_called(k, said);
    return known ? known->name : said;
}

/* The right to read deals, over the owners that the projection carries; what is shared is left out:
 * sums of a few shared deals would say nothing. */
static void deals_where(const struct credits *k, struct sql *q) {
    struct access_range range = access_range(k->c, entity_named(k->c, "opportunity"), ACTION_READ);
    SQL_ADD(q, " WHERE w.won_on >= ");
    SQL_VALUE(q, k->from);
    SQL_ADD(q, " AND w.won_on <= ");
    SQL_VALUE(q, k->to);
    if (k->product_id) {
        SQL_ADD(q, " AND w.product_id = ");
        SQL_VALUE(q, k->product_id);
    }
    if (!range.all) {
        SQL_ADD(q, " AND w.");
        sql_identifier(q, range.column.n ? range.column : STR("owner_id"));
        SQL_ADD(q, " IN (0");
        for (size_t i = 0; !range.none && i < range.ids.n; i++) {
            SQL_ADD(q, ", ");
            SQL_VALUE(q, range.ids.ids[i]);
        }
        SQL_ADD(q, ")");
    }
}

static void deals_read(struct credits *k) {
    struct db_rows rows;
    struct sql q = sql_new(k->c->arena);
    size_t seen = 0;
    SQL_ADD(&q, "SELECT w.id, w.account_id, w.person_id, w.lead_id, w.amount, w.currency, "
                "w.won_at, w.began_at FROM won_deal w");
    deals_where(k, &q);
    SQL_ADD(&q, " ORDER BY w.id LIMIT ");
    sql_number(&q, (int64_t)k->deals_most + 1);
    sql_query(k->c, &rows, &q);
    while (db_next(&rows)) {
        if (seen++ == k->deals_most) {
            k->deals_cut = true;
            db_done(&rows);
            break;
        }
        if (db_null(&rows, 4) || !str_equal(db_view(&rows, 5), k->currency)) {
            k->other++;
            continue;
        }
        if (k->n == k->capacity) {
            size_t capacity = k->capacity ? k->capacity * 2 : 256;
            struct credited_deal *more = ARENA_NEW_ARRAY(k->c->arena, capacity,
                                                         struct credited_deal);
            if (k->n) {
                memcpy(more, k->deals, k->n * sizeof *more);
            }
            k->deals = more;
            k->capacity = capacity;
        }
        k->deals[k->n++] = (struct credited_deal){.id = db_int(&rows, 0),
                                                  .account_id = db_int(&rows, 1),
                                                  .person_id = db_int(&rows, 2),
                                                  .lead_id = db_int(&rows, 3),
                                                  .amount = db_int(&rows, 4),
                                                  .won_at = db_int(&rows, 6),
                                                  .began_at = db_int(&rows, 7)};
    }
}

static int32_t deal_index(const struct credits *k, int64_t id) {
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (k->deals[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < k->n && k->deals[low].id == id ? (int32_t)low : -1;
}

static void touch_keep(struct reading *r, int64_t deal_id, const struct credited_touch *t) {
    int32_t deal = deal_index(r->k, deal_id);
    if (deal < 0) {
        return;
    }
    if (r->n == r->k->touches_most) {
        r->k->touches_cut = true;
        return;
    }
    if (r->n == r->capacity) {
        size_t capacity = r->capacity ? r->capacity * 2 : 1024;
        struct arena *a = r->k->c->arena;
        struct credited_touch *more = ARENA_NEW_ARRAY(a, capacity, struct credited_touch);
        int32_t *deals = ARENA_NEW_ARRAY(a, capacity, int32_t);
        if (r->n) {
            memcpy(more, r->touches, r->n * sizeof *more);
            memcpy(deals, r->deal_of, r->n * sizeof *deals);
        }
        r->touches = more;
        r->deal_of = deals;
        r->capacity = capacity;
    }
    r->deal_of[r->n] = deal;
    r->touches[r->n++] = *t;
    r->k->deals[deal].n++;
}

/* The people of the deals: the deal's own, and all of its account. As a table p of deal_id, won_at,
 * person_id. */
static void people_add(const struct credits *k, struct sql *q) {
    SQL_ADD(q, "(SELECT w.id AS deal_id, w.won_at AS won_at, w.person_id AS person_id "
               "FROM won_deal w");
    deals_where(k, q);
    SQL_ADD(q, " UNION SELECT w.id, w.won_at, o.person_id FROM won_deal w JOIN contact o "
               "ON o.account_id = w.account_id AND o.deleted_at IS NULL");
    deals_where(k, q);
    SQL_ADD(q, ") AS p");
}

static void touches_read(struct reading *r) {
    struct credits *k = r->k;
    struct arena *a = k->c->arena;
    struct db_rows rows;
    struct sql q = sql_new(a);
    SQL_ADD(&q, "SELECT p.deal_id, t.id, t.created_at, t.source, t.campaign, t.lead_id, "
                "t.person_id FROM ");
    people_add(k, &q);
    SQL_ADD(&q, " JOIN touch t ON t.person_id = p.person_id WHERE t.deleted_at IS NULL "
                "AND t.created_at <= p.won_at AND t.created_at > p.won_at - ");
    SQL_VALUE(&q, (int64_t)k->window_days * MS_DAY);
    sql_query(k->c, &rows, &q);
    while (db_next(&rows)) {
        struct str campaign = credit_campaign_name(k, db_view(&rows, 4));
        int64_t at = db_int(&rows, 2);
        int32_t channel = place_name(a, &k->channels, db_view(&rows, 3), at);
        touch_keep(r, db_int(&rows, 0),
                   &(struct credited_touch){.id = db_int(&rows, 1),
                                            .at = at,
                                            .channel = channel,
                                            .campaign = place_name(a, &k->campaigns, campaign, at),
                                            .lead_id = db_int(&rows, 5),
                                            .person_id = db_int(&rows, 6)});
    }
}

/* How a visit came: false when nobody sent it, or the company itself by another of its sites. */
static bool visit_places(struct reading *r, struct str touch, struct credited_touch *t) {
    struct credits *k = r->k;
    const struct json *came = json_parse(k->c, touch), *utm = json_get(came, "utm");
    struct str source = json_text(utm, "utm_source"), name = json_text(utm, "utm_campaign");
    const struct campaign_words *known = campaign_called(k, name);
    struct str referrer = json_text(came, "referrer");
    source = source.n || form_host_allowed(k->c, referrer) ? source : referrer;
    source = known && known->channel.n ? known->channel : source;
    t->channel = place_name(k->c->arena, &k->channels, source, t->at);
    t->campaign = place_name(k->c->arena, &k->campaigns, known ? known->name : name, t->at);
    return source.n > 0;
}

static void visits_read(struct reading *r) {
    struct credits *k = r->k;
    struct db_rows rows;
    struct sql q = sql_new(k->c->arena);
    SQL_ADD(&q, "SELECT p.deal_id, v.id, v.began_at, v.touch, p.person_id FROM ");
    people_add(k, &q);
    SQL_ADD(&q, " JOIN visitor_link l ON l.person_id = p.person_id AND l.removed_at IS NULL "
                "JOIN visit v ON v.visitor_id = l.visitor_id "
                "WHERE (l.from_seq = 0 OR v.recorded_at >= l.at) "
                "AND (l.ended_at IS NULL OR v.recorded_at < l.ended_at) "
                "AND v.began_at <= p.won_at AND v.began_at > p.won_at - ");
    SQL_VALUE(&q, (int64_t)k->window_days * MS_DAY);
    sql_query(k->c, &rows, &q);
    while (db_next(&rows)) {
        struct credited_touch t = {.id = db_int(&rows, 1),
                                   .at = db_int(&rows, 2),
                                   .person_id = db_int(&rows, 4),
                                   .visit = true};
        if (visit_places(r, db_view(&rows, 3), &t)) {
            touch_keep(r, db_int(&rows, 0), &t);
        }
    }
}

static int by_time(const void *a, const void *b) {
    const struct credited_touch *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

/* A visit and the capture it ended in are one touch. */
static bool ended_in_capture(const struct credited_deal *d, size_t i) {
    const struct credited_touch *t = &d->touches[i];
    for (size_t n = i + 1; t->visit && n < d->n && d->touches[n].at - t->at <= MS_DAY; n++) {
        if (!d->touches[n].visit && d->touches[n].channel == t->channel &&
            d->touches[n].person_id == t->person_id) {
            return true;
        }
    }
    return false;
}

static void touches_place(struct reading *r) {
    struct credits *k = r->k;
    struct credited_touch *all = ARENA_NEW_ARRAY(k->c->arena, r->n, struct credited_touch);
    size_t at = 0;
    for (size_t i = 0; i < k->n; i++) {
        k->deals[i].touches = all + at;
        at += k->deals[i].n;
        k->deals[i].n = 0;
    }
    for (size_t i = 0; i < r->n; i++) {
        struct credited_deal *d = &k->deals[r->deal_of[i]];
        d->touches[d->n++] = r->touches[i];
    }
    for (size_t i = 0; i < k->n; i++) {
        struct credited_deal *d = &k->deals[i];
        size_t kept = 0;
        qsort(d->touches, d->n, sizeof *d->touches, by_time);
        for (size_t n = 0; n < d->n; n++) {
            if (!ended_in_capture(d, n)) {
                d->touches[kept++] = d->touches[n];
            }
        }
        d->n = kept;
        k->touches += (int64_t)kept;
    }
}

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Paths of people without a deal, by their captures from the window before the period to its
 * end. */
static size_t others_read(struct reading *r, const int64_t *buyers, size_t n_buyers,
                          struct attribution_path *paths) {
    struct credits *k = r->k;
    const struct zone *zone = company_zone(k->c);
    struct date from, to;
    struct db_rows rows;
    int64_t last = 0;
    size_t n = 0, used = 0;
    int32_t *places = ARENA_NEW_ARRAY(k->c->arena, OTHERS_MOST, int32_t);
    date_parse(k->from, &from);
    date_parse(k->to, &to);
    int64_t since = zone_midnight(zone, from) - (int64_t)k->window_days * MS_DAY;
    DB_QUERY(k->c, &rows,
             "SELECT person_id, source, campaign FROM touch WHERE deleted_at IS NULL "
             "AND created_at > $1 AND created_at < $2 AND person_id IS NOT NULL "
             "ORDER BY person_id, created_at LIMIT $3",
             since, zone_midnight(zone, date_from_days(date_to_days(to) + 1)),
             (int64_t)OTHERS_MOST);
    while (db_next(&rows)) {
        int64_t person = db_int(&rows, 0);
        if (bsearch(&person, buyers, n_buyers, sizeof person, by_id)) {
            continue;
        }
        struct str campaign = credit_campaign_name(k, db_view(&rows, 2));
        if (person != last) {
            paths[n++] = (struct attribution_path){places + used, 0, false};
        }
        last = person;
        struct place_names *names = k->by_campaign ? &k->campaigns : &k->channels;
        int32_t name = place_name(k->c->arena, names, k->by_campaign ? campaign : db_view(&rows, 1),
                                  INT64_MAX);
        places[used++] = names->place[name];
        paths[n - 1].n++;
    }
    return n;
}

/* A channel is called as the company's own campaigns call it. */
static void channels_spell(struct credits *k) {
    for (size_t i = 0; i < k->n_known; i++) {
        if (place_find(k->c->arena, &k->channels, k->known[i].channel) > 0) {
            place_name(k->c->arena, &k->channels, k->known[i].channel, PLACE_GIVEN);
        }
    }
}

static void names_settle(struct credits *k, struct place_names *names, bool campaigns) {
    int64_t *touches = ARENA_NEW_ARRAY(k->c->arena, names->n, int64_t);
    for (size_t i = 0; i < k->n; i++) {
        for (size_t t = 0; t < k->deals[i].n; t++) {
            const struct credited_touch *touch = &k->deals[i].touches[t];
            touches[campaigns ? touch->campaign : touch->channel]++;
        }
    }
    places_settle(k->c->arena, names, touches);
}

static void places_weigh(struct reading *r) {
    struct credits *k = r->k;
    struct arena *a = k->c->arena;
    struct attribution_path *paths = ARENA_NEW_ARRAY(a, k->n + OTHERS_MOST,
                                                     struct attribution_path);
    int64_t *buyers = ARENA_NEW_ARRAY(a, r->n + 1, int64_t);
    int32_t *places = ARENA_NEW_ARRAY(a, r->n + 1, int32_t);
    size_t n = 0, n_buyers = 0;
    for (size_t i = 0; i < k->n; i++) {
        const struct credited_deal *d = &k->deals[i];
        for (size_t t = 0; t < d->n; t++) {
            places[n_buyers] = credit_place(k, &d->touches[t]);
            buyers[n_buyers++] = d->touches[t].person_id;
        }
        if (d->n) {
            paths[n++] = (struct attribution_path){places + n_buyers - d->n, d->n, true};
        }
    }
    qsort(buyers, n_buyers, sizeof *buyers, by_id);
    n += others_read(r, buyers, n_buyers, paths + n);
    int count = (int)credit_places(k)->places;
    attribution_markov(a, paths, n, count, k->weights[0]);
    attribution_shapley(paths, n, count, k->weights[1]);
}

bool credits_read(struct credits *k) {
    struct reading *r = ARENA_NEW(k->c->arena, struct reading);
    *r = (struct reading){.k = k};
    place_name(k->c->arena, &k->channels, STR(""), PLACE_GIVEN);
    place_name(k->c->arena, &k->campaigns, STR(""), PLACE_GIVEN);
    credit_campaigns_read(k);
    deals_read(k);
    touches_read(r);
    visits_read(r);
    if (ctx_failed(k->c)) {
        return false;
    }
    touches_place(r);
    channels_spell(k);
    names_settle(k, &k->channels, false);
    names_settle(k, &k->campaigns, true);
    places_weigh(r);
    return !ctx_failed(k->c);
}

void credit_shares(const struct credits *k, const struct credited_deal *deal, int model,
                   double *shares) {
    struct arena *a = k->c->arena;
    struct arena_mark mark = arena_mark(a);
    struct attribution_touch *touches = ARENA_NEW_ARRAY(a, deal->n, struct attribution_touch);
    size_t made = deal->n, began = deal->n;
    for (size_t i = 0; i < deal->n; i++) {
        const struct credited_touch *t = &deal->touches[i];
        touches[i] = (struct attribution_touch){.at = t->at, .channel = credit_place(k, t)};
        made = made == deal->n && t->lead_id && t->lead_id == deal->lead_id ? i : made;
        began = t->at <= deal->began_at ? i : began;
    }
    if (made < deal->n) {
        touches[made].lead = true;
    }
    if (began < deal->n) {
        touches[began].opportunity = true;
    }
    if (model < ATTRIBUTION_MODELS) {
        attribution_shares((enum attribution_model)model, touches, deal->n, deal->won_at, shares);
    } else {
        attribution_weigh(touches, deal->n, k->weights[model - CREDIT_MARKOV], shares);
    }
    arena_reset(a, mark);
}

void credit_deal(const struct credits *k, const struct credited_deal *deal, int model,
                 int64_t *credits) {
    struct arena_mark mark = arena_mark(k->c->arena);
    double *shares = ARENA_NEW_ARRAY(k->c->arena, deal->n, double);
    credit_shares(k, deal, model, shares);
    attribution_credits(shares, deal->n, deal->amount, credits);
    arena_reset(k->c->arena, mark);
}
