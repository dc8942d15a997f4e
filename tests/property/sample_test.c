/*
 * The sample company against the parameters it is drawn from (sample/truth.h): what the records say
 * of pass rates, stays, channels, hands and season is what is true of them, as far as their number
 * allows. Where a statistic of the program tells the same, it is asked.
 */
#include "sample_fixture.h"

#include <math.h>

#include "base/log.h"
#include "customer/likeness.h"
#include "http/server.h"
#include "sample/sample.h"
#include "sample/truth.h"
#include "statistics/logistic.h"

/* Rare enough that a right program hardly ever shows it: 4 standard deviations. */
static const double far = 4;

enum { SETTLED_DAYS = 150, ROWS = 8000, BEHAVED_DAYS = 60 };
/* Instrumented code is several times slower. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { MADE_WITHIN_MS = 300000 };
#else
enum { MADE_WITHIN_MS = 30000 };
#endif

/* One database of each engine, made when it is first asked for. */
static struct database_fixture made[2];

static struct ctx *company_on(enum db_engine engine) {
    struct database_fixture *f = &made[engine == DB_POSTGRES];
    if (engine == DB_POSTGRES && !getenv("GUANTONG_TEST_POSTGRES")) {
        fail_msg("there is no PostgreSQL server to test on (scripts/postgres with …)");
    }
    if (!f->c.db) {
        database_open(f, engine);
        int64_t began = clock_steady_ns();
        sample_made(&f->c);
        int64_t ms = (clock_steady_ns() - began) / 1000000;
        print_message("# made in %lld ms\n", (long long)ms);
        assert_true(engine == DB_POSTGRES || ms < MADE_WITHIN_MS);
    }
    return &f->c;
}

static int close_all(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (made[i].c.db) {
            database_close(&made[i]);
        }
    }
    return 0;
}

static const struct sample_rep *rep_called(struct str login) {
    for (int i = 0; i < SAMPLE_REPS; i++) {
        if (str_is(login, sample_reps[i].login)) {
            return &sample_reps[i];
        }
    }
    return NULL;
}

static double odds_chance(double odds) {
    return 1 / (1 + exp(-odds));
}

/* A sum of independent chances and what came of them. */
struct tally {
    double expected, variance, seen;
    int n;
};

static void tally_add(struct tally *t, double chance, bool happened) {
    t->expected += chance;
    t->variance += chance * (1 - chance);
    t->seen += happened;
    t->n++;
}

static void tally_assert(const struct tally *t, const char *what, int least) {
    double z = (t->seen - t->expected) / sqrt(t->variance + 1e-9);
    print_message("# %s: %.0f of %d, expected %.1f (%.1f sd)\n", what, t->seen, t->n, t->expected,
                  z);
    if (t->n < least || fabs(z) > far) {
        fail_msg("%s: %.0f of %d, expected %.1f", what, t->seen, t->n, t->expected);
    }
}

static int64_t stage_called(struct ctx *c, const char *name) {
    return DB_INT(c, "SELECT id FROM stage WHERE name = $1", name);
}

static double true_pass(int stage, struct str login, struct str industry) {
    double pass = sample_stages[stage].pass;
    const struct sample_rep *r = rep_called(login);
    if (stage != SAMPLE_SKILL_STAGE) {
        return pass;
    }
    double own = r->industry && str_is(industry, r->industry) ? r->industry_hand : 0;
    return odds_chance(log(pass / (1 - pass)) + r->hand + own);
}

static void stages_pass(struct ctx *c) {
    for (int i = 0; i < SAMPLE_STAGES; i++) {
        struct tally t = {0};
        struct db_rows rows;
        DB_QUERY(c, &rows,
                 "SELECT u.login, a.industry, CASE WHEN s.kind = 'lost' THEN 0 ELSE 1 END "
                 "FROM stage_history n JOIN stage s ON s.id = n.to_stage_id "
                 "JOIN opportunity o ON o.id = n.opportunity_id "
                 "JOIN account a ON a.id = o.account_id JOIN \"user\" u ON u.id = o.owner_id "
                 "WHERE n.from_stage_id = $1",
                 stage_called(c, sample_stages[i].name));
        while (db_next(&rows)) {
            tally_add(&t, true_pass(i, db_view(&rows, 0), db_view(&rows, 1)), db_int(&rows, 2));
        }
        tally_assert(&t, sample_stages[i].name, 150);
    }
}

static int longer(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Stays end in hours of work, and not in the festival, so they are a little longer. */
static void stays_last(struct ctx *c) {
    static double days[ROWS];
    for (int i = 0; i < SAMPLE_STAGES; i++) {
        struct db_rows rows;
        size_t n = 0;
        DB_QUERY(c, &rows,
                 "SELECT n.at - h.at FROM stage_history h JOIN stage_history n ON "
                 "n.opportunity_id = h.opportunity_id AND n.from_stage_id = h.to_stage_id "
                 "WHERE h.to_stage_id = $1",
                 stage_called(c, sample_stages[i].name));
        while (db_next(&rows)) {
            days[n % ROWS] = (double)db_int(&rows, 0) / MS_DAY;
            n++;
        }
        assert_in_range(n, 100, ROWS);
        qsort(days, n, sizeof *days, longer);
        double median = days[n / 2], truth = sample_stages[i].median_days;
        print_message("# %s: median %.1f days, true %.1f\n", sample_stages[i].name, median, truth);
        assert_true(median > truth * 0.85 && median < truth * 1.25 + 1);
    }
}

static bool decides(struct str title) {
    static const char *const words[] = {"总经理", "生产总监", "设备总监", "厂长", "技术总监"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_is(title, words[i])) {
            return true;
        }
    }
    return false;
}

/* Over all that is not seen of a lead: each effect is there with its chance. */
static double conversion_chance(double odds, enum sample_effect at) {
    if (at > EFFECT_WEBINAR) {
        return odds_chance(odds);
    }
    double there = sample_effects[at].chance_percent / 100.0;
    return there * conversion_chance(odds + sample_effects[at].effect, at + 1) +
           (1 - there) * conversion_chance(odds, at + 1);
}

static void channels_convert(struct ctx *c) {
    for (int i = 0; i < SAMPLE_CHANNELS; i++) {
        const struct sample_channel *channel = &sample_channels[i];
        struct tally t = {0};
        struct db_rows rows;
        DB_QUERY(c, &rows,
                 "SELECT l.job_title, l.created_at, (SELECT min(a.occurred_at) FROM activity a "
                 "WHERE a.subject_type = 'lead' AND a.subject_id = l.id), "
                 "CASE WHEN l.status = 'converted' THEN 1 ELSE 0 END FROM lead l "
                 "WHERE l.source = $1 AND l.created_at < $2 AND NOT EXISTS "
                 "(SELECT 1 FROM sample_planted p WHERE p.second_id = l.person_id)",
                 channel->source, c->now_ms - SETTLED_DAYS * (int64_t)MS_DAY);
        while (db_next(&rows)) {
            double odds = channel->effect;
            bool fast = db_int(&rows, 2) - db_int(&rows, 1) <= 2 * MS_HOUR;
            odds += channel->shop ? sample_shop_base : sample_conversion_base;
            if (!channel->shop) {
                odds += fast ? sample_effects[EFFECT_FAST_ANSWER].effect : 0;
                odds += decides(db_view(&rows, 0)) ? sample_effects[EFFECT_DECIDER].effect : 0;
            }
            tally_add(&t, channel->shop ? odds_chance(odds) : conversion_chance(odds, 0),
                      db_int(&rows, 3));
        }
        tally_assert(&t, channel->source, 40);
    }
}

/* Amounts are log-normal around price, channel and trade; changes while under way are the same for
 * all, so channels are compared with their mean. */
static void channels_are_worth(struct ctx *c) {
    double mean[SAMPLE_CHANNELS] = {0}, truth[SAMPLE_CHANNELS] = {0}, seen = 0, said = 0;
    int n[SAMPLE_CHANNELS] = {0}, all = 0;
    for (int i = 0; i < SAMPLE_CHANNELS; i++) {
        const struct sample_channel *channel = &sample_channels[i];
        struct db_rows rows;
        DB_QUERY(c, &rows,
                 "SELECT o.amount, p.code FROM opportunity o JOIN product p ON p.id = o.product_id "
                 "WHERE o.source = $1 AND o.account_id IS NOT NULL",
                 channel->source);
        while (db_next(&rows)) {
            for (int k = 0; k < SAMPLE_PRODUCTS; k++) {
                if (str_is(db_view(&rows, 1), sample_products[k].code)) {
                    double yuan = (double)db_int(&rows, 0) / 100;
                    mean[i] += log(yuan / sample_products[k].deal_yuan);
                    n[i]++;
                }
            }
        }
        truth[i] = log(channel->worth_percent / 100.0);
        seen += mean[i];
        said += truth[i] * n[i];
        all += n[i];
    }
    for (int i = 0; i < SAMPLE_CHANNELS; i++) {
        if (n[i] >= 10) {
            double off = mean[i] / n[i] - seen / all - (truth[i] - said / all);
            print_message("# %s: worth off by %.2f\n", sample_channels[i].source, off);
            assert_true(fabs(off) < far * 0.68 / sqrt(n[i]));
        }
    }
}

struct hand {
    double truth, seen;
};

static int by_truth(const void *a, const void *b) {
    return longer(&((const struct hand *)a)->truth, &((const struct hand *)b)->truth);
}

/* Pairs of salesmen in the right order, of those whose hands are clearly apart. Win rates are drawn
 * to the mean as if each had twenty more deals of it (of few deals such a rate says little). */
static void hands_are_seen(struct ctx *c) {
    enum { PRIOR = 20 };
    struct hand hands[SAMPLE_REPS];
    size_t n = 0;
    double won = 0, closed = 0, right = 0, pairs = 0;
    double wins[SAMPLE_REPS] = {0}, ends[SAMPLE_REPS] = {0};
    for (int i = 0; i < SAMPLE_REPS; i++) {
        wins[i] = (double)DB_INT(c,
                                 "SELECT count(*) FROM opportunity o JOIN \"user\" u "
                                 "ON u.id = o.owner_id WHERE u.login = $1 AND o.state = 'won' "
                                 "AND o.account_id IS NOT NULL",
                                 sample_reps[i].login);
        ends[i] = (double)DB_INT(c,
                                 "SELECT count(*) FROM opportunity o JOIN \"user\" u "
                                 "ON u.id = o.owner_id WHERE u.login = $1 AND o.state <> 'open' "
                                 "AND o.account_id IS NOT NULL",
                                 sample_reps[i].login);
        won += wins[i];
        closed += ends[i];
    }
    for (int i = 0; i < SAMPLE_REPS; i++) {
        if (sample_reps[i].group != SAMPLE_SHOP_GROUP) {
            hands[n++] = (struct hand){sample_reps[i].hand + 0.15 * sample_reps[i].industry_hand,
                                       (wins[i] + PRIOR * won / closed) / (ends[i] + PRIOR)};
        }
    }
    qsort(hands, n, sizeof *hands, by_truth);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            bool apart = hands[i].truth - hands[k].truth >= 0.5;
            pairs += apart;
            right += apart && hands[i].seen > hands[k].seen;
        }
    }
    print_message("# hands: %.0f of %.0f pairs in order\n", right, pairs);
    assert_true(pairs > 50 && right / pairs > 0.7);
}

/* Around Spring Festival little comes, and the company has grown. */
static void season_is_seen(struct ctx *c) {
    const struct zone *z = zone_find(STR("Asia/Shanghai"));
    int year = zone_date(z, c->now_ms).year;
    int64_t festival = sample_spring_festival(year);
    if (festival * MS_DAY > c->now_ms - 30 * (int64_t)MS_DAY) {
        festival = sample_spring_festival(year - 1);
    }
    int64_t from = zone_midnight(z, date_from_days(festival - 2));
    int64_t days = 11, before = from - 60 * (int64_t)MS_DAY;
    int64_t quiet = DB_INT(c,
                           "SELECT count(*) FROM lead WHERE created_at >= $1 AND created_at < $2",
                           from, from + days * MS_DAY);
    int64_t usual = DB_INT(c,
                           "SELECT count(*) FROM lead WHERE created_at >= $1 AND created_at < $2",
                           before, before + 44 * (int64_t)MS_DAY);
    assert_true((double)quiet / (double)days < 0.4 * (double)usual / 44);
    int64_t year_ago = c->now_ms - 365 * (int64_t)MS_DAY;
    int64_t old = DB_INT(c, "SELECT count(*) FROM lead WHERE created_at >= $1 AND created_at < $2",
                         year_ago - 90 * (int64_t)MS_DAY, year_ago);
    int64_t recent = DB_INT(c, "SELECT count(*) FROM lead WHERE created_at >= $1",
                            c->now_ms - 90 * (int64_t)MS_DAY);
    assert_true(recent > old * 5 / 4);
}

/* What was planted is found, and not much else. */
static void duplicates_are_found(struct ctx *c) {
    struct likeness_search s = likeness_find(c, likeness_kind_of(STR("person")));
    int64_t planted = DB_INT(c, "SELECT count(*) FROM sample_planted"), found = 0;
    assert_ok(c);
    for (size_t i = 0; i < s.n; i++) {
        found += DB_INT(c,
                        "SELECT count(*) FROM sample_planted WHERE (first_id = $1 AND "
                        "second_id = $2) OR (first_id = $2 AND second_id = $1)",
                        s.pairs[i].a, s.pairs[i].b);
    }
    print_message("# duplicates: %lld of %lld found, among %zu pairs\n", (long long)found,
                  (long long)planted, s.n);
    assert_in_range(planted, 25, 200);
    assert_true(found * 100 >= planted * 95);
    assert_true((int64_t)s.n <= planted * 2);
}

static const struct actor *caller;

static void as_caller(struct request *r) {
    r->c->actor = caller;
}

static bool permit(struct ctx *c, const char *permission) {
    (void)permission;
    return c->actor != NULL;
}

static const struct json *funnel_of(struct ctx *c, int64_t pipeline) {
    const struct server_options options = {.routes = modules_register()->routes,
                                           .body_limit = 1 << 20,
                                           .handler_seconds = 30,
                                           .authenticate = as_caller,
                                           .permit = permit};
    char day[DATE_TEXT];
    date_format(date_from_days(c->now_ms / MS_DAY - SETTLED_DAYS), day);
    caller = &actor_system;
    struct str target = str_format(c->arena, "/api/v1/reports/funnel/deals?pipeline_id=%lld&to=%s",
                                   (long long)pipeline, day);
    struct reply reply = server_dispatch(
        c, &options, &(struct spoken_request){.method = METHOD_GET, .target = target});
    c->actor = &actor_system;
    assert_int_equal(reply.status, 200);
    return json_parse(c, reply.body);
}

/* The program's own report tells the truth: of settled deals, the share that passed two stages. */
static void funnel_tells(struct ctx *c) {
    const struct json *funnel = funnel_of(c, pipeline_standard(c));
    const struct json *steps = json_get(funnel, "steps");
    const double truth[] = {sample_stages[0].pass * sample_stages[1].pass,
                            0, /* the hands tell there */
                            sample_stages[4].pass};
    assert_ok(c);
    for (size_t k = 1; k <= 3; k++) {
        const struct json *rate = json_get(&steps->items[k], "conversion");
        double value = strtod(str_to_c(c->arena, json_text(rate, "value")), NULL);
        double low = strtod(str_to_c(c->arena, json_text(rate, "low")), NULL);
        double high = strtod(str_to_c(c->arena, json_text(rate, "high")), NULL);
        print_message("# funnel step %zu: %.3f, true %.3f\n", k, value, truth[k - 1]);
        if (truth[k - 1] > 0) {
            assert_true(fabs(value - truth[k - 1]) < far / 2 * (high - low) / 2);
        }
    }
}

/* What visitors read says more of a lead than where they came from. */
static void behaviour_tells(struct ctx *c) {
    static double paper[ROWS], prices[ROWS], cases[ROWS];
    static struct str source[ROWS];
    static bool became[ROWS];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT l.source, CASE WHEN l.status = 'converted' THEN 1 ELSE 0 END, "
             "max(CASE WHEN b.payload LIKE '%/downloads/white-paper%' THEN 1 ELSE 0 END), "
             "max(CASE WHEN b.payload LIKE '%/pricing%' THEN 1 ELSE 0 END), "
             "max(CASE WHEN b.payload LIKE '%/cases/%' THEN 1 ELSE 0 END) "
             "FROM lead l JOIN visitor_link v ON v.person_id = l.person_id "
             "JOIN behaviour b ON b.person_id = v.visitor_id WHERE l.company_name IS NOT NULL "
             "AND l.created_at < $1 GROUP BY l.id, l.source, l.status",
             c->now_ms - BEHAVED_DAYS * (int64_t)MS_DAY);
    while (db_next(&rows) && n < ROWS) {
        source[n] = db_text(&rows, 0);
        became[n] = db_int(&rows, 1);
        paper[n] = (double)db_int(&rows, 2);
        prices[n] = (double)db_int(&rows, 3);
        cases[n++] = (double)db_int(&rows, 4);
    }
    db_done(&rows);
    assert_ok(c);
    const struct logistic_column columns[] = {{.name = STR("source"), .texts = source},
                                              {.name = STR("paper"), .numbers = paper},
                                              {.name = STR("prices"), .numbers = prices},
                                              {.name = STR("cases"), .numbers = cases}};
    struct logistic_table t = {columns, 1, n, became};
    double origin = logistic_validate(c->arena, &t, 5, 1, NULL).auc;
    t.n_columns = 4;
    double all = logistic_validate(c->arena, &t, 5, 1, NULL).auc;
    print_message("# %zu leads: AUC by source %.3f, with behaviour %.3f\n", n, origin, all);
    assert_true(origin > 0.55 && all > origin + 0.03);
}

/* It is history: not after now, sent to nobody, and no part of the program answered it. */
static void nothing_is_sent(struct ctx *c) {
    sample_drained(c);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM notification"), 0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM automation_run"), 0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM lead WHERE created_at > $1", c->now_ms), 0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM activity WHERE occurred_at > $1", c->now_ms),
                     0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM stage_history WHERE at > $1", c->now_ms), 0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM activity a JOIN lead l ON l.id = a.subject_id "
                               "WHERE a.occurred_at < l.created_at"),
                     0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM task t JOIN lead l ON l.id = t.subject_id "
                               "WHERE t.created_at < l.created_at"),
                     0);
}

/* Nobody's telephone rings and nobody gets a mail, of what the sources took in either. */
static void nobody_is_reached(struct ctx *c) {
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM lead WHERE phone LIKE '1__________' "
                               "AND substr(phone, 4, 2) <> '00'"),
                     0);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM lead WHERE email LIKE '%@%' "
                               "AND email NOT LIKE '%.example'"),
                     0);
}

/* The present has what homes show. */
static void today_is_full(struct ctx *c) {
    int64_t hour = c->now_ms - MS_HOUR;
    assert_in_range(DB_INT(c, "SELECT count(*) FROM \"user\""), 61, 61);
    assert_in_range(DB_INT(c, "SELECT count(*) FROM lead WHERE created_at >= $1", hour), 5, 30);
    assert_in_range(DB_INT(c, "SELECT count(*) FROM lead WHERE owner_id IS NULL"), 2, 60);
    assert_in_range(DB_INT(c, "SELECT count(*) FROM task WHERE status = 'open'"), 60, 400);
    assert_in_range(DB_INT(c, "SELECT count(*) FROM opportunity WHERE state = 'open' "
                              "AND account_id IS NOT NULL"),
                    35, 150);
    assert_in_range(DB_INT(c, "SELECT count(*) FROM lead WHERE status = 'returned'"), 10, 199);
    assert_int_equal(DB_INT(c, "SELECT count(*) - count(DISTINCT lead_id) FROM handover"), 0);
}

static int64_t fold(int64_t digest, struct str text) {
    uint64_t h = (uint64_t)digest;
    for (size_t i = 0; i < text.n; i++) {
        h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
    }
    return (int64_t)h;
}

static int64_t digest_of(struct ctx *c) {
    struct db_rows rows;
    int64_t digest = 0;
    DB_QUERY(c, &rows,
             "SELECT l.name, l.phone, l.status, l.created_at, COALESCE(o.amount, 0), "
             "COALESCE(o.state, '') FROM lead l LEFT JOIN opportunity o ON o.id = l.opportunity_id "
             "ORDER BY l.created_at, l.phone, l.name");
    while (db_next(&rows)) {
        struct str line = str_format(c->arena, "%.*s|%.*s|%.*s|%lld|%lld|%.*s",
                                     STR_ARG(db_view(&rows, 0)), STR_ARG(db_view(&rows, 1)),
                                     STR_ARG(db_view(&rows, 2)), (long long)db_int(&rows, 3),
                                     (long long)db_int(&rows, 4), STR_ARG(db_view(&rows, 5)));
        digest = fold(digest, line);
    }
    assert_ok(c);
    return digest;
}

static int64_t digest_of_seed(uint64_t seed) {
    struct database_fixture f;
    database_open(&f, DB_SQLITE);
    sample_database(&f.c);
    db_begin(&f.c);
    sample_make(&f.c, seed, STR("no password"));
    db_commit(&f.c);
    int64_t digest = digest_of(&f.c);
    database_close(&f);
    return digest;
}

/* The same on both engines, another by another seed. */
static void follows_from_the_seed(void **state) {
    (void)state;
    int64_t digest = digest_of_seed(SAMPLE_SEED);
    assert_true(digest == digest_of_seed(SAMPLE_SEED));
    assert_true(digest != digest_of_seed(SAMPLE_SEED + 1));
    if (getenv("GUANTONG_TEST_POSTGRES")) {
        assert_true(digest == digest_of(company_on(DB_POSTGRES)));
    }
}

/* What the records say is the same on both engines, as the last test shows: asked of both are those
 * whose SQL is the program's own. */
#define ON(test, engine)                           \
    static void test##_on_##engine(void **state) { \
        (void)state;                               \
        test(company_on(engine));                  \
    }

ON(stages_pass, DB_SQLITE)
ON(stays_last, DB_SQLITE)
ON(channels_convert, DB_SQLITE)
ON(channels_are_worth, DB_SQLITE)
ON(hands_are_seen, DB_SQLITE)
ON(season_is_seen, DB_SQLITE)
ON(today_is_full, DB_SQLITE)
ON(nobody_is_reached, DB_SQLITE)
ON(behaviour_tells, DB_SQLITE)
ON(funnel_tells, DB_SQLITE)
ON(funnel_tells, DB_POSTGRES)
ON(duplicates_are_found, DB_SQLITE)
ON(nothing_is_sent, DB_SQLITE)
ON(nothing_is_sent, DB_POSTGRES)

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stages_pass_on_DB_SQLITE),
                                       cmocka_unit_test(stays_last_on_DB_SQLITE),
                                       cmocka_unit_test(channels_convert_on_DB_SQLITE),
                                       cmocka_unit_test(channels_are_worth_on_DB_SQLITE),
                                       cmocka_unit_test(hands_are_seen_on_DB_SQLITE),
                                       cmocka_unit_test(season_is_seen_on_DB_SQLITE),
                                       cmocka_unit_test(today_is_full_on_DB_SQLITE),
                                       cmocka_unit_test(nobody_is_reached_on_DB_SQLITE),
                                       cmocka_unit_test(behaviour_tells_on_DB_SQLITE),
                                       cmocka_unit_test(funnel_tells_on_DB_SQLITE),
                                       cmocka_unit_test(funnel_tells_on_DB_POSTGRES),
                                       cmocka_unit_test(duplicates_are_found_on_DB_SQLITE),
                                       cmocka_unit_test(nothing_is_sent_on_DB_SQLITE),
                                       cmocka_unit_test(nothing_is_sent_on_DB_POSTGRES),
                                       cmocka_unit_test(follows_from_the_seed)};
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, close_all);
}
