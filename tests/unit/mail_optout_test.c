/*
 * What a person wants none of: his word is the person's, whatever address he has by then, whoever
 * shares it, and however often he says it.
 */
#include "shipped_fixture.h"

#include "customer/consent.h"
#include "entity/record.h"
#include "marketing/mail_parts.h"

static int64_t person_make(struct ctx *c, const char *name, const char *email) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    change_text(&set, "name", str_from(name));
    change_text(&set, "email", str_from(email));
    int64_t id = record_insert(c, &set)->id;
    assert_ok(c);
    return id;
}

static void agree(struct ctx *c, int64_t person_id) {
    consent_record(c, &(struct consent_line){.person_id = person_id,
                                             .channel = STR("email"),
                                             .given = true,
                                             .text = STR("同意接收资讯"),
                                             .source = STR("form")});
    assert_ok(c);
}

static void move(struct ctx *c, int64_t person_id, const char *email) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    change_text(&set, "email", str_from(email));
    record_change(c, person_id, &set);
    mail_optouts_carry(c, person_id);
    assert_ok(c);
}

static int64_t sends;

/* A mail that went to the person where he was reached then. */
static struct send_row sent_to(struct ctx *c, int64_t person_id, const char *email) {
    struct send_row row = {.id = ++sends,
                           .person_id = person_id,
                           .address = str_from(email),
                           .source = STR("journey"),
                           .source_id = 1,
                           .step = STR("")};
    DB_RUN(c,
           "INSERT INTO mail_send (id, key, state, reason, person_id, address, content_id, "
           "template_id, topic, source, source_id, step, at, created_at) VALUES ($1, $2, 2, '', "
           "$3, $4, 1, 1, 'offer', 'journey', 1, '', 0, 0)",
           row.id, str_format(c->arena, "k%lld", (long long)row.id), person_id, row.address);
    assert_ok(c);
    return row;
}

static const char *topic_of(struct ctx *c, const char *topic) {
    struct change_set set = change_new(c, entity_named(c, "mail_template"));
    change_text(&set, "name", str_from(topic));
    change_text(&set, "topic", str_from(topic));
    change_text(&set, "subject", STR("s"));
    change_text(&set, "blocks", STR("[{\"type\":\"text\",\"text\":\"t\"}]"));
    return str_to_c(c->arena, str_format(c->arena, "%lld", (long long)record_insert(c, &set)->id));
}

static struct str would(struct ctx *c, int64_t person_id, const char *topic) {
    int64_t until, template_id = 0;
    str_to_int(str_from(topic_of(c, topic)), &template_id);
    struct str why = mail_would(c,
                                &(struct mail_request){.template_id = template_id,
                                                       .person_id = person_id,
                                                       .source = STR("journey"),
                                                       .source_id = 2},
                                &until);
    assert_ok(c);
    return why;
}

static void a_topic_goes_with_the_person(void **state) {
    struct ctx *c = shipped_begin(state);
    int64_t person = person_make(c, "甲", "jia@example.com");
    agree(c, person);
    struct send_row row = sent_to(c, person, "jia@example.com");
    mail_opt_out(c, &row, STR("offer"), "page");
    assert_true(str_is(would(c, person, "offer"), "unsubscribed"));
    assert_int_equal(would(c, person, "news").n, 0);
    move(c, person, "jia.new@example.com");
    assert_true(str_is(would(c, person, "offer"), "unsubscribed"));
    assert_int_equal(would(c, person, "news").n, 0);
    mail_opt_in(c, &row); /* by the preferences of the old mail */
    assert_int_equal(would(c, person, "offer").n, 0);
    mail_opt_out(c, &row, STR("case"), "page");
    assert_true(str_is(would(c, person, "case"), "unsubscribed"));
    db_rollback(c->db);
}

static void an_address_that_is_out_makes_no_word_void(void **state) {
    struct ctx *c = shipped_begin(state);
    int64_t one = person_make(c, "甲", "home@example.com");
    int64_t other = person_make(c, "乙", "home@example.com");
    agree(c, one);
    agree(c, other);
    struct send_row first = sent_to(c, one, "home@example.com"),
                    second = sent_to(c, other, "home@example.com");
    mail_opt_out(c, &first, STR("*"), "one_click");
    mail_opt_out(c, &second, STR("*"), "one_click");
    mail_opt_out(c, &second, STR("*"), "one_click");
    assert_int_equal(consent_state(c, other, "email"), CONSENT_WITHDRAWN);
    assert_int_equal(DB_INT(c, "SELECT n FROM mail_total WHERE what = 'unsubscribed'"), 2);
    move(c, other, "own@example.com");
    assert_true(str_is(would(c, other, "news"), "unsubscribed"));
    agree(c, other);
    assert_int_equal(would(c, other, "news").n, 0);
    mail_opt_out(c, &second, STR("*"), "one_click"); /* the old link, a second time */
    assert_true(str_is(would(c, other, "news"), "unsubscribed"));
    db_rollback(c->db);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(a_topic_goes_with_the_person),
                                       ON_BOTH(an_address_that_is_out_makes_no_word_void)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
