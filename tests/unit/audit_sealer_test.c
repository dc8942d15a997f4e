/* The thread that seals the audit trail, on a running writer, on either engine. */
#include "entity_fixture.h"

#include "db/writer.h"
#include "organization/audit_batch.h"
#include "organization/audit_seal.h"
#include "organization/audit_sealer.h"

enum { FIRMS = 700, PATIENCE_MS = 20000, NAP_US = 10000 };

static const struct secret_key key = {.bytes = "thirty-two bytes of a secret key"};

struct running {
    struct ctx *c;
    struct str url;
    struct writer *writer;
};

static void running_start(struct running *r, void **state) {
    r->c = entity_fixture(state);
    r->url = database_of(state)->url;
    const struct migration *const lists[] = {event_module.migrations, entity_module.migrations,
                                             audit_seal_module.migrations};
    db_rollback(r->c->db);
    migration_apply(r->c, lists, 3);
    audit_key_set(&key);
    r->writer = writer_start(r->c, &(struct writer_options){.url = r->url, .threads = 2});
    assert_ok(r->c);
}

static struct audit_sealer *sealer_start(struct running *r) {
    struct audit_sealer *s = audit_sealer_start(r->c, r->writer, r->url);
    assert_ok(r->c);
    return s;
}

/* Firms made by the writer, as a program makes them. */
static void firms_make(struct ctx *c, void *data) {
    c->model = model_current(c);
    c->actor = &actor_system;
    for (int i = 0; i < *(int *)data && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "firm"));
        change_text(&set, "name", STR("甲"));
        record_insert(c, &set);
    }
}

static void firms_add(struct running *r, int n) {
    struct arena a;
    arena_init(&a);
    struct write_job job = {
        .run = firms_make, .data = &n, .context = {.arena = &a, .now_ms = clock_now_ms()}};
    writer_run(r->writer, &job);
    assert_ok(&job.context);
    arena_free(&a);
}

static int64_t unsealed(struct ctx *c) {
    int64_t n = DB_INT(c, "SELECT (SELECT count(*) FROM audit) - "
                          "(SELECT CAST(COALESCE(sum(entries), 0) AS BIGINT) FROM audit_seal)");
    assert_ok(c);
    return n;
}

static void all_becomes_sealed(struct ctx *c) {
    for (int i = 0; i < PATIENCE_MS * 1000 / NAP_US && unsealed(c) != 0; i++) {
        usleep(NAP_US);
    }
    assert_int_equal(unsealed(c), 0);
    struct audit_verdict v = audit_seal_verify(c, 0, INT64_MAX);
    assert_ok(c);
    if (v.why) {
        fail_msg("batch %lld, entry %lld: %s", (long long)v.broken, (long long)v.entry_id, v.why);
    }
}

static void what_is_written_is_sealed_meanwhile(void **state) {
    struct running r;
    running_start(&r, state);
    firms_add(&r, FIRMS); /* more than a batch, as of before the start */
    struct audit_sealer *sealer = sealer_start(&r);
    all_becomes_sealed(r.c);
    int64_t batches = audit_seal_state(r.c).batches;
    assert_true(batches >= 2);
    for (int i = 0; i < 20; i++) {
        firms_add(&r, 3);
        usleep(NAP_US);
    }
    all_becomes_sealed(r.c);
    assert_true(audit_seal_state(r.c).batches > batches);
    assert_int_equal(DB_INT(r.c, "SELECT count(*) FROM audit"), FIRMS + 60);
    /* What was written last is sealed by the stop. */
    firms_add(&r, 1);
    audit_sealer_stop(sealer);
    assert_int_equal(unsealed(r.c), 0);
    writer_stop(r.writer);
}

/* As in two processes, each with a writer of its own. */
static void of_two_either_goes_on_when_the_other_ends(void **state) {
    struct running r, other;
    running_start(&r, state);
    other = r;
    other.writer = writer_start(r.c, &(struct writer_options){.url = r.url, .threads = 2});
    struct audit_sealer *first = sealer_start(&r), *second = sealer_start(&other);
    for (int i = 0; i < 30; i++) {
        firms_add(i % 2 ? &r : &other, FIRMS / 30);
        usleep(NAP_US);
    }
    all_becomes_sealed(r.c);
    audit_sealer_stop(first);
    firms_add(&r, 10);
    all_becomes_sealed(r.c);
    first = sealer_start(&r);
    audit_sealer_stop(second);
    firms_add(&other, 10);
    all_becomes_sealed(r.c);
    audit_sealer_stop(first);
    writer_stop(other.writer);
    writer_stop(r.writer);
}

int main(void) {
    if (!crypto_start()) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        ON_BOTH(what_is_written_is_sealed_meanwhile),
        ON_BOTH(of_two_either_goes_on_when_the_other_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
