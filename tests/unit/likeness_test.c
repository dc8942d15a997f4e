/*
 * Who is found to be one: people of whom some are known twice, as damage of the usual kinds makes
 * them, among people who share names, companies and towns by chance. The truth is known here and
 * used to count only.
 */
#include <math.h>

#include "database_fixture.h"

#include "app/modules.h"
#include "app/program.h"
#include "customer/customer.h"
#include "customer/duplicates.h"
#include "customer/likeness.h"
#include "entity/access.h"
#include "event/reactor.h"

enum { PEOPLE = 1500, TWINS = 200 };

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴",
                                       "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗"};
/* Each with one that sounds alike. */
static const char *const given[][2] = {{"伟", "维"}, {"杰", "洁"}, {"莉", "丽"}, {"婷", "亭"},
                                       {"军", "君"}, {"琳", "林"}, {"源", "元"}, {"志", "智"},
                                       {"海", "海"}, {"文", "闻"}, {"明", "鸣"}, {"华", "华"}};
static const char *const towns[][2] = {{"无锡", "江苏省无锡市"},
                                       {"苏州", "江苏省苏州市"},
                                       {"宁波", "浙江省宁波市"},
                                       {"青岛", "山东省青岛市"},
                                       {"成都", "四川省成都市"}};
static const char *const firm_words[] = {"天工", "宏图", "精诚", "海川", "博远", "金桥",
                                         "信达", "卓越", "新元", "百川", "牧联", "优存"};
static const char *const trades[] = {"智能装备", "精密机械", "电子科技", "汽车零部件", "新材料"};

static uint64_t dice_state;

static int dice(int sides) {
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((dice_state >> 33) % (uint64_t)sides);
}

#define ANY(list) dice((int)(sizeof(list) / sizeof *(list)))

struct somebody {
    int surname, first, second; /* second -1: a name of two characters */
    int firm[4];                /* town, two words, trade */
    char phone[12], mail[40];
};

static struct somebody invent(int i) {
    struct somebody s = {ANY(surnames),
                         ANY(given),
                         dice(4) ? ANY(given) : -1,
                         {ANY(towns), ANY(firm_words), ANY(firm_words), ANY(trades)},
                         "",
                         ""};
    snprintf(s.phone, sizeof s.phone, "13%09d", dice(1000000000));
    snprintf(s.mail, sizeof s.mail, "%c%c%d@%s.cn", 'a' + dice(26), 'a' + dice(26), i * 7 + dice(7),
             dice(2) ? "example" : "mail");
    return s;
}

/* How one who is known already is written down again. */
enum damage { DIGITS_SWAPPED, SOUNDS_ALIKE, OTHER_FORM, MAIL_ONLY, KINDS, NONE };

static int64_t write_down(struct ctx *c, const struct somebody *s, enum damage damage) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    char phone[12];
    snprintf(phone, sizeof phone, "%s", s->phone);
    if (damage == DIGITS_SWAPPED) {
        phone[9] = s->phone[10];
        phone[10] = s->phone[9];
        phone[10] = (char)(phone[9] == phone[10] ? '0' + (phone[10] - '0' + 1) % 10 : phone[10]);
    }
    change_text(&set, "name",
                str_format(c->arena, "%s%s%s", surnames[s->surname],
                           given[s->first][damage == SOUNDS_ALIKE],
                           s->second < 0 ? "" : given[s->second][0]));
    change_text(&set, "company_name",
                str_format(c->arena, "%s%s%s%s%s", towns[s->firm[0]][0], firm_words[s->firm[1]],
                           firm_words[s->firm[2]], trades[s->firm[3]],
                           damage == OTHER_FORM ? "股份有限公司" : "有限公司"));
    change_text(&set, "region", str_from(towns[s->firm[0]][1]));
    if (damage != MAIL_ONLY && damage != OTHER_FORM) {
        change_text(&set, "phone", str_copy(c->arena, str_from(phone)));
    }
    if (damage == NONE ? s->surname % 2 : damage == MAIL_ONLY) {
        change_text(&set, "email", str_copy(c->arena, str_from(s->mail)));
    }
    struct record *r = record_insert(c, &set);
    return r ? r->id : 0;
}

static int64_t first_ids[TWINS], second_ids[TWINS];

static void populate(struct ctx *c) {
    static struct somebody people[PEOPLE];
    dice_state = 11;
    for (int i = 0; i < PEOPLE; i++) {
        struct arena_mark mark = arena_mark(c->arena);
        people[i] = invent(i);
        int64_t id = write_down(c, &people[i], NONE);
        if (i < TWINS) {
            first_ids[i] = id;
        }
        arena_reset(c->arena, mark);
    }
    for (int i = 0; i < TWINS; i++) {
        second_ids[i] = write_down(c, &people[i], (enum damage)(i % KINDS));
    }
}

static bool is_true(const struct likeness_pair *p) {
    for (int i = 0; i < TWINS; i++) {
        if (p->a == first_ids[i] && p->b == second_ids[i]) {
            return true;
        }
    }
    return false;
}

static struct ctx *begin(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct contents *contents = modules_register();
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    db_begin(c);
    return c;
}

static void most_twins_are_found_and_hardly_anybody_else(void **state) {
    struct ctx *c = begin(state);
    populate(c);
    assert_ok(c);
    struct likeness_search found = likeness_find(c, likeness_kind_of(STR("person")));
    assert_ok(c);
    int right = 0;
    for (size_t i = 0; i < found.n; i++) {
        right += is_true(&found.pairs[i]);
        assert_true(i == 0 || found.pairs[i].probability <= found.pairs[i - 1].probability);
    }
    print_message("%d of %d twins found, %zu pairs shown\n", right, TWINS, found.n);
    assert_true(found.all && found.records == PEOPLE + TWINS);
    assert_true(right >= 0.9 * TWINS);
    assert_true(right >= 0.95 * (double)found.n);
    db_rollback(c->db);
}

/* In millionths; 0: it does not wait in the queue. */
static int64_t likely(struct ctx *c, const struct likeness_pair *p) {
    return DB_INT(c, "SELECT likely FROM duplicate_pair WHERE a_id = $1 AND b_id = $2", p->a, p->b);
}

static void rewrite(struct ctx *c, int64_t id, const char *field, const char *value) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    change_text(&set, field, str_from(value));
    assert_non_null(record_update(c, id, &set, 0));
    reactor_drain(c, likeness_watch_module.reactors);
    assert_ok(c);
}

/* A search knows which values are rare, the look at a single change does not. */
static void what_a_search_knew_of_a_pair_stays_while_it_agrees(void **state) {
    struct ctx *c = begin(state);
    const struct likeness_kind *kind = likeness_kind_of(STR("person"));
    const struct likeness_pair *p = NULL;
    double most = 0;
    populate(c);
    reactor_drain(c, likeness_watch_module.reactors);
    struct likeness_search found = likeness_find(c, kind);
    for (size_t i = 0; i < found.n; i++) {
        struct likeness_pair *one = &found.pairs[i];
        double plain = linkage_probability(&kind->schema, &found.model, one->levels, 0);
        if (fabs(one->probability - plain) > most) {
            most = fabs(one->probability - plain);
            p = one;
        }
    }
    assert_true(most > 1e-5);
    likeness_model_keep(c, kind, &found.model);
    duplicate_pair_keep(c, kind, &found.model, p);
    int64_t before = likely(c, p);
    rewrite(c, p->b, "wechat", "wx_20391");
    assert_int_equal(likely(c, p), before);
    rewrite(c, p->b, "name", "欧阳建国");
    assert_int_not_equal(likely(c, p), before);
    rewrite(c, p->b, "company_name", "成都百川新材料有限公司");
    assert_int_equal(likely(c, p), 0);
    db_rollback(c->db);
}

static void who_is_there_once_is_left_alone(void **state) {
    struct ctx *c = begin(state);
    dice_state = 12;
    for (int i = 0; i < PEOPLE; i++) {
        struct arena_mark mark = arena_mark(c->arena);
        struct somebody s = invent(i);
        write_down(c, &s, NONE);
        arena_reset(c->arena, mark);
    }
    struct likeness_search found = likeness_find(c, likeness_kind_of(STR("person")));
    assert_ok(c);
    assert_true(found.n <= PEOPLE / 500);
    db_rollback(c->db);
}

static void nobody_and_one_are_no_pair(void **state) {
    struct ctx *c = begin(state);
    struct somebody s = invent(1);
    assert_int_equal(likeness_find(c, likeness_kind_of(STR("person"))).n, 0);
    write_down(c, &s, NONE);
    assert_int_equal(likeness_find(c, likeness_kind_of(STR("person"))).records, 1);
    assert_int_equal(likeness_find(c, likeness_kind_of(STR("account"))).n, 0);
    assert_null(likeness_kind_of(STR("lead")));
    assert_ok(c);
    db_rollback(c->db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(most_twins_are_found_and_hardly_anybody_else),
        ON_SQLITE(what_a_search_knew_of_a_pair_stays_while_it_agrees),
        ON_SQLITE(who_is_there_once_is_left_alone),
        ON_BOTH(nobody_and_one_are_no_pair),
    };
    return cmocka_run_group_tests_name("likeness", tests, NULL, NULL);
}
