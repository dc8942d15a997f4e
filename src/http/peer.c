#include "http/peer.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { WATCH_MS = 200 };

struct peers {
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    pthread_t watcher;
    struct peer *first;
    int n;
    bool stopping;
};

/* Under the lock, so that the socket cannot be closed and given to another meanwhile. */
static void cut_late(struct peers *p, int64_t now_ns) {
    for (struct peer *peer = p->first; peer; peer = peer->next) {
        int64_t deadline = atomic_load_explicit(&peer->deadline_ns, memory_order_relaxed);
        if (deadline && deadline < now_ns) {
            atomic_store(&peer->deadline_ns, 0);
            shutdown(peer->socket, SHUT_RDWR);
        }
    }
}

static void *watch(void *data) {
    struct peers *p = data;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        cut_late(p, clock_steady_ns());
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WATCH_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&p->stopped, &p->lock, &until);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct peers *peers_start(void) {
    struct peers *p = calloc(1, sizeof *p);
    if (!p) {
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->stopped, NULL);
    if (pthread_create(&p->watcher, NULL, watch, p) != 0) {
        free(p);
        return NULL;
    }
    return p;
}

void peers_stop(struct peers *p) {
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->stopped);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->watcher, NULL);
    while (p->first) {
        peer_close(p, p->first);
    }
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->stopped);
    free(p);
}

static void address_format(int socket, char text[INET6_ADDRSTRLEN]) {
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    if (getpeername(socket, (struct sockaddr *)&address, &n) != 0) {
        return;
    }
    const void *bytes = address.ss_family == AF_INET6
                            ? (const void *)&((struct sockaddr_in6 *)&address)->sin6_addr
                            : (const void *)&((struct sockaddr_in *)&address)->sin_addr;
    inet_ntop(address.ss_family, bytes, text, INET6_ADDRSTRLEN);
}

struct peer *peer_open(struct peers *p, int socket, int seconds) {
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) {
        return NULL;
    }
    peer->socket = socket;
    address_format(socket, peer->address);
    peer_allow(peer, seconds);
    pthread_mutex_lock(&p->lock);
    peer->next = p->first;
    if (p->first) {
        p->first->previous = peer;
    }
    p->first = peer;
    p->n++;
    pthread_mutex_unlock(&p->lock);
    return peer;
}

void peer_close(struct peers *p, struct peer *peer) {
    if (!peer) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    if (peer->previous) {
        peer->previous->next = peer->next;
    } else {
        p->first = peer->next;
    }
    if (peer->next) {
        peer->next->previous = peer->previous;
    }
    p->n--;
    pthread_mutex_unlock(&p->lock);
    free(peer);
}

void peer_allow(struct peer *peer, int64_t seconds) {
    int64_t deadline = seconds ? clock_steady_ns() + seconds * 1000000000 : 0;
    atomic_store_explicit(&peer->deadline_ns, deadline, memory_order_relaxed);
}

void peer_cut(struct peers *p, struct peer *peer) {
    pthread_mutex_lock(&p->lock);
    for (struct peer *open = p->first; open; open = open->next) {
        if (open == peer) {
            shutdown(open->socket, SHUT_RDWR);
            break;
        }
    }
    pthread_mutex_unlock(&p->lock);
}

int peers_count(struct peers *p) {
    pthread_mutex_lock(&p->lock);
    int n = p->n;
    pthread_mutex_unlock(&p->lock);
    return n;
}
