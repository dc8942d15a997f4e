#include "event_fixture.h"

#include <microhttpd.h>
#include <stdatomic.h>

#include "base/id.h"
#include "connector/webhook_delivery.h"
#include "entity/schema.h"
#include "event/delivery.h"
#include "event/reactor.h"
#include "http/client.h"

/* The last request a receiver on the loopback address got, and what it answers. */
struct receiver {
    struct MHD_Daemon *daemon;
    int port, status;
    atomic_int requests;
    char id[128], timestamp[32], signature[512], body[4096];
};
static struct receiver receiver;

static void header_keep(struct MHD_Connection *connection, const char *name, char *to, size_t n) {
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    snprintf(to, n, "%s", value ? value : "");
}

static enum MHD_Result receive(void *data, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **request) {
    struct receiver *r = data;
    (void)url;
    (void)method;
    (void)version;
    if (!*request) {
        *request = r;
        r->body[0] = 0;
        return MHD_YES;
    }
    if (*upload_size) {
        size_t n = strlen(r->body);
        snprintf(r->body + n, sizeof r->body - n, "%.*s", (int)*upload_size, upload);
        *upload_size = 0;
        return MHD_YES;
    }
    header_keep(connection, "webhook-id", r->id, sizeof r->id);
    header_keep(connection, "webhook-timestamp", r->timestamp, sizeof r->timestamp);
    header_keep(connection, "webhook-signature", r->signature, sizeof r->signature);
    atomic_fetch_add(&r->requests, 1);
    struct MHD_Response *response = MHD_create_response_from_buffer(2, "ok",
                                                                    MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)r->status, response);
    MHD_destroy_response(response);
    return result;
}

static const struct secret_key key = {{1, 2, 3}};
static struct json types_lead;

static struct ctx *webhook_fixture(void **state) {
    struct ctx *c = event_fixture(state);
    const struct migration *const lists[] = {event_module.migrations, event_fixture_migrations,
                                             webhook_module.migrations, entity_module.migrations};
    migration_apply(c, lists, 4);
    assert_ok(c);
    assert_true(crypto_start());
    webhook_secret_key(&key);
    client_allow_private(STR("127.0.0.1"));
    receiver.status = 200;
    atomic_store(&receiver.requests, 0);
    types_lead = *json_parse(c, STR("[\"lead.\"]"));
    return c;
}

static struct webhook_draft draft_of(struct ctx *c) {
    return (struct webhook_draft){
        .name = STR("erp"),
        .url = str_format(c->arena, "http://127.0.0.1:%d/hook", receiver.port),
        .types = &types_lead,
        .enabled = true,
    };
}

static int64_t create(struct ctx *c, struct str *secret) {
    struct webhook_draft draft = draft_of(c);
    db_begin(c);
    int64_t id = webhook_create(c, &draft, secret);
    db_commit(c);
    assert_ok(c);
    return id;
}

static void fan_out(struct ctx *c) {
    db_begin(c);
    reactor_drain(c, webhook_module.reactors);
    db_commit(c);
    assert_ok(c);
}

/* What the sender's threads do, one after the other; how many were tried. */
static size_t deliver(struct ctx *c) {
    static const struct outbox_kind *const kinds[] = {webhook_outbox_kinds, NULL};
    struct outbox_claim claims[OUTBOX_CLAIM];
    db_begin(c);
    size_t n = outbox_take(c, kinds, claims, OUTBOX_CLAIM);
    db_commit(c);
    for (size_t i = 0; i < n; i++) {
        claims[i].why = STR("");
        claims[i].result = claims[i].kind->deliver(c, &claims[i].item, &claims[i].why);
        assert_ok(c);
        db_begin(c);
        outbox_settle(c, &claims[i]);
        db_commit(c);
        assert_ok(c);
    }
    return n;
}

/* The receiver's side of the check, with nothing of ours but the primitives. */
static bool signature_good(struct ctx *c, struct str secret, struct str signature) {
    struct str bytes, text;
    assert_true(base64_decode(c->arena, str_slice(secret, 6, secret.n), &bytes));
    assert_int_equal(bytes.n, 32);
    text = str_format(c->arena, "%s.%s.%s", receiver.id, receiver.timestamp, receiver.body);
    unsigned char digest[SHA256_BYTES];
    hmac_sha256(bytes, text, digest);
    struct str encoded = base64_encode(c->arena, (struct str){(const char *)digest, 32});
    return str_equal(signature, str_format(c->arena, "v1,%.*s", STR_ARG(encoded)));
}

static void a_published_vector_is_signed_alike(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a);
    /* The example of the Standard Webhooks specification's reference libraries. */
    struct str signature = webhook_signature(&a, STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                                             STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                                             STR("{\"test\": 2432232314}"));
    assert_text(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_int_equal(webhook_signature(&a, STR("whsec_?"), STR("a"), 1, STR("b")).n, 0);
    arena_free(&a);
}

static void subscribed_events_are_delivered_and_signed(void **state) {
    struct ctx *c = webhook_fixture(state);
    struct str secret;
    int64_t id = create(c, &secret);
    assert_true(str_starts(secret, STR("whsec_")));
    assert_int_equal(str_find(DB_TEXT(c, "SELECT secret FROM webhook"), str_slice(secret, 6, 20)),
                     -1);
    int64_t event_id = event_commit(c, "lead.created", 12);
    event_commit(c, "task.created", 13);
    fan_out(c);
    fan_out(c);
    assert_int_equal(deliver(c), 1);
    assert_int_equal(deliver(c), 0);
    assert_int_equal(atomic_load(&receiver.requests), 1);
    assert_true(signature_good(c, secret, str_from(receiver.signature)));
    assert_false(signature_good(c, STR("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                                str_from(receiver.signature)));
    const struct json *body = json_parse(c, str_from(receiver.body));
    assert_text(json_text(body, "type"), "lead.created");
    assert_int_equal(json_id(json_get(body, "data"), "id"), event_id);
    assert_int_equal(json_id(json_get(body, "data"), "subject_id"), 12);
    size_t n;
    const struct webhook *hooks = webhook_list(c, &n);
    assert_int_equal(n, 1);
    assert_int_equal(hooks[0].delivered_at, c->now_ms);
    assert_text(hooks[0].types, "[\"lead.\"]");
    const struct webhook_delivery *log = webhook_deliveries(c, id, 10, &n);
    assert_int_equal(n, 1);
    assert_int_equal(log[0].event_id, event_id);
    assert_int_equal(log[0].state, WEBHOOK_DELIVERED);
    assert_text(log[0].why, "HTTP 200");
}

static void failures_are_tried_again_until_dead(void **state) {
    struct ctx *c = webhook_fixture(state);
    struct str secret;
    int64_t id = create(c, &secret);
    event_commit(c, "lead.created", 12);
    fan_out(c);
    receiver.status = 500;
    int tries = 0;
    size_t n;
    while (webhook_deliveries(c, id, 10, &n)->state == WEBHOOK_PENDING && tries < 50) {
        tries += (int)deliver(c);
        c->now_ms += 8 * (int64_t)MS_HOUR;
    }
    assert_int_equal(tries, webhook_outbox_kinds[0].attempts);
    const struct webhook_delivery *log = webhook_deliveries(c, id, 10, &n);
    assert_int_equal(log[0].state, WEBHOOK_DEAD);
    assert_text(log[0].why, "HTTP 500: ok");
    assert_int_equal(webhook_list(c, &n)->failures, 1);
    receiver.status = 204;
    outbox_resend(c, log[0].outbox_id);
    assert_int_equal(deliver(c), 1);
    assert_int_equal(webhook_list(c, &n)->failures, 0);
    /* The id a receiver remembers is the same in every try. */
    assert_true(str_starts(str_from(receiver.id), str_format(c->arena, "%lld:", (long long)id)));
}

static void both_secrets_sign_after_a_rotation(void **state) {
    struct ctx *c = webhook_fixture(state);
    struct str old;
    int64_t id = create(c, &old);
    db_begin(c);
    struct str new = webhook_rotate(c, id);
    db_commit(c);
    assert_ok(c);
    assert_false(str_equal(old, new));
    event_commit(c, "lead.created", 12);
    fan_out(c);
    assert_int_equal(deliver(c), 1);
    struct str rest = str_from(receiver.signature), first, second;
    assert_true(str_cut(&rest, ' ', &first));
    assert_true(str_cut(&rest, ' ', &second));
    assert_true(signature_good(c, new, first));
    assert_true(signature_good(c, old, second));
    c->now_ms += MS_DAY;
    event_commit(c, "lead.created", 12);
    fan_out(c);
    assert_int_equal(deliver(c), 1);
    assert_true(signature_good(c, new, str_from(receiver.signature)));
}

static void history_and_switched_off_are_not_told(void **state) {
    struct ctx *c = webhook_fixture(state);
    struct str secret;
    int64_t id = create(c, &secret);
    c->origin = ORIGIN_IMPORT;
    event_commit(c, "lead.created", 1);
    c->origin = ORIGIN_LIVE;
    fan_out(c);
    assert_int_equal(deliver(c), 0);
    event_commit(c, "lead.created", 2);
    fan_out(c);
    struct webhook_draft draft = draft_of(c);
    draft.enabled = false;
    db_begin(c);
    webhook_change(c, id, &draft);
    db_commit(c);
    event_commit(c, "lead.created", 3);
    fan_out(c);
    assert_int_equal(deliver(c), 1); /* was queued before, ends as dead */
    assert_int_equal(atomic_load(&receiver.requests), 0);
    db_begin(c);
    webhook_remove(c, id);
    webhook_remove(c, id);
    assert_error(c, ERROR_ABSENT);
    db_rollback(c->db);
}

static void private_receivers_are_refused(void **state) {
    struct ctx *c = webhook_fixture(state);
    struct str secret;
    create(c, &secret);
    client_allow_private((struct str){NULL, 0});
    event_commit(c, "lead.created", 1);
    fan_out(c);
    assert_int_equal(deliver(c), 1);
    assert_int_equal(atomic_load(&receiver.requests), 0);
    assert_text(DB_TEXT(c, "SELECT why FROM outbox"), "the address is not public");
    assert_int_equal(DB_INT(c, "SELECT state FROM outbox"), WEBHOOK_DEAD);
    struct webhook_draft draft = draft_of(c);
    draft.name = STR("");
    draft.types = json_parse(c, STR("[\"Lead!\"]"));
    webhook_create(c, &draft, &secret);
    assert_string_equal(c->error.fields->text, "webhook.name");
    assert_string_equal(c->error.fields->next->text, "webhook.url");
    assert_string_equal(c->error.fields->next->next->text, "webhook.types");
    assert_error(c, ERROR_INVALID);
}

static void a_period_is_replayed(void **state) {
    struct ctx *c = webhook_fixture(state);
    int64_t before = event_commit(c, "lead.created", 1);
    usleep(2000);
    int64_t first = event_commit(c, "lead.created", 2);
    event_commit(c, "task.created", 2);
    c->origin = ORIGIN_IMPORT;
    event_commit(c, "lead.created", 3);
    c->origin = ORIGIN_LIVE;
    event_commit(c, "lead.updated", 4);
    usleep(2000);
    event_commit(c, "lead.updated", 5);
    int64_t to = id_time(DB_INT(c, "SELECT max(id) FROM event"));
    struct str secret;
    int64_t id = create(c, &secret);
    assert_true(id_time(before) < id_time(first));
    db_begin(c);
    assert_int_equal(webhook_replay(c, id, id_time(first), to), 2);
    assert_int_equal(webhook_replay(c, id, to + MS_DAY, to + 2 * MS_DAY), 0);
    assert_int_equal(webhook_replay(c, id, 0, id_time(before)), 0);
    db_commit(c);
    assert_ok(c);
    c->now_ms += 1;
    db_begin(c);
    assert_int_equal(webhook_replay(c, id, id_time(first), to), 2);
    webhook_replay(c, id + 1, 0, to);
    assert_error(c, ERROR_ABSENT);
    db_commit(c);
    assert_int_equal(deliver(c), 4);
    assert_int_equal(atomic_load(&receiver.requests), 4);
}

static int receiver_start(void **state) {
    (void)state;
    receiver.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, receive,
                                       &receiver, MHD_OPTION_END);
    assert_non_null(receiver.daemon);
    receiver.port = MHD_get_daemon_info(receiver.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return 0;
}

static int receiver_stop(void **state) {
    (void)state;
    MHD_stop_daemon(receiver.daemon);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_vector_is_signed_alike),
        ON_BOTH(subscribed_events_are_delivered_and_signed),
        ON_BOTH(failures_are_tried_again_until_dead),
        ON_BOTH(both_secrets_sign_after_a_rotation),
        ON_BOTH(history_and_switched_off_are_not_told),
        ON_BOTH(private_receivers_are_refused),
        ON_BOTH(a_period_is_replayed),
    };
    return cmocka_run_group_tests(tests, receiver_start, receiver_stop);
}
