/*
 * The guard of client.c for calls that are not HTTP: a connection to a mail server goes through the
 * same door, under the same list of hosts that may be private. Handles are libcurl's.
 */
#ifndef GUANTONG_HTTP_CLIENT_GUARD_H
#define GUANTONG_HTTP_CLIENT_GUARD_H

#include "base/str.h"

struct client_guard {
    bool allowed; /* the host may be private */
    bool refused; /* the guard closed the door */
    bool opened;  /* at least one address was let through */
};

/* The thread's handle with its open connections, options as new; NULL when there is none. */
void *client_handle(void);
/* Whether a host, as written, may be called; sets g->allowed. */
bool client_host_open(struct arena *a, struct str host, struct client_guard *g);
/* Only these protocols ("smtp,smtps"), verified certificates, no proxy, and only to addresses the
 * guard lets through. g lives until the call has ended. */
void client_guard_set(void *handle, struct client_guard *g, const char *protocols);

#endif
