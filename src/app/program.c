#include "app/program.h"

#include <stdio.h>

#include "api/api.h"
#include "app/live.h"
#include "app/mailbox_runner.h"
#include "app/mailbox_watch.h"
#include "app/node.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "connector/mail.h"
#include "connector/secret_box.h"
#include "connector/webhook.h"
#include "customer/correspondence.h"
#include "customer/file.h"
#include "data/import_runner.h"
#include "db/file_store.h"
#include "db/migration.h"
#include "db/news.h"
#include "db/writer.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "entity/schema.h"
#include "entity/search.h"
#include "event/behaviour.h"
#include "event/event.h"
#include "event/outbox.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "http/client.h"
#include "marketing/mail.h"
#include "organization/audit_batch.h"
#include "organization/audit_sealer.h"
#include "organization/company.h"
#include "organization/role.h"
#include "sales/script.h"

enum { REACTOR_BUDGET_MS = 20, WRITER_THREADS = 3, INLINE_BUDGET_MS = 30 };
enum { HEADER_SECONDS = 10, BODY_SECONDS = 60, HANDLER_SECONDS = 60, CLIENT_CONNECTIONS = 256 };

static int64_t actor_user(const struct actor *actor) {
    return actor ? actor->user_id : 0;
}

static bool part_silent(struct ctx *c, const void *part) {
    const char *cloud = modules_cloud(part);
    return cloud && !company_cloud_on(c, str_from(cloud));
}

bool program_prepare(struct program *p) {
    if (!crypto_start()) {
        fputs("guantong: no source of randomness\n", stderr);
        return false;
    }
    if (p->settings.node >= 0) {
        id_node((unsigned)p->settings.node);
    }
    log_set_level(p->settings.log_level);
    api_session_hours(p->settings.session_hours);
    api_requests_per_minute((int)p->settings.requests_per_minute);
    api_cookie_secure(str_starts(p->settings.base_url, STR("https://")));
    client_allow_private(p->settings.private_hosts);
    file_store_open(p->settings.files.n ? p->settings.files : STR("."));
    dns_server(p->settings.dns);
    p->contents = modules_register();
    correspondence_refusal_from(mail_suppression_refusal);
    condition_zone_register(company_zone);
    behaviour_zone_from(company_zone);
    api_routes(p->contents->routes, modules_cloud);
    event_actor_from(actor_user);
    event_silence_from(part_silent);
    if (p->settings.secret_key_file.n) {
        static struct secret_key key;
        if (!secret_key_load(str_to_c(&p->arena, p->settings.secret_key_file), &key)) {
            fputs("guantong: the secret key file cannot be read or made\n", stderr);
            return false;
        }
        webhook_secret_key(&key);
        secret_box_key(&key);
        mail_start(&key, p->settings.base_url);
        audit_key_set(&key);
    }
    pthread_mutex_init(&p->waking, NULL);
    p->context = program_context(p);
    return true;
}

struct ctx program_context(struct program *p) {
    return (struct ctx){.arena = &p->arena,
                        .now_ms = clock_now_ms(),
                        .actor = &actor_system,
                        .model = model_standard()};
}

void program_prepare_context(struct ctx *c) {
    if (c->db) {
        c->model = model_current(c);
    }
}

/* What follows the platform's own tables; makes records. */
static void bring_up(struct ctx *c, const struct contents *contents) {
    db_begin(c);
    c->model = model_current(c);
    schema_apply(c, c->model);
    role_seed(c, c->model);
    reactor_register(c, contents->reactors);
    event_upkeep_start(c);
    file_upkeep_start(c);
    search_refresh(c);
    script_seed(c);
    db_commit(c);
}

void program_migrate(struct ctx *c, const struct contents *contents) {
    migration_apply(c, contents->migrations, contents->n_migrations);
    bring_up(c, contents);
}

bool program_open(struct program *p, struct ctx *c, enum db_mode mode, int64_t span_ms) {
    c->db = db_open(c, p->settings.db, mode);
    if (!c->db) {
        return false;
    }
    migration_apply(c, p->contents->migrations, p->contents->n_migrations);
    if (p->settings.node < 0) {
        node_borrow(c, span_ms);
    }
    bring_up(c, p->contents);
    return !ctx_failed(c);
}

void program_close(struct program *p, struct ctx *c) {
    if (c->db && p->settings.node < 0) {
        node_return(c);
    }
    if (c->db) {
        db_close(c->db);
        c->db = NULL;
    }
}

static void writer_prepare(struct ctx *c, void *data) {
    (void)data;
    c->actor = c->actor ? c->actor : &actor_system;
    program_prepare_context(c);
}

/* A commit has left something for those who wait in the background. The lock keeps a runner from
 * being woken while it is taken down. */
static void writer_committed(void *data, unsigned news) {
    struct program *p = data;
    pthread_mutex_lock(&p->waking);
    const struct workers *w = &p->workers;
    if (w->reactors && news & (NEWS_EVENTS | NEWS_BEHAVIOUR)) {
        reactor_runner_wake_for(w->reactors, news);
    }
    if (w->live && news & NEWS_EVENTS) {
        live_wake(w->live);
    }
    if (w->timers && news & NEWS_TIMERS) {
        timer_runner_wake(w->timers);
    }
    if (w->outbox && news & NEWS_OUTBOX) {
        outbox_sender_wake(w->outbox);
    }
    if (w->imports && news & NEWS_IMPORTS) {
        import_runner_wake(w->imports);
    }
    pthread_mutex_unlock(&p->waking);
}

struct server_options program_server_options(const struct program *p) {
    const struct settings *s = &p->settings;
    return (struct server_options){.address = s->listen,
                                   .port = (int)s->port,
                                   .network_threads = (int)s->threads,
                                   .slow_threads = (int)s->slow_threads,
                                   .url = s->db,
                                   .writer = p->writer,
                                   .routes = p->contents->routes,
                                   .body_limit = (size_t)s->body_max,
                                   .upload_limit = (size_t)s->import_max,
                                   .header_seconds = HEADER_SECONDS,
                                   .body_seconds = BODY_SECONDS,
                                   .handler_seconds = HANDLER_SECONDS,
                                   .inline_budget_ms = INLINE_BUDGET_MS,
                                   .connections = (int)s->connections_max,
                                   .connections_per_client = CLIENT_CONNECTIONS,
                                   .spool_folder = s->files,
                                   .trust_proxy = s->trusted_proxies.n > 0,
                                   .trusted_proxies = s->trusted_proxies,
                                   .authenticate = api_authenticate,
                                   .prepare = program_prepare_context,
                                   .open = api_open,
                                   .permit = api_permit};
}

/* The number stays ours while the program runs. */
static bool database_ready(struct program *p) {
    struct ctx *c = &p->context;
    bool ready = program_open(p, c, DB_WRITER, NODE_SPAN_MS);
    if (c->db) {
        db_close(c->db);
        c->db = NULL;
    }
    return ready;
}

/* Some write while they start, so nobody is woken before all stand. */
static void start_workers(struct program *p) {
    struct ctx *c = &p->context;
    struct str url = p->settings.db;
    struct reactor_runner_options reacting = {.writer = p->writer,
                                              .url = url,
                                              .reactors = p->contents->reactors,
                                              .prepare = program_prepare_context,
                                              .budget_ms = REACTOR_BUDGET_MS};
    struct server_options serving = program_server_options(p);
    struct workers w = {.reactors = reactor_runner_start(c, &reacting)};
    w.timers = timer_runner_start(c, p->writer, url, p->contents->timers);
    w.outbox = outbox_sender_start(c, p->writer, url, p->contents->outbox);
    w.imports = import_runner_start(c, p->writer, url);
    w.mailboxes = mailbox_runner_start(c, p->writer, url);
    w.mail_watch = mailbox_watch_start(c, p->writer, url);
    w.sealer = audit_sealer_start(c, p->writer, url);
    w.node = p->settings.node < 0 ? node_keeper_start(c, p->writer) : NULL;
    w.server = ctx_failed(c) ? NULL : server_start(c, &serving);
    w.live = w.server ? live_start(c, w.server, url) : NULL;
    pthread_mutex_lock(&p->waking);
    p->workers = w;
    pthread_mutex_unlock(&p->waking);
}

bool program_start(struct program *p) {
    struct ctx *c = &p->context;
    if (!database_ready(p)) {
        return false;
    }
    p->writer = writer_start(c, &(struct writer_options){.url = p->settings.db,
                                                         .threads = WRITER_THREADS,
                                                         .batch = (int)p->settings.writer_batch,
                                                         .prepare = writer_prepare,
                                                         .committed = writer_committed,
                                                         .data = p});
    if (!p->writer) {
        return false;
    }
    start_workers(p);
    return !ctx_failed(c);
}

/* From here on nobody wakes them. */
static struct workers take_down(struct program *p) {
    pthread_mutex_lock(&p->waking);
    struct workers running = p->workers;
    p->workers = (struct workers){0};
    pthread_mutex_unlock(&p->waking);
    return running;
}

void program_stop(struct program *p) {
    struct workers running = take_down(p);
    if (running.live) {
        live_stop(running.live);
    }
    if (running.server) {
        server_stop(running.server);
    }
    if (running.imports) {
        import_runner_stop(running.imports);
    }
    if (running.mail_watch) {
        mailbox_watch_stop(running.mail_watch);
    }
    if (running.mailboxes) {
        mailbox_runner_stop(running.mailboxes);
    }
    if (running.outbox) {
        outbox_sender_stop(running.outbox);
    }
    if (running.timers) {
        timer_runner_stop(running.timers);
    }
    if (running.reactors) {
        reactor_runner_stop(running.reactors);
    }
    if (running.sealer) {
        audit_sealer_stop(running.sealer);
    }
    if (running.node) {
        node_keeper_stop(running.node);
    }
    if (p->writer) {
        writer_stop(p->writer);
        struct ctx c = program_context(p);
        c.db = db_open(&c, p->settings.db, DB_WRITER);
        program_close(p, &c);
    }
}

void program_transaction(struct program *p, struct ctx *c, void (*fn)(struct ctx *c, void *data),
                         void *data) {
    *c = program_context(p);
    if (program_open(p, c, DB_WRITER, MS_DAY)) {
        db_begin(c);
        program_prepare_context(c);
        fn(c, data);
        db_commit(c);
    }
    program_close(p, c);
}

void program_complain(const struct ctx *c) {
    struct arena a;
    arena_init(&a);
    struct str words = *c->error.internal ? str_from(c->error.internal)
                                          : message_error(&a, LANGUAGE_EN, &c->error);
    fprintf(stderr, "guantong: %.*s\n", STR_ARG(str_trim(words)));
    for (const struct field_error *f = c->error.fields; f; f = f->next) {
        struct str why = message_format(&a, LANGUAGE_EN, f->text, f->parameters, ERROR_PARAMETERS);
        fprintf(stderr, "  %.*s: %.*s\n", STR_ARG(f->pointer), STR_ARG(why));
    }
    arena_free(&a);
}
