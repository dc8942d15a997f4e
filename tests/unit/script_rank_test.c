/* Objections found in what was said, and which script fits best. */
#include "base_fixture.h"

#include "sales/script_rank.h"

static struct arena arena;

static const struct script_cue *found(struct str text, const char *objection) {
    static struct script_cue cues[SCRIPT_CUES_MOST];
    size_t n = script_cues(&arena, text, cues, SCRIPT_CUES_MOST);
    for (size_t i = 0; i < n; i++) {
        if (str_is(cues[i].objection, objection)) {
            return &cues[i];
        }
    }
    return NULL;
}

static void objections(void **state) {
    (void)state;
    static const struct {
        struct str text;
        const char *objection;
        int strength; /* 0: not found */
    } cases[] = {
        {STR("客户说太贵了，要再看看"), "price", 2}, {STR("问了一下价格"), "price", 1},
        {STR("价格没问题，等合同"), "price", 0},     {STR("他觉得不算太贵"), "price", 0},
        {STR("没有打折的意思"), "price", 0},         {STR("没有预算，明年再看"), "price", 2},
        {STR("没有预算，明年再看"), "timing", 2},    {STR("贵公司的样品收到了"), "price", 0},
        {STR("正在跟友商对比"), "competitor", 2},    {STR("做了一份对比表"), "competitor", 1},
        {STR("要请示张总"), "authority", 2},         {STR("交期能不能提前"), "delivery", 2},
        {STR("Too EXPENSIVE for us"), "price", 2},   {STR("约了周三见面"), "price", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct script_cue *cue = found(cases[i].text, cases[i].objection);
        if ((cue ? cue->strength : 0) != cases[i].strength) {
            fail_msg("%.*s: %s is %d", STR_ARG(cases[i].text), cases[i].objection,
                     cue ? cue->strength : 0);
        }
    }
    assert_true(str_is(found(STR("客户说太贵了"), "price")->quote, "太贵"));
}

static const struct script_case quoted = {
    .scene = STR("negotiation"),
    .industry = STR("manufacturing"),
    .cues = {{.objection = STR("price"), .quote = STR("太贵"), .strength = 2}},
    .n_cues = 1};

static int points(const struct script_case *about, struct script_offer offer) {
    return script_fit(about, &offer).points;
}

static void the_fitting_come_first(void **state) {
    (void)state;
    struct script_offer maker = {
        .scene = STR("negotiation"), .objection = STR("price"), .industry = STR("manufacturing")};
    struct script_offer plain = {.scene = STR("negotiation"), .objection = STR("price")};
    struct script_offer other = {.scene = STR("negotiation"), .objection = STR("delivery")};
    struct script_offer early = {.scene = STR("opening")};
    struct script_offer medical = {
        .scene = STR("negotiation"), .objection = STR("price"), .industry = STR("medical")};
    assert_true(points(&quoted, maker) > points(&quoted, plain));
    assert_true(points(&quoted, plain) > points(&quoted, other));
    assert_true(points(&quoted, other) > 0);
    assert_int_equal(points(&quoted, early), 0);
    assert_int_equal(points(&quoted, medical), 0);
    struct script_fit fit = script_fit(&quoted, &maker);
    assert_int_equal(fit.reasons, SCRIPT_BY_SCENE | SCRIPT_BY_OBJECTION | SCRIPT_BY_INDUSTRY);
}

static void said_outright_counts_more(void **state) {
    (void)state;
    struct script_case hint = quoted;
    hint.cues[0].strength = 1;
    struct script_offer plain = {.scene = STR("opening"), .objection = STR("price")};
    assert_true(points(&quoted, plain) > points(&hint, plain));
}

static void tags_and_use(void **state) {
    (void)state;
    static const struct str tags[] = {STR("老板"), STR("高意向")};
    struct script_case about = quoted;
    about.tags = tags;
    about.n_tags = 2;
    struct script_offer plain = {.scene = STR("negotiation")}, tagged = plain, lately = plain;
    tagged.tags = STR("老板,华东");
    lately.used_lately = true;
    assert_int_equal(points(&about, tagged) - points(&about, plain), 8);
    assert_true(points(&about, lately) < points(&about, plain));
}

/* A few uses say nothing; many draw the estimate away from the base, never past what was seen. */
static void results_need_cases(void **state) {
    (void)state;
    struct script_offer plain = {.scene = STR("negotiation"), .base = 0.3}, few = plain,
                        good = plain, poor = plain;
    few.judged = few.moved = SCRIPT_ENOUGH - 1;
    good.judged = 50;
    good.moved = 30;
    poor.judged = 50;
    poor.moved = 2;
    assert_int_equal(points(&quoted, few), points(&quoted, plain));
    assert_true(points(&quoted, good) > points(&quoted, plain));
    assert_true(points(&quoted, poor) < points(&quoted, plain));
    assert_true(script_share(1, 1, 0.3) < 0.4);
    assert_true(script_share(30, 50, 0.3) > 0.5 && script_share(30, 50, 0.3) < 0.6);
}

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objections), cmocka_unit_test(the_fitting_come_first),
        cmocka_unit_test(said_outright_counts_more), cmocka_unit_test(tags_and_use),
        cmocka_unit_test(results_need_cases)};
    return cmocka_run_group_tests(tests, begin, end);
}
