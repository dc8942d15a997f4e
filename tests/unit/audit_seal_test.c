/* Sealing the audit trail: what was changed behind a seal's back is found, on either engine. */
#include "entity_fixture.h"

#include "base/id.h"
#include "db/unit.h"
#include "organization/audit_batch.h"
#include "organization/audit_seal.h"

enum { FIRMS = 40, CHANGES = 1300 };

static const struct secret_key key = {.bytes = "thirty-two bytes of a secret key"};
static const struct secret_key other_key = {.bytes = "another secret key, of 32 bytes."};
static int64_t firms[FIRMS];

static void seal(struct ctx *c) {
    audit_seal_rest(c);
    assert_ok(c);
}

static void firm_rename(struct ctx *c, int64_t id, int64_t turn) {
    struct change_set set = change_new(c, entity_named(c, "firm"));
    change_text(&set, "name", str_format(c->arena, "公司%lld", (long long)turn));
    record_change(c, id, &set);
    assert_ok(c);
}

/* The tables of seals too; in a transaction. */
static struct ctx *seal_fixture(void **state, const struct secret_key *with) {
    struct ctx *c = entity_fixture(state);
    const struct migration *const lists[] = {event_module.migrations, entity_module.migrations,
                                             audit_seal_module.migrations};
    db_rollback(c->db);
    migration_apply(c, lists, 3);
    assert_ok(c);
    audit_key_set(with);
    db_begin(c);
    return c;
}

/* Firms, changed until there are several batches, with a note now and then; all sealed. */
static struct ctx *trail(void **state) {
    struct ctx *c = seal_fixture(state, &key);
    for (int i = 0; i < FIRMS; i++) {
        firms[i] = entity_new(c, "firm", "name", "公司");
    }
    for (int i = 0; i < CHANGES; i++) {
        firm_rename(c, firms[i % FIRMS], i);
        if (i % 100 == 0) {
            audit_note(c, entity_named(c, "firm"), firms[i % FIRMS], "reveal", STR("回电"));
        }
    }
    entity_commit(c);
    seal(c);
    entity_commit(c);
    return c;
}

static struct audit_verdict verify(struct ctx *c) {
    struct audit_verdict v = audit_seal_verify(c, 0, INT64_MAX);
    assert_ok(c);
    return v;
}

static void assert_whole(struct ctx *c) {
    struct audit_verdict v = verify(c);
    if (v.why) {
        fail_msg("batch %lld, entry %lld: %s", (long long)v.broken, (long long)v.entry_id, v.why);
    }
    assert_false(v.more);
}

static void assert_broken(struct ctx *c, int64_t batch, const char *why) {
    struct audit_verdict v = verify(c);
    assert_non_null(v.why);
    assert_string_equal(v.why, why);
    assert_int_equal(v.broken, batch);
}

/* The id of an entry in the middle of a batch. */
static int64_t entry_of(struct ctx *c, int64_t batch) {
    return DB_INT(c,
                  "SELECT a.id FROM audit_seal s JOIN event e ON e.seq = "
                  "(s.after_seq + s.upto_seq) / 2 JOIN audit a ON a.event_id = e.id "
                  "WHERE s.n = $1",
                  batch);
}

static void all_is_sealed_in_batches(void **state) {
    struct ctx *c = trail(state);
    assert_whole(c);
    assert_int_equal(DB_INT(c, "SELECT CAST(sum(entries) AS BIGINT) FROM audit_seal"),
                     DB_INT(c, "SELECT count(*) FROM audit"));
    assert_true(DB_INT(c, "SELECT max(entries) FROM audit_seal") <= 512);
    struct audit_seal_state s = audit_seal_state(c);
    assert_int_equal(s.batches, 3);
    assert_int_equal(s.sealed_at, c->now_ms);
    assert_int_equal(s.upto, c->now_ms);
    assert_true(s.keyed);
    /* In parts. */
    struct audit_verdict v = audit_seal_verify(c, 0, 2);
    assert_true(v.more && !v.why);
    assert_int_equal(v.checked, 2);
    v = audit_seal_verify(c, v.checked, 2);
    assert_true(!v.more && !v.why);
    assert_int_equal(v.checked, 3);
    /* Nothing new: no new batch. One change: one more. */
    seal(c);
    assert_int_equal(audit_seal_state(c).batches, 3);
    firm_rename(c, firms[0], 5000);
    seal(c);
    assert_int_equal(audit_seal_state(c).batches, 4);
    assert_whole(c);
}

/* Do to one entry of batch 2 what a person with the database at hand could. */
#define TAMPER(c, sql, ...)                               \
    do {                                                  \
        assert_int_equal(DB_RUN(c, sql, __VA_ARGS__), 1); \
        assert_ok(c);                                     \
    } while (0)

static void each_fact_and_value_is_covered(void **state) {
    struct ctx *c = trail(state);
    int64_t id = entry_of(c, 2);
    assert_true(id > 0);
    db_savepoint(c);
    TAMPER(c, "UPDATE audit SET changes = replace(changes, '公司', '单位') WHERE id = $1", id);
    assert_broken(c, 2, "audit_seal.values");
    assert_int_equal(verify(c).entry_id, id);
    db_rollback_savepoint(c->db);
    assert_whole(c);
    db_savepoint(c);
    TAMPER(c, "UPDATE audit SET reason = 'because' WHERE id = $1", id);
    assert_broken(c, 2, "audit_seal.values");
    db_rollback_savepoint(c->db);
#define FACT(change)                                            \
    db_savepoint(c);                                            \
    TAMPER(c, "UPDATE audit SET " change " WHERE id = $1", id); \
    assert_broken(c, 2, "audit_seal.changed");                  \
    db_rollback_savepoint(c->db)
    FACT("actor_id = 77");
    FACT("at = at + 1");
    FACT("action = 'restored'");
    FACT("entity = 'deal'");
    FACT("record_id = record_id + 1");
    FACT("token_id = 5");
    FACT("origin = 1");
    FACT("request_id = 'x'");
#undef FACT
    assert_whole(c);
}

static void removal_and_insertion_are_found(void **state) {
    struct ctx *c = trail(state);
    int64_t id = entry_of(c, 2);
    db_savepoint(c);
    TAMPER(c, "DELETE FROM audit WHERE id = $1", id);
    assert_broken(c, 2, "audit_seal.removed");
    assert_int_equal(verify(c).entry_id, id);
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    int64_t forged = id_new();
    TAMPER(c,
           "INSERT INTO audit (id, event_id, at, entity, record_id, action, origin) "
           "SELECT $1, event_id, at, entity, record_id, action, origin FROM audit WHERE id = $2",
           forged, id);
    assert_broken(c, 2, "audit_seal.added");
    assert_int_equal(verify(c).entry_id, forged);
    db_rollback_savepoint(c->db);
    /* One of no event belongs to the first batch, and is not in it. */
    db_savepoint(c);
    TAMPER(c,
           "INSERT INTO audit (id, at, entity, record_id, action, origin) "
           "VALUES ($1, 1, 'firm', 1, 'updated', 0)",
           forged);
    assert_broken(c, 1, "audit_seal.added");
    db_rollback_savepoint(c->db);
    assert_whole(c);
}

static void the_chain_itself_is_covered(void **state) {
    struct ctx *c = trail(state);
    db_savepoint(c);
    TAMPER(c, "UPDATE audit_seal SET sealed_at = sealed_at + 1 WHERE n = $1", (int64_t)1);
    assert_broken(c, 1, "audit_seal.changed");
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    TAMPER(c, "UPDATE audit_seal SET list = '!' WHERE n = $1", (int64_t)2);
    assert_broken(c, 2, "audit_seal.changed");
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    TAMPER(c, "DELETE FROM audit_seal WHERE n = $1", (int64_t)2);
    assert_broken(c, 2, "audit_seal.missing");
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    TAMPER(c, "DELETE FROM audit_seal WHERE n = $1", (int64_t)3);
    assert_broken(c, 3, "audit_seal.missing");
    db_rollback_savepoint(c->db);
    assert_whole(c);
}

/* The end's row set back to the seal given, as one without the key can. */
static void end_set_back(struct ctx *c, int64_t n) {
    DB_RUN(c, "DELETE FROM audit_seal WHERE n > $1", n);
    DB_RUN(c,
           "UPDATE audit_seal_end SET n = $1, "
           "upto_seq = COALESCE((SELECT upto_seq FROM audit_seal WHERE n = $1), 0), "
           "digest = COALESCE((SELECT digest FROM audit_seal WHERE n = $1), '')",
           n);
    assert_ok(c);
}

/* Seals of one who has the database but not the key. */
static void sealing_anew_needs_the_key(void **state) {
    struct ctx *c = trail(state);
    TAMPER(c, "UPDATE audit SET actor_id = 77 WHERE id = $1", entry_of(c, 2));
    const struct secret_key *const keys[] = {&other_key, NULL};
    for (int i = 0; i < 2; i++) {
        end_set_back(c, 1);
        audit_key_set(keys[i]);
        seal(c);
        assert_int_equal(audit_seal_state(c).batches, 3);
        audit_key_set(&key);
        assert_broken(c, 2, "audit_seal.key");
    }
    /* All of them without a key. */
    end_set_back(c, 0);
    audit_key_set(NULL);
    seal(c);
    assert_whole(c); /* as good as it gets without one */
    audit_key_set(&key);
    struct audit_verdict v = verify(c);
    assert_string_equal(v.why, "audit_seal.key");
    /* A company that got its key later goes on under it. */
    firm_rename(c, firms[0], 9000);
    seal(c);
    assert_whole(c);
}

static void an_end_cut_off_is_missed(void **state) {
    struct ctx *c = trail(state);
    struct str proof = DB_TEXT(c, "SELECT proof FROM audit_seal_end");
    /* Whoever has not the key cannot prove another end, */
    db_savepoint(c);
    end_set_back(c, 2);
    assert_broken(c, 3, "audit_seal.end");
    TAMPER(c, "UPDATE audit_seal_end SET proof = $1", "");
    assert_broken(c, 3, "audit_seal.end");
    assert_string_equal(audit_seal_verify(c, 2, 1).why, "audit_seal.end");
    db_rollback_savepoint(c->db);
    /* nor take its row away, */
    db_savepoint(c);
    TAMPER(c, "DELETE FROM audit_seal_end WHERE n = $1", (int64_t)3);
    assert_broken(c, 4, "audit_seal.missing");
    firm_rename(c, firms[0], 7000);
    db_flush(c);
    audit_seal_rest(c);
    assert_string_equal(c->error.text, "audit_seal.end");
    assert_error(c, ERROR_CONFLICT);
    db_rollback_savepoint(c->db);
    /* and what is sealed later leaves the hole open. */
    db_savepoint(c);
    TAMPER(c, "DELETE FROM audit_seal WHERE n = $1", (int64_t)3);
    firm_rename(c, firms[0], 7000);
    seal(c);
    assert_int_equal(audit_seal_state(c).batches, 4);
    assert_broken(c, 3, "audit_seal.missing");
    db_rollback_savepoint(c->db);
    assert_whole(c);
    assert_text(DB_TEXT(c, "SELECT proof FROM audit_seal_end"), str_to_c(c->arena, proof));
}

/* As two processes, or one that died between reading and writing. */
static void a_draft_is_stored_only_at_the_end_it_was_made_for(void **state) {
    struct ctx *c = trail(state);
    struct audit_seal_draft mine, lost, late;
    int64_t passed = 0, passed_by_other = 0;
    assert_false(audit_seal_prepare(c, &passed, &mine));
    firm_rename(c, firms[0], 6000);
    db_flush(c);
    assert_true(audit_seal_prepare(c, &passed, &lost)); /* and not stored */
    firm_rename(c, firms[1], 6001);
    db_flush(c);
    assert_true(audit_seal_prepare(c, &passed, &mine));
    assert_true(audit_seal_prepare(c, &passed_by_other, &late));
    audit_seal_store(c, &mine);
    assert_ok(c);
    assert_int_equal(audit_seal_state(c).batches, 4);
    db_savepoint(c);
    audit_seal_store(c, &late);
    assert_string_equal(c->error.text, "audit_seal.moved");
    assert_error(c, ERROR_CONFLICT);
    db_rollback_savepoint(c->db);
    assert_int_equal(DB_INT(c, "SELECT entries FROM audit_seal WHERE n = 4"), 2);
    assert_whole(c);
    firm_rename(c, firms[2], 6002);
    seal(c);
    assert_int_equal(audit_seal_state(c).batches, 5);
    assert_whole(c);
}

/* What an older version left: its digests (computed from the format by another program), and an end
 * without proof. */
/* A look that fails at any of its statements, as when the database is lost, passes nothing over. */
static void a_look_that_fails_passes_nothing(void **state) {
    struct ctx *c = trail(state);
    struct audit_seal_draft draft;
    int64_t passed = 0, sealed = audit_seal_state(c).batches;
    firm_rename(c, firms[0], CHANGES);
    db_commit(c);
    for (int64_t n = 1;; n++) {
        db_begin(c);
        db_fail_at(c->db, n);
        bool made = audit_seal_prepare(c, &passed, &draft);
        db_fail_at(c->db, 0);
        bool failed = ctx_failed(c);
        ctx_clear_error(c);
        db_rollback(c->db);
        if (!failed) {
            assert_true(made && n > 2);
            break;
        }
        assert_false(made);
    }
    db_begin(c);
    audit_seal_store(c, &draft);
    assert_ok(c);
    db_commit(c);
    db_begin(c);
    assert_int_equal(audit_seal_state(c).batches, sealed + 1);
    assert_whole(c);
    db_rollback(c->db);
}

static void seals_of_older_versions_hold(void **state) {
    struct ctx *c = seal_fixture(state, &key);
    for (int64_t i = 1; i <= 2; i++) {
        int64_t firm = entity_new(c, "firm", "name", "甲");
        db_flush(c);
        TAMPER(c, "UPDATE event SET id = $1 WHERE seq = $2", 9000 + i, i);
        TAMPER(c, "UPDATE audit SET id = $1, event_id = $2, record_id = $3 WHERE record_id = $4",
               7000 + i, 9000 + i, 500 + i, firm);
    }
    TAMPER(c,
           "UPDATE audit SET changes = $1, request_id = 'req-1', at = 1790000000000, "
           "actor_id = NULL, token_id = NULL, origin = 0 WHERE id = 7001",
           "{\"name\":[null,\"甲\"],\"code\":[\"a\\\"],[\",\"b\"]}");
    TAMPER(c,
           "UPDATE audit SET changes = $1, reason = $2, action = 'updated', request_id = NULL, "
           "at = 1790000000001, actor_id = 42, token_id = 7, origin = 1 WHERE id = 7002",
           "{ \"name\" : [null, \"乙\"] }", "回电");
    const char *digest = "7698e01c3b9cda06507db617b19f0893edbb2de315d7670fbd390f4bf59d778e";
    TAMPER(
        c,
        "INSERT INTO audit_seal (n, after_seq, upto_seq, entries, sealed_at, key_name, previous, "
        "digest, list) VALUES (1, 0, 2, 2, 1790000000002, '33386163c9a2', '', $1, "
        "'AAAAAAAAG1kBwMOJp2t3UYX3PRuxflBU"
        "AAAAAAAAG1qFWT06cuv12nmEtl2aDLb8')",
        digest);
    TAMPER(c, "UPDATE audit_seal_end SET n = 1, upto_seq = 2, digest = $1", digest);
    assert_whole(c);
    /* It is gone on from, and from then on the end is proved. */
    entity_new(c, "firm", "name", "丙");
    seal(c);
    assert_int_equal(audit_seal_state(c).batches, 2);
    assert_whole(c);
    TAMPER(c, "UPDATE audit_seal_end SET proof = $1", "");
    assert_broken(c, 3, "audit_seal.end");
}

static void erasure_blanks_values_and_the_seal_holds(void **state) {
    struct ctx *c = trail(state);
    int64_t id = entry_of(c, 2);
    int64_t firm = DB_INT(c, "SELECT record_id FROM audit WHERE id = $1", id);
    /* Blank without an erasure is a change like any other. */
    db_savepoint(c);
    TAMPER(c, "UPDATE audit SET changes = '{\"name\":[null,null]}' WHERE id = $1", id);
    assert_broken(c, 2, "audit_seal.values");
    db_rollback_savepoint(c->db);
    audit_blank(c, entity_named(c, "firm"), firm);
    entity_commit(c);
    assert_whole(c);
    assert_int_equal(DB_INT(c,
                            "SELECT count(*) FROM audit WHERE record_id = $1 AND (reason IS NOT "
                            "NULL OR changes LIKE '%公司%')",
                            firm),
                     0);
    seal(c);
    assert_whole(c);
    /* Not the names of fields, and not other values in their place. */
    db_savepoint(c);
    TAMPER(c, "UPDATE audit SET changes = '{\"code\":[null,null]}' WHERE id = $1", id);
    assert_broken(c, 2, "audit_seal.changed");
    db_rollback_savepoint(c->db);
    TAMPER(c, "UPDATE audit SET changes = '{\"name\":[null,\"x\"]}' WHERE id = $1", id);
    assert_broken(c, 2, "audit_seal.values");
}

/* What older versions wrote: notes without an event. */
static void older_notes_come_with_the_first_batch(void **state) {
    struct ctx *c = seal_fixture(state, NULL);
    TAMPER(c,
           "INSERT INTO audit (id, at, entity, record_id, action, origin) "
           "VALUES ($1, 1, 'firm', 1, 'reveal', 0)",
           id_new());
    entity_new(c, "firm", "name", "甲");
    entity_commit(c);
    seal(c);
    assert_int_equal(DB_INT(c, "SELECT entries FROM audit_seal WHERE n = 1"), 2);
    assert_whole(c);
    TAMPER(c, "UPDATE audit SET actor_id = 9 WHERE action = $1", "reveal");
    assert_broken(c, 1, "audit_seal.changed");
}

int main(void) {
    if (!crypto_start()) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        ON_BOTH(all_is_sealed_in_batches),
        ON_BOTH(each_fact_and_value_is_covered),
        ON_BOTH(removal_and_insertion_are_found),
        ON_BOTH(the_chain_itself_is_covered),
        ON_BOTH(sealing_anew_needs_the_key),
        ON_BOTH(erasure_blanks_values_and_the_seal_holds),
        ON_BOTH(an_end_cut_off_is_missed),
        ON_BOTH(a_draft_is_stored_only_at_the_end_it_was_made_for),
        ON_BOTH(a_look_that_fails_passes_nothing),
        ON_BOTH(seals_of_older_versions_hold),
        ON_BOTH(older_notes_come_with_the_first_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
