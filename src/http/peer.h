/*
 * Peers: the open connections, and how long each may take for what it is doing.
 *
 * libmicrohttpd's timeout restarts with every byte, so a client that sends one a second holds
 * a connection for ever. Here each connection has one deadline for the whole of what it is
 * at: sending a request's head, its body, receiving the reply. A watcher shuts down the
 * socket of those that are late; libmicrohttpd then closes it.
 */
#ifndef GUANTONG_HTTP_PEER_H
#define GUANTONG_HTTP_PEER_H

#include <netinet/in.h>
#include <stdatomic.h>

#include "base/str.h"

struct peer {
    int socket;
    char address[INET6_ADDRSTRLEN];
    _Atomic int64_t deadline_ns; /* steady; 0 for none */
    struct peer *next, *previous;
};

struct peers;

struct peers *peers_start(void);
void peers_stop(struct peers *p);
/* A connection was opened, with so many seconds for its first request. */
struct peer *peer_open(struct peers *p, int socket, int seconds);
void peer_close(struct peers *p, struct peer *peer);
/* From now on so many seconds for what comes next; 0 for no bound. */
void peer_allow(struct peer *peer, int64_t seconds);
/* Cut the connection, if it is still open, from any thread. */
void peer_cut(struct peers *p, struct peer *peer);
int peers_count(struct peers *p);

#endif
