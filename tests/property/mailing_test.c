/*
 * What is foretold of a mailing (one query over sets) against what mail_send decides of each person
 * in turn: random people with shared addresses, consents, suppressions, preferences, mails they
 * had, caps, topics.
 */
#include "database_fixture.h"

#include "app/modules.h"
#include "app/program.h"
#include "base/log.h"
#include "customer/consent.h"
#include "entity/access.h"
#include "marketing/mail_parts.h"
#include "marketing/mailing.h"

enum { ROUNDS = 12, PEOPLE = 60, ADDRESSES = 40 };

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

static struct str address(struct ctx *c) {
    return str_format(c->arena, "p%d@example.com", below(ADDRESSES));
}

static void mail_before(struct ctx *c, int64_t person, int nth) {
    DB_RUN(c,
           "INSERT INTO mail_send (id, key, state, reason, person_id, address, content_id, "
           "template_id, topic, source, source_id, step, at, created_at) VALUES ($1, $2, $3, '', "
           "$4, 'x', 1, 1, $5, 'automation', 1, '', $6, $6)",
           (int64_t)nth + 1, str_format(c->arena, "before %d", nth), (int64_t)(below(4)), person,
           below(3) ? "news" : "service", c->now_ms - below(10 * 24) * (int64_t)MS_HOUR);
}

static void consents(struct ctx *c, int64_t person) {
    static const char *const channels[] = {"email", "any", "sms"};
    static const char *const purposes[] = {"marketing", "marketing", "service"};
    for (int n = below(4); n > 0; n--) {
        bool given = below(3) > 0;
        consent_record(c, &(struct consent_line){
                              .person_id = person,
                              .channel = str_from(channels[below(3)]),
                              .purpose = str_from(purposes[below(3)]),
                              .given = given,
                              .text = STR("agreed"),
                              .source = STR("form"),
                              .at = c->now_ms - below(1000) * (int64_t)MS_MINUTE - MS_MINUTE});
    }
}

static int64_t person_make(struct ctx *c, int nth) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    change_text(&set, "name", str_format(c->arena, "路人%d", nth));
    if (below(8)) {
        change_text(&set, "email", address(c));
    }
    struct record *p = record_insert(c, &set);
    assert_int_equal(c->error.code, ERROR_NONE);
    consents(c, p->id);
    for (int n = below(3); n > 0; n--) {
        mail_before(c, p->id, nth * 4 + n);
    }
    return p->id;
}

static int64_t made(struct ctx *c, const char *entity, const char *json) {
    const struct json *o = json_parse(c, str_from(json));
    struct change_set set = change_from_json(c, entity_named(c, entity), o);
    struct record *r = record_insert(c, &set);
    assert_int_equal(c->error.code, ERROR_NONE);
    return r->id;
}

static void world(struct ctx *c) {
    DB_RUN(c,
           "INSERT INTO mail_policy (id, per_day, per_week, quiet_from, quiet_to) "
           "VALUES (1, $1, $2, 0, 0) ON CONFLICT (id) DO UPDATE SET per_day = $1, per_week = $2",
           (int64_t)below(3), (int64_t)below(4));
    for (int n = 0; n < 4; n++) {
        mail_suppress(c, address(c), "manual", STR(""));
        DB_RUN(c,
               "INSERT INTO mail_optout (address, topic, how, at) VALUES ($1, $2, 'page', 1) "
               "ON CONFLICT (address, topic) DO NOTHING",
               address(c),
               n % 2 ? "*"
               : n   ? "offer"
                     : "news");
    }
}

static int64_t foretold(const struct mailing_forecast *f, const char *reason) {
    for (size_t i = 0; i < f->n; i++) {
        if (str_is(f->against[i].reason, reason)) {
            return f->against[i].n;
        }
    }
    return 0;
}

static void round_of(struct ctx *c) {
    static const char *const topics[] = {"news", "offer", "service"};
    static const char *const reasons[] = {"no_address",   "suppressed", "no_consent",
                                          "unsubscribed", "capped",     "duplicate"};
    int64_t people[PEOPLE], told[6] = {0}, will = 0;
    world(c);
    for (int i = 0; i < PEOPLE; i++) {
        people[i] = person_make(c, i);
    }
    int64_t template_id = made(
        c, "mail_template",
        str_format(c->arena,
                   "{\"name\":\"x\",\"topic\":\"%s\",\"subject\":\"x\",\"blocks\":[{\"type\":"
                   "\"divider\"}]}",
                   topics[below(3)])
            .p);
    int64_t id = made(c, "mailing",
                      str_format(c->arena,
                                 "{\"name\":\"x\",\"template_id\":\"%lld\",\"audience\":{\"field\":"
                                 "\"name\",\"op\":\"not_empty\"}}",
                                 (long long)template_id)
                          .p);
    struct mailing_audience *a = mailing_audience(c,
                                                  record_load(c, entity_named(c, "mailing"), id));
    struct mailing_forecast f = mailing_forecast(c, a);
    for (int i = 0; i < PEOPLE; i++) {
        struct mail_sent sent = mail_send(
            c, &(struct mail_request){.key = str_format(c->arena, "k%d", i),
                                      .template_id = template_id,
                                      .person_id = people[i],
                                      .source = STR("mailing"),
                                      .source_id = id});
        will += sent.state == MAIL_WAITING;
        for (int k = 0; k < 6; k++) {
            told[k] += str_is(sent.reason, reasons[k]);
        }
    }
    assert_int_equal(c->error.code, ERROR_NONE);
    assert_int_equal(f.people, PEOPLE);
    assert_int_equal(f.will, will);
    for (int k = 0; k < 6; k++) {
        assert_int_equal(foretold(&f, reasons[k]), told[k]);
    }
}

static void what_is_foretold_happens(void **state) {
    struct ctx *c = company(state);
    for (int n = 0; n < ROUNDS; n++) {
        seed = (uint64_t)(7700 + n);
        db_begin(c);
        c->now_ms = 1795000000000 + n * (int64_t)MS_DAY;
        round_of(c);
        db_rollback(c->db);
    }
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {ON_BOTH(what_is_foretold_happens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
