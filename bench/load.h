/*
 * A load generator: keep-alive connections to 127.0.0.1 on one thread.
 *
 * Closed loop (rate 0): each connection sends its next request when the last was answered; what
 * it measures is throughput. Open loop: requests fall due at a fixed rate whatever becomes of
 * those before, wait for a free connection when there is none, and their latency counts
 * from when they fell due. Connections are opened, and have answered once, before the
 * clock starts.
 */
#ifndef GUANTONG_BENCH_LOAD_H
#define GUANTONG_BENCH_LOAD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_REQUEST = 4096, LOAD_CONNECTIONS = 256 };

struct load {
    int port;
    int connections;
    double seconds;
    double rate; /* requests a second; 0: closed loop */
    /* Write the i-th request, head and body, of that connection; its length. */
    size_t (*write)(void *data, int64_t i, int connection, char text[LOAD_REQUEST]);
    void *data;
    _Atomic int *stop; /* ends the run early when it is not 0; may be NULL */
};

struct load_result {
    int64_t answered, refused; /* with a status 2xx; with another */
    int64_t bytes;             /* of the replies */
    double per_second;         /* answered */
    double p50_ms, p99_ms, p999_ms, most_ms;
    double cpu_us; /* processor time of this thread a request */
};

/* Run it. What cannot be gone on with (no connection, a broken reply) ends the process with
 * a message. */
struct load_result load_run(const struct load *l);

#endif
