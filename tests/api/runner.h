/* A scenario running: in one transaction after another without a socket, or over a real one. */
#ifndef GUANTONG_TESTS_API_RUNNER_H
#define GUANTONG_TESTS_API_RUNNER_H

#include <stdio.h>

#include "case.h"
#include "composition.h"
#include "db/writer.h"

enum { CREDENTIALS = 32, RUN_WRITERS = 2 /* threads of the writer, on PostgreSQL */ };

struct overload;

struct run {
    const struct composition *composition;
    struct server_options options; /* with url, and the writer over a socket */
    struct arena arena;
    struct captures captures;
    struct db *db; /* without a socket: the one connection */
    int64_t now_ms;
    struct writer *writer; /* over a socket */
    struct server *server;
    bool stopping;
    struct overload *overload; /* what keeps it busy; NULL as a rule */
    int times;                 /* the next request is made so often */
    bool inject;              /* without a socket: fail every database call of every request once */
    bool denied;              /* without a socket: let others try first, who may not */
    struct header credential; /* of the user in force */
    struct header stranger;   /* of the user without a role */
    struct {
        struct str user;
        struct header header;
    } credentials[CREDENTIALS];
    int n_credentials;
    struct str may; /* roles that may make the next request after all */
    FILE *record;   /* where what is asked and answered goes; NULL as a rule */
    char why[4096]; /* the failure */
};

/* Monday 2026-11-23 10:00 in Shanghai: when every scenario begins. */
#define RUN_BEGINS_MS INT64_C(1795399200000)

/* Begin on a database; false with run->why. */
bool run_begin(struct run *run);
/* Do a step; false with run->why. */
bool run_step(struct run *run, const struct step *s);
/* Whether every event the scenario left behind is of a type that can be chosen. */
bool run_events_declared(struct run *run);
void run_end(struct run *run);

/* For what tries a step in other ways. False, with run->why. */
bool run_fail(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The step made by somebody else, without a socket and without using up anybody's rate;
 * *changed: something in the database is not as it was. */
struct reply run_ask_as(struct run *run, struct ctx *c, const struct step *s,
                        struct header credential, bool *changed);

/* wire.c: a request over a socket. -1 when nobody takes the connection. */
int wire_connect(int port);
/* The server is asked to close after its answer. */
void wire_send(struct arena *a, int fd, const struct step *s, const struct header *headers,
               int n_headers);
/* All until the server closes, and close; status 0 when there is no answer. */
struct reply wire_receive(struct arena *a, int fd);

#endif
