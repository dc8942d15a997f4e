/*
 * The running program: settings, database, threads, server, put together and taken apart.
 *
 * Start: migrate under a lock, borrow a node number, then writer, reactors, timers, outbox senders,
 * server. Stop (SIGTERM, SIGINT): the live feed ends, the server drains, then the runners stop,
 * then the writer finishes what waits, and the node number is given back.
 */
#ifndef GUANTONG_APP_PROGRAM_H
#define GUANTONG_APP_PROGRAM_H

#include <pthread.h>

#include "app/modules.h"
#include "base/settings.h"
#include "db/db.h"
#include "http/server.h"

/* The threads that work in the background. */
struct workers {
    struct reactor_runner *reactors;
    struct timer_runner *timers;
    struct outbox_sender *outbox;
    struct import_runner *imports;
    struct mailbox_runner *mailboxes;
    struct mailbox_watch *mail_watch;
    struct audit_sealer *sealer;
    struct node_keeper *node;
    struct server *server;
    struct live *live;
};

struct program {
    struct settings settings;
    struct arena arena; /* lives as long as the program */
    const struct contents *contents;
    struct ctx context; /* of the starting thread */
    struct writer *writer;
    struct workers workers;
    pthread_mutex_t waking; /* held while the workers are woken, started or taken down */
};

/* Register modules, crypto, texts. False with a message on standard error. */
bool program_prepare(struct program *p);

/* A context that works on a connection of its own, as the system, at the present time. */
struct ctx program_context(struct program *p);

/* Bring the database up to this program: migrations, tables of record types, roles. */
void program_migrate(struct ctx *c, const struct contents *contents);

/* What each unit of work needs besides a connection: the model. */
void program_prepare_context(struct ctx *c);

/* Open the database in c, upgraded, with a node number of this process's own for a span; closed by
 * program_close whatever comes of it. False with the error in c. */
bool program_open(struct program *p, struct ctx *c, enum db_mode mode, int64_t span_ms);
void program_close(struct program *p, struct ctx *c);

/* Everything that runs; false with the error in p->context. */
bool program_start(struct program *p);
void program_stop(struct program *p);

/* Server options for the settings; tests dispatch through them without a socket. */
struct server_options program_server_options(const struct program *p);

/* Run fn in one transaction of a connection opened for it, as the system: command line. The
 * error stays in *c. */
void program_transaction(struct program *p, struct ctx *c, void (*fn)(struct ctx *c, void *data),
                         void *data);

/* Say the context's error to the operator on standard error. */
void program_complain(const struct ctx *c);

#endif
