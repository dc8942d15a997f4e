/*
 * What followed each mail, one query over sets, against a plain count over what was drawn: random
 * sendings, clicks, conversions and won deals around the borders of the days.
 */
#include "database_fixture.h"

#include "app/modules.h"
#include "app/program.h"
#include "base/log.h"
#include "entity/access.h"
#include "marketing/mail_effect.h"
#include "organization/company.h"

enum { ROUNDS = 10, PEOPLE = 50, TEMPLATES = 3, SENDS = 150, DAYS = 60, WITHIN = 14 };

static uint64_t seed;

static int below(int n) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)n);
}

static struct ctx *company(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    const struct contents *contents = modules_register();
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    assert_int_equal(c->error.code, ERROR_NONE);
    return c;
}

struct sent {
    int template, person, step;
    int64_t at, clicked_at; /* 0: not */
};

struct world {
    int64_t people[PEOPLE], converted_at[PEOPLE], won_at[PEOPLE];
    bool trashed[PEOPLE];
    struct sent sends[SENDS];
};

/* A moment before now, often on the very border of the days. */
static int64_t before(struct ctx *c, int days) {
    int64_t at = c->now_ms - below(days) * (int64_t)MS_DAY;
    return below(3) ? at - below(24) * (int64_t)MS_HOUR : at;
}

static void person_make(struct ctx *c, struct world *w, int i) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    change_text(&set, "name", str_format(c->arena, "路人%d", i));
    w->people[i] = record_insert(c, &set)->id;
    w->converted_at[i] = below(2) ? before(c, 40) : 0;
    w->won_at[i] = below(3) ? 0 : before(c, 40);
    w->trashed[i] = !below(6);
    struct change_set lead = change_new(c, entity_named(c, "lead"));
    change_text(&lead, "name", STR("王小明"));
    change_text(&lead, "phone", str_format(c->arena, "139000%05d", i));
    change_id(&lead, "person_id", w->people[i]);
    struct record *l = record_insert(c, &lead);
    assert_int_equal(c->error.code, ERROR_NONE);
    DB_RUN(c, "UPDATE lead SET converted_at = $1, deleted_at = $2 WHERE id = $3",
           db_from_id(w->converted_at[i]), db_from_id(w->trashed[i] ? c->now_ms : 0), l->id);
    if (w->won_at[i]) {
        DB_RUN(c,
               "INSERT INTO won_deal (id, person_id, amount, currency, won_on, won_at, began_at) "
               "VALUES ($1, $2, $3, $4, '2026-01-01', $5, 0)",
               (int64_t)i + 1, w->people[i], (int64_t)(i + 1) * 100, company_currency(c),
               w->won_at[i]);
    }
}

static void send_make(struct ctx *c, struct world *w, int i) {
    struct sent *s = &w->sends[i];
    *s = (struct sent){.template = below(TEMPLATES),
                       .person = below(PEOPLE),
                       .step = below(2),
                       .at = before(c, DAYS + 20)};
    s->clicked_at = below(2) ? s->at + below(20) * (int64_t)MS_DAY : 0;
    DB_RUN(c,
           "INSERT INTO mail_send (id, key, state, reason, person_id, address, content_id, "
           "template_id, topic, source, source_id, step, at, created_at, sent_at, clicked_at) "
           "VALUES ($1, $2, $7, '', $3, 'x', 1, $4, 'news', 'journey', 9, $5, $6, $6, $6, $8)",
           (int64_t)i + 1, str_format(c->arena, "k%d", i), w->people[s->person],
           (int64_t)s->template + 1, s->step ? "b" : "a", s->at, (int64_t)(below(8) ? 2 : 3),
           db_from_id(s->clicked_at));
    if (DB_INT(c, "SELECT state FROM mail_send WHERE id = $1", (int64_t)i + 1) != 2) {
        s->at = 0; /* it did not go */
    }
}

/* What one person adds to a mail: his first sending of it, his first click. */
static void person_count(struct ctx *c, const struct world *w, int person, struct mail_effect *e,
                         bool by_step) {
    int64_t at = 0, clicked = 0;
    for (int i = 0; i < SENDS; i++) {
        const struct sent *s = &w->sends[i];
        if (s->person != person || s->template + 1 != e->template_id ||
            s->at <= c->now_ms - DAYS * (int64_t)MS_DAY ||
            (by_step && !str_is(e->step, s->step ? "b" : "a"))) {
            continue;
        }
        at = !at || s->at < at ? s->at : at;
        clicked = s->clicked_at && (!clicked || s->clicked_at < clicked) ? s->clicked_at : clicked;
    }
    if (!at) {
        return;
    }
    int64_t from = clicked ? clicked : at, until = at + WITHIN * (int64_t)MS_DAY;
    int64_t converted = w->trashed[person] ? 0 : w->converted_at[person];
    e->people++;
    e->clicked += clicked > 0;
    if (until <= c->now_ms) {
        e->group[clicked > 0].n++;
        e->group[clicked > 0].passed += converted > from && converted <= until;
    }
    if (w->won_at[person] > from && w->won_at[person] <= until) {
        e->deals++;
        e->amount += (person + 1) * 100;
    }
}

static void compare(struct ctx *c, const struct world *w, bool by_step) {
    struct mail_effect list[MAIL_EFFECTS];
    struct mail_effect_asked asked = {.source = by_step ? STR("journey") : STR(""),
                                      .source_id = 9,
                                      .days = DAYS,
                                      .within = WITHIN};
    size_t n = mail_effects(c, &asked, list);
    assert_int_equal(c->error.code, ERROR_NONE);
    assert_int_equal(n, by_step ? TEMPLATES * 2 : TEMPLATES);
    for (size_t i = 0; i < n; i++) {
        struct mail_effect e = {.template_id = list[i].template_id, .step = list[i].step};
        for (int person = 0; person < PEOPLE; person++) {
            person_count(c, w, person, &e, by_step);
        }
        assert_int_equal(list[i].people, e.people);
        assert_int_equal(list[i].clicked, e.clicked);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(list[i].group[k].n, e.group[k].n);
            assert_int_equal(list[i].group[k].passed, e.group[k].passed);
        }
        assert_int_equal(list[i].deals, e.deals);
        assert_int_equal(list[i].amount, e.amount);
    }
}

static void what_followed_is_counted(void **state) {
    struct ctx *c = company(state);
    for (int n = 0; n < ROUNDS; n++) {
        struct world *w = ARENA_NEW(c->arena, struct world);
        seed = (uint64_t)(4100 + n);
        db_begin(c);
        c->now_ms = 1795000000000 + n * (int64_t)MS_DAY;
        for (int i = 0; i < PEOPLE; i++) {
            person_make(c, w, i);
        }
        for (int i = 0; i < SENDS; i++) {
            send_make(c, w, i);
        }
        compare(c, w, false);
        compare(c, w, true);
        db_rollback(c->db);
    }
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {ON_BOTH(what_followed_is_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
