/*
 * Similarity of texts against published values, and record linkage on simulated pairs whose true
 * parameters are known.
 */
#include "base_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "statistics/linkage.h"
#include "statistics/similarity.h"

/* Winkler (1990), examples as usually quoted, to three digits. */
static void jaro_winkler_gives_the_published_values(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        double value;
    } cases[] = {{"MARTHA", "MARHTA", 0.961},
                 {"DWAYNE", "DUANE", 0.840},
                 {"DIXON", "DICKSONX", 0.813},
                 {"SHACKLEFORD", "SHACKELFORD", 0.982},
                 {"JERALDINE", "GERALDINE", 0.926},
                 {"MICHELLE", "MICHAEL", 0.921},
                 {"JONES", "JOHNSON", 0.832},
                 {"abc", "xyz", 0.0},
                 {"", "", 1.0},
                 {"王小明", "王小明", 1.0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double there = similarity_jaro_winkler(str_from(cases[i].a), str_from(cases[i].b));
        double back = similarity_jaro_winkler(str_from(cases[i].b), str_from(cases[i].a));
        assert_true(fabs(there - cases[i].value) < 0.0006);
        assert_true(fabs(there - back) < 1e-12);
    }
}

static void edits_are_counted(void **state) {
    (void)state;
    assert_int_equal(similarity_edits(STR("kitten"), STR("sitting")), 3);
    assert_int_equal(similarity_edits(STR("13812345678"), STR("13812435678")), 1); /* a swap */
    assert_int_equal(similarity_edits(STR("ca"), STR("abc")), 3); /* no place edited twice */
    assert_int_equal(similarity_edits(STR(""), STR("北京")), 2);
}

static const struct linkage_field fields[] = {{"given", LINKAGE_TEXT, 1},
                                              {"surname", LINKAGE_TEXT, 0},
                                              {"born", LINKAGE_NUMBER, 2},
                                              {"state", LINKAGE_EXACT, 3}};
static const struct linkage_schema schema = {fields, 4};

static void levels_say_how_fields_agree(void **state) {
    (void)state;
    struct str a[] = {STR("martha"), STR("green"), STR("19560409"), STR("")};
    struct str b[] = {STR("marhta"), STR("brown"), STR("19560408"), STR("sa")};
    struct str c[] = {STR("green"), STR("martha"), STR("20010101"), STR("sa")};
    struct linkage_levels ab = linkage_compare(&schema, a, b), ac = linkage_compare(&schema, a, c);
    assert_int_equal(ab.of[0], 2);
    assert_int_equal(ab.of[1], 0);
    assert_int_equal(ab.of[2], 1);
    assert_int_equal(ab.of[3], LINKAGE_MISSING);
    assert_int_equal(ac.of[0], 3); /* the names were swapped */
    assert_int_equal(ac.of[1], 3);
    assert_int_equal(ac.of[2], 0);
}

static double uniform(void) {
    return random() / ((double)RAND_MAX + 1);
}

static int drawn(const double *p, int n) {
    double x = uniform();
    int k = 0;
    while (k < n - 1 && x >= p[k]) {
        x -= p[k++];
    }
    return k;
}

static struct linkage_levels pair_of(const double p[][LINKAGE_LEVELS]) {
    static const int n[] = {4, 4, 3, 2};
    struct linkage_levels pair = {{0}};
    for (int k = 0; k < 4; k++) {
        pair.of[k] = uniform() < 0.1 ? LINKAGE_MISSING : (signed char)drawn(p[k], n[k]);
    }
    return pair;
}

enum { RECORDS = 700, ALL_PAIRS = RECORDS * (RECORDS - 1) / 2 };
static struct linkage_levels alike[ALL_PAIRS], any[ALL_PAIRS];

static const struct linkage_model truth = {
    .m = {{.02, .03, .10, .85}, {.03, .05, .12, .80}, {.05, .10, .85}, {.08, .92}},
    .u = {{.90, .06, .02, .02}, {.88, .08, .02, .02}, {.93, .05, .02}, {.75, .25}},
    .share = 0.004};

/* All pairs of 700 records, drawn from a known model: the estimates come near it, though nobody
 * says which match. */
static void estimates_find_the_true_parameters(void **state) {
    (void)state;
    static const int n[] = {4, 4, 3, 2};
    srandom(7);
    for (int i = 0; i < ALL_PAIRS; i++) {
        alike[i] = pair_of(uniform() < truth.share ? truth.m : truth.u);
        any[i] = pair_of(uniform() < truth.share ? truth.m : truth.u);
    }
    struct linkage_evidence e = {RECORDS, alike, ALL_PAIRS, any, ALL_PAIRS};
    struct linkage_model found = linkage_fit(&test_arena, &schema, &e);
    assert_true(fabs(found.share / truth.share - 1) < 0.1);
    for (int k = 0; k < 4; k++) {
        for (int l = 0; l < n[k]; l++) {
            assert_true(fabs(found.m[k][l] - truth.m[k][l]) < 0.04);
            assert_true(fabs(found.u[k][l] - truth.u[k][l]) < 0.03);
        }
    }
    assert_true(linkage_weight(&found, 0, 3) > 4 && linkage_weight(&found, 0, 0) < -4);
    assert_true(linkage_weight(&found, 0, LINKAGE_MISSING) == 0);
}

/* Where nobody is there twice, whoever shares a key (here: all agree in one field and in nothing
 * else) is not taken for one all the same. */
static void a_common_key_is_no_match(void **state) {
    (void)state;
    enum { ALIKE = 2000 };
    struct linkage_evidence e = {100000, alike, ALIKE, any, ALL_PAIRS};
    srandom(8);
    for (int i = 0; i < ALL_PAIRS; i++) {
        any[i] = pair_of(truth.u);
    }
    for (int i = 0; i < ALIKE; i++) {
        alike[i] = pair_of(truth.u);
        alike[i].of[i % 2] = 3;
        alike[i].of[1 - i % 2] = 0;
        alike[i].of[2] = 0;
    }
    struct linkage_model found = linkage_fit(&test_arena, &schema, &e);
    for (int i = 0; i < ALIKE; i++) {
        assert_true(linkage_probability(&schema, &found, alike[i], 0) < 0.01);
    }
}

/* Of few records what is known beforehand keeps every weight finite and in its order. */
static void a_prior_stands_in_for_few_pairs(void **state) {
    (void)state;
    struct linkage_levels one = {{3, 3, 2, 1}}, other = {{0, 0, 0, 0}};
    struct linkage_evidence e = {2, &one, 1, &one, 1};
    struct linkage_model found = linkage_fit(&test_arena, &schema, &e);
    assert_true(linkage_probability(&schema, &found, one, 0) > 0.9);
    assert_true(linkage_probability(&schema, &found, other, 0) < 0.01);
    found = linkage_fit(&test_arena, &schema, &(struct linkage_evidence){0});
    assert_true(linkage_weight(&found, 0, 3) > linkage_weight(&found, 0, 0));
}

/* Of two pairs that agree alike, the one that agrees on what few have is likelier a match. */
static void what_few_have_says_more(void **state) {
    (void)state;
    struct linkage_levels same = {{3, 0, LINKAGE_MISSING, LINKAGE_MISSING}}, other = {{2, 0, 0, 0}};
    struct linkage_levels pairs_alike[] = {same, same};
    struct linkage_evidence e = {1000, pairs_alike, 2, any, ALL_PAIRS};
    struct linkage_model found = linkage_fit(&test_arena, &schema, &e);
    double rare = linkage_rarity(&schema, &found, 0, same, (struct linkage_frequency){2, 100000});
    double common = linkage_rarity(&schema, &found, 0, same, (struct linkage_frequency){500, 1000});
    double chance = (1 + 10 * found.u[0][3]) / (99999 + 10);
    assert_true(fabs(rare - log(found.u[0][3] / chance)) < 1e-9 && rare > 4 && common < -2);
    assert_true(linkage_rarity(&schema, &found, 0, other, (struct linkage_frequency){2, 900}) == 0);
    assert_true(linkage_rarity(&schema, &found, 0, same, (struct linkage_frequency){2, 99}) == 0);
    double p = linkage_probability(&schema, &found, same, 0);
    double up = linkage_probability(&schema, &found, same, rare);
    assert_true(fabs(up / (1 - up) / (p / (1 - p)) / exp(rare) - 1) < 1e-6);
    double before = found.share;
    linkage_settle(&schema, &found, &e, (double[]){20, 20});
    assert_true(found.share > before && found.share < 3. / (1000 * 999 / 2.));
}

/* Both ends of every pair are reached, and never the same record twice. */
static void pairs_are_drawn_from_all(void **state) {
    (void)state;
    uint64_t seed = 1;
    int seen[5][5] = {{0}};
    for (int i = 0; i < 1000; i++) {
        struct linkage_pair p = linkage_draw(&seed, 5);
        assert_true(p.a < p.b && p.b < 5);
        seen[p.a][p.b]++;
    }
    for (int a = 0; a < 5; a++) {
        for (int b = a + 1; b < 5; b++) {
            assert_in_range(seen[a][b], 60, 140);
        }
    }
}

static void blocks_make_each_pair_once(void **state) {
    (void)state;
    struct linkage_key keys[3 + 3 + LINKAGE_BLOCK + 1] = {{1, 0}, {1, 2}, {1, 1},
                                                          {2, 1}, {2, 0}, {2, 1}};
    for (uint32_t i = 0; i <= LINKAGE_BLOCK; i++) {
        keys[6 + i] = (struct linkage_key){3, i};
    }
    struct linkage_pairs pairs = linkage_candidates(&test_arena, keys, sizeof keys / sizeof *keys);
    assert_int_equal(pairs.n, 3);
    assert_int_equal(pairs.skipped, 1);
    assert_true(pairs.items[0].a == 0 && pairs.items[0].b == 1 && pairs.items[2].b == 2);
    struct linkage_pair links[] = {{3, 4}, {1, 4}, {0, 2}};
    uint32_t *group = linkage_groups(&test_arena, 6, links, 3);
    assert_true(group[4] == 1 && group[3] == 1 && group[2] == 0 && group[5] == 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(jaro_winkler_gives_the_published_values),
        TEST(edits_are_counted),
        TEST(levels_say_how_fields_agree),
        TEST(estimates_find_the_true_parameters),
        TEST(a_common_key_is_no_match),
        TEST(a_prior_stands_in_for_few_pairs),
        TEST(what_few_have_says_more),
        TEST(pairs_are_drawn_from_all),
        TEST(blocks_make_each_pair_once),
    };
    return cmocka_run_group_tests_name("linkage", tests, NULL, NULL);
}
