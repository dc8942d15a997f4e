/*
 * How soon an effect is seen: stream_bench BUILD URL LEADS RATE SECONDS
 *
 * An open loop creates RATE leads a second through HTTP, nobody's yet, on connections opened
 * before; a rule gives each to one of twenty representatives (creates.h), who is told. All
 * twenty follow GET /api/v1/stream. The lag of a lead runs from the moment its create fell due to
 * the arrival of its notification on its owner's stream: waiting for a connection, request,
 * commit, turn of the rules, commit, turn of the notice, commit and feed. It is never less than
 * what is asked for, from the commit of the event to the effect on the stream.
 *
 * On PostgreSQL at up to 300/s, where all is done at the end, it also measures the floor of the
 * same rows through the bare library (floor.h).
 *
 * Fails when a lead is not told of; up to 300/s when the p99 is not below 20 ms; above when the
 * lag grows (lag.h), or more than 100 ms of leads are not told of when the last falls due.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "creates.h"
#include "floor.h"
#include "lag.h"

enum { CONNECTIONS = 64, MOST = 1 << 20, LINE = 16384, PROMPT_RATE = 300, PROMPT_MS = 20 };
enum { WARM_SECONDS = 2, RUN_MEASURED = 4, STEP = 20000 };
enum { TAIL_MS = 100, LAST_WAIT_MS = 10000, READ = 65536 };

struct follower {
    int fd;
    char line[LINE]; /* as far as it arrived */
    size_t n;
};

static struct bench {
    struct creates creates;
    int64_t rate, n, began_ns, first;
    int runs;                         /* of numbers from 0 */
    _Atomic int64_t told_ns[MOST];    /* 0: not yet */
    _Atomic int64_t n_told, n_others; /* those told of before what is measured among these */
    struct follower followers[CREATES_PEOPLE];
    int epoll;
    atomic_bool ended;
} bench;

static _Noreturn void give_up(const char *why) {
    fprintf(stderr, "stream_bench: %s\n", why);
    exit(EXIT_FAILURE);
}

/* The lead's number stands in the words of its notification. */
static void told(const char *line, int64_t at) {
    const char *text = strstr(line, "\"text\":\"");
    for (const char *p = text ? text : ""; *p; p++) {
        if (strspn(p, "0123456789") == CREATES_DIGITS) {
            int64_t i = strtoll(p, NULL, 10) - bench.first;
            if (i >= 0 && i < bench.n && bench.told_ns[i] == 0) {
                bench.told_ns[i] = at;
                bench.n_told++;
            } else {
                bench.n_others++;
            }
            return;
        }
    }
}

static void follow(struct follower *f, int64_t at) {
    static char bytes[READ];
    ssize_t n = recv(f->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n <= 0 && !bench.ended) {
        give_up("a stream has ended");
    }
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] != '\n' && f->n < LINE - 1) {
            f->line[f->n++] = bytes[i];
            continue;
        }
        f->line[f->n] = '\0';
        f->n = 0;
        told(f->line, at);
    }
}

static void *followers_run(void *data) {
    struct epoll_event events[CREATES_PEOPLE];
    (void)data;
    while (!bench.ended) {
        int n = epoll_wait(bench.epoll, events, CREATES_PEOPLE, 100);
        int64_t at = clock_steady_ns();
        for (int i = 0; i < n; i++) {
            follow(events[i].data.ptr, at);
        }
    }
    return NULL;
}

/* As HTTP/1.0, so that the body comes without chunks between. */
static void follower_open(struct follower *f, int port, const char *token) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char text[512], first[LINE];
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int n = snprintf(
        text, sizeof text,
        "GET /api/v1/stream HTTP/1.0\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n", token);
    if (connect(f->fd, (struct sockaddr *)&to, sizeof to) != 0 || send(f->fd, text, n, 0) != n) {
        give_up("no connection for a stream");
    }
    ssize_t got = recv(f->fd, first, sizeof first - 1, 0);
    first[got > 0 ? got : 0] = '\0';
    if (!strstr(first, " 200 ")) {
        give_up("a stream was refused");
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = f};
    epoll_ctl(bench.epoll, EPOLL_CTL_ADD, f->fd, &event);
}

/* load_run sends one on each connection to warm it, then counts from 0 again. Only the second run
 * is measured. */
static size_t lead_write(void *data, int64_t i, int connection, char text[LOAD_REQUEST]) {
    bench.runs += i == 0;
    if (i == 0 && bench.runs == RUN_MEASURED) {
        bench.began_ns = clock_steady_ns();
        bench.creates.first = bench.first;
    } else if (i == 0) {
        bench.creates.first += STEP;
    }
    return creates_write(data, i, connection, text);
}

static int64_t due_ns(int64_t i) {
    return bench.began_ns + i * 1000000000 / bench.rate;
}

/* Of each second, and of all; lags of those told of in the order they fell due. */
static size_t report(int64_t *lags) {
    size_t n = 0, second = 0;
    for (int64_t i = 0; i < bench.n; i++) {
        if (bench.told_ns[i]) {
            lags[n++] = bench.told_ns[i] - due_ns(i);
        }
        if ((i + 1) % bench.rate == 0 && n > second) {
            printf("  second %2lld: median %7.2f ms, p99 %7.2f ms\n",
                   (long long)((i + 1) / bench.rate), lag_quantile(lags + second, n - second, 0.5),
                   lag_quantile(lags + second, n - second, 0.99));
            second = n;
        }
    }
    return n;
}

/* How many fell due but were not told of when the last fell due. */
static int64_t behind_at_end(void) {
    int64_t behind = 0;
    for (int64_t i = 0; i < bench.n; i++) {
        behind += !bench.told_ns[i] || bench.told_ns[i] > due_ns(bench.n - 1);
    }
    return behind;
}

static bool judge(const struct load_result *sent) {
    int64_t *lags = calloc((size_t)bench.n, sizeof *lags);
    size_t n = lags ? report(lags) : 0;
    if (n < 3) {
        printf("refused %lld of %lld; %lld notifications came, of other leads; runs %d\n",
               (long long)sent->refused, (long long)bench.n, (long long)bench.n_others, bench.runs);
        give_up("nobody was told of anything");
    }
    double p99 = lag_quantile(lags, n, 0.99), growth = lag_growth(lags, n);
    int64_t behind = behind_at_end();
    printf("%lld leads at %lld/s: create p50 %.2f ms, p99 %.2f ms; told p50 %.2f ms, p99 %.2f ms, "
           "p99.9 %.2f ms, most %.2f ms\n",
           (long long)bench.n, (long long)bench.rate, sent->p50_ms, sent->p99_ms,
           lag_quantile(lags, n, 0.5), p99, lag_quantile(lags, n, 0.999), lag_quantile(lags, n, 1));
    /* What falls due while all connections wait is not asked for any more when the time is over. */
    printf("not told %lld, not asked for %lld, refused %lld; lag of the last third over the first "
           "%+.2f ms; %lld behind at the end\n",
           (long long)sent->answered - (long long)n,
           (long long)(bench.n - sent->answered - sent->refused), (long long)sent->refused, growth,
           (long long)behind);
    free(lags);
    bool all = (int64_t)n == bench.n && sent->refused == 0;
    bool steady = growth <= LAG_GROWTH_MS && behind * 1000 <= bench.rate * TAIL_MS;
    return all && (bench.rate <= PROMPT_RATE ? p99 < PROMPT_MS : steady);
}

static bool measure(double seconds) {
    struct child program = creates_serve(&bench.creates, 64);
    pthread_t following;
    bench.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < CREATES_PEOPLE; i++) {
        follower_open(&bench.followers[i], program.port, bench.creates.people[i]);
    }
    pthread_create(&following, NULL, followers_run, NULL);
    struct load load = {.port = program.port,
                        .connections = CONNECTIONS,
                        .seconds = WARM_SECONDS,
                        .rate = (double)bench.rate,
                        .write = lead_write,
                        .data = &bench.creates};
    bench.first = bench.creates.first + RUN_MEASURED * STEP;
    load_run(&load); /* its caches, and the first look into the dictionaries */
    load.seconds = seconds;
    struct load_result sent = load_run(&load);
    for (int i = 0; i < LAST_WAIT_MS && bench.n_told < bench.n; i++) {
        usleep(1000);
    }
    bench.ended = true;
    pthread_join(following, NULL);
    child_stop(&program);
    return judge(&sent);
}

int main(int argc, char **argv) {
    int64_t seconds = argc == 6 ? strtoll(argv[5], NULL, 10) : 0;
    bench.rate = argc == 6 ? strtoll(argv[4], NULL, 10) : 0;
    bench.n = bench.rate * seconds;
    if (bench.n < 1 || bench.n > MOST) {
        fputs("usage: stream_bench BUILD URL LEADS RATE SECONDS\n", stderr);
        return 2;
    }
    creates_open(&bench.creates, argv[1], argv[2], strtoll(argv[3], NULL, 10));
    bench.creates.token = creates_keep(
        company_token(&bench.creates.company, COMPANY_ADMINISTRATOR));
    bench.creates.unowned = true;
    company_close(&bench.creates.company);
    int64_t mark = bench.rate <= PROMPT_RATE ? floor_mark(argv[2]) : 0;
    bool met = measure((double)seconds);
    floor_measure(argv[2], mark);
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
