/*
 * Attribution looks at so many deals and touches and says when there are more. The bounds are
 * lowered here; what is within them is exact as ever.
 */
#include "shipped_fixture.h"

#include "marketing/credit.h"

enum { DEALS = 4, EACH = 3, WAYS = 130 };

/* Four won deals of a person each, who was met three times before. */
static void deals_win(struct ctx *c) {
    int64_t won = INT64_C(1795132800000); /* 2026-11-20 */
    for (int64_t d = 1; d <= DEALS; d++) {
        DB_RUN(c,
               "INSERT INTO won_deal (id, person_id, amount, currency, won_on, won_at, began_at) "
               "VALUES ($1, $2, 1000, 'CNY', '2026-11-20', $3, $3)",
               d, d, won);
        for (int64_t t = 0; t < EACH; t++) {
            DB_RUN(c,
                   "INSERT INTO touch (id, created_at, updated_at, version, source, person_id) "
                   "VALUES ($1, $2, $2, 1, $3, $4)",
                   d * EACH + t, won - (t + 1) * MS_DAY, t ? "展会" : "转介绍", d);
        }
    }
    assert_ok(c);
}

static struct credits *credits_within(struct ctx *c, size_t deals_most, size_t touches_most) {
    struct credits *k = ARENA_NEW(c->arena, struct credits);
    *k = (struct credits){.c = c,
                          .from = STR("2026-11-01"),
                          .to = STR("2026-11-30"),
                          .window_days = 90,
                          .currency = STR("CNY"),
                          .deals_most = deals_most,
                          .touches_most = touches_most};
    assert_true(credits_read(k));
    return k;
}

static void nothing_is_cut_at_the_bound(void **state) {
    struct ctx *c = shipped_begin(state);
    deals_win(c);
    struct credits *k = credits_within(c, DEALS, DEALS * EACH);
    assert_int_equal(k->n, DEALS);
    assert_int_equal(k->touches, DEALS * EACH);
    assert_false(k->deals_cut);
    assert_false(k->touches_cut);
    db_rollback(c->db);
}

static void deals_beyond_the_bound_are_said(void **state) {
    struct ctx *c = shipped_begin(state);
    deals_win(c);
    struct credits *k = credits_within(c, DEALS - 1, DEALS * EACH);
    assert_int_equal(k->n, DEALS - 1);
    assert_true(k->deals_cut);
    assert_false(k->touches_cut); /* those of the deal left out are asked for by nobody */
    db_rollback(c->db);
}

static void touches_beyond_the_bound_are_said(void **state) {
    struct ctx *c = shipped_begin(state);
    deals_win(c);
    struct credits *k = credits_within(c, DEALS, DEALS * EACH - 1);
    int64_t credits[EACH], sum = 0;
    assert_true(k->touches_cut);
    assert_false(k->deals_cut);
    assert_int_equal(k->touches, DEALS * EACH - 1);
    credit_deal(k, &k->deals[0], ATTRIBUTION_LINEAR, credits);
    for (size_t i = 0; i < k->deals[0].n; i++) {
        sum += credits[i];
    }
    assert_int_equal(sum, 1000);
    db_rollback(c->db);
}

/* One deal that a person came to by more channels than have a place; the last of them twice. */
static void many_ways_lead_to_one_deal(struct ctx *c) {
    int64_t won = INT64_C(1795132800000);
    DB_RUN(c,
           "INSERT INTO won_deal (id, person_id, amount, currency, won_on, won_at, began_at) "
           "VALUES (1, 1, 100003, 'CNY', '2026-11-20', $1, $1)",
           won);
    for (int64_t t = 0; t <= WAYS; t++) {
        DB_RUN(c,
               "INSERT INTO touch (id, created_at, updated_at, version, source, person_id) "
               "VALUES ($1, $2, $2, 1, $3, 1)",
               t + 1, won - (t + 1) * MS_MINUTE,
               str_format(c->arena, "way %lld", (long long)(t < WAYS ? t : WAYS - 1)));
    }
    assert_ok(c);
}

static void what_has_no_place_shares_the_last(void **state) {
    struct ctx *c = shipped_begin(state);
    many_ways_lead_to_one_deal(c);
    struct credits *k = credits_within(c, DEALS, 2 * WAYS);
    const struct place_names *names = credit_places(k);
    const struct credited_deal *d = &k->deals[0];
    assert_int_equal(names->places, CREDIT_PLACES);
    assert_int_equal(names->others, WAYS - (CREDIT_PLACES - 2));
    assert_true(str_is(names->of[names->named[1]], "way 129")); /* the most touches first */
    assert_int_equal(d->n, WAYS + 1);
    for (int model = 0; model < CREDIT_MODELS; model++) {
        int64_t credits[WAYS + 1], sum = 0, shared = 0;
        credit_deal(k, d, model, credits);
        for (size_t i = 0; i < d->n; i++) {
            sum += credits[i];
            size_t place = (size_t)credit_place(k, &d->touches[i]);
            shared += credit_place_shared(k, place) ? credits[i] : 0;
        }
        assert_int_equal(sum, 100003);
        assert_true(model != ATTRIBUTION_LINEAR || shared > 0);
    }
    db_rollback(c->db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(nothing_is_cut_at_the_bound), ON_BOTH(deals_beyond_the_bound_are_said),
        ON_BOTH(touches_beyond_the_bound_are_said), ON_BOTH(what_has_no_place_shares_the_last)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
