/* guantong serve, guantong version. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "app/command.h"
#include "base/log.h"
#include "db/db.h"

/* Block the signals that end the program in all threads started from here on. */
static void signals_block(sigset_t *ending) {
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(ending);
    sigaddset(ending, SIGTERM);
    sigaddset(ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, ending, NULL);
}

/* The allocator would give what a request frees back to the system, and have it page by page for
 * the next: a list cost up to half as much again. Half a megabyte of each pool stays. */
static void memory_keep(void) {
    enum { KEPT = 1 << 19 };
    mallopt(M_TRIM_THRESHOLD, KEPT);
    mallopt(M_MMAP_THRESHOLD, KEPT);
}

static void say_address(const struct program *p) {
    int port = server_port(p->workers.server);
    LOG(LOG_INFO, "server.started", {"address", p->settings.listen}, {"port", .number = port});
    printf("Guantong is at http://%.*s:%d\n", STR_ARG(p->settings.listen), port);
    fflush(stdout);
}

/* Nobody could log in. */
static bool without_users(struct program *p) {
    struct ctx c = program_context(p);
    c.db = db_open(&c, p->settings.db, DB_READER);
    bool none = c.db && !DB_INT(&c, "SELECT id FROM \"user\" LIMIT 1") && !ctx_failed(&c);
    if (c.db) {
        db_close(c.db);
    }
    return none;
}

int command_serve(struct program *p) {
    sigset_t ending;
    int signal_number = 0;
    signals_block(&ending);
    memory_keep();
    if (!program_start(p)) {
        program_complain(&p->context);
        program_stop(p);
        return 1;
    }
    say_address(p);
    if (without_users(p)) {
        puts("There are no users yet: guantong init makes the first, also while this runs.");
        fflush(stdout);
    }
    sigwait(&ending, &signal_number);
    LOG(LOG_INFO, "server.stopping", {"signal", .number = signal_number});
    program_stop(p);
    LOG(LOG_INFO, "server.stopped");
    return 0;
}

int command_version(struct program *p) {
    (void)p;
    puts("guantong " GUANTONG_VERSION);
    return 0;
}
