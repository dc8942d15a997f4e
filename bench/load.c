#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 16 * 1024, SINK = 64 * 1024 };
#define SECOND_NS 1000000000.0

struct link {
    int fd, index;
    bool busy;
    int64_t due_ns;
    char head[HEAD]; /* of the reply, as far as it arrived */
    size_t n_head;
    int64_t body_left; /* -1 while the head arrives */
    int status;
};

struct run {
    const struct load *load;
    struct link *links;
    int *idle;
    int n_idle;
    int epoll, timer;
    int64_t began_ns, next; /* next: number of the next request */
    int64_t end_ns;
    float *latencies; /* ms */
    size_t n_latencies, capacity;
    struct load_result result;
};

static int64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static _Noreturn void give_up(const char *why) {
    fprintf(stderr, "load: %s: %s\n", why, strerror(errno));
    exit(EXIT_FAILURE);
}

static void latency_add(struct run *r, int64_t ns) {
    if (r->n_latencies == r->capacity) {
        r->capacity = r->capacity ? r->capacity * 2 : 65536;
        r->latencies = realloc(r->latencies, r->capacity * sizeof *r->latencies);
        if (!r->latencies) {
            give_up("memory");
        }
    }
    r->latencies[r->n_latencies++] = (float)(ns / 1e6);
}

static void link_open(struct run *r, struct link *k) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)r->load->port)};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    k->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (k->fd < 0 || connect(k->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        give_up("connect");
    }
    setsockopt(k->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = k};
    if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, k->fd, &event) != 0) {
        give_up("epoll");
    }
}

/* Requests are small, so the socket's buffer takes one whole. */
static void link_send(struct run *r, struct link *k, int64_t due_ns) {
    char text[LOAD_REQUEST];
    size_t n = r->load->write(r->load->data, r->next++, k->index, text);
    k->busy = true;
    k->due_ns = due_ns;
    k->n_head = 0;
    k->body_left = -1;
    if (send(k->fd, text, n, MSG_NOSIGNAL) != (ssize_t)n) {
        give_up("send");
    }
}

static int64_t content_length(const char *head) {
    const char *line = strcasestr(head, "\r\ncontent-length:");
    if (!line && strstr(head, " 204 ")) {
        return 0;
    }
    if (!line) {
        errno = EPROTO;
        give_up("a reply without its length");
    }
    return strtoll(line + strlen("\r\ncontent-length:"), NULL, 10);
}

/* Take in what arrived; true when the reply is whole. */
static bool link_receive(struct run *r, struct link *k) {
    static _Thread_local char sink[SINK];
    bool in_head = k->body_left < 0;
    char *to = in_head ? k->head + k->n_head : sink;
    size_t room = in_head ? HEAD - 1 - k->n_head : SINK;
    ssize_t n = recv(k->fd, to, room, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    if (n <= 0) {
        give_up("the server closed a connection");
    }
    r->result.bytes += n;
    if (!in_head) {
        k->body_left -= n;
        return k->body_left <= 0;
    }
    k->n_head += (size_t)n;
    k->head[k->n_head] = '\0';
    char *end = strstr(k->head, "\r\n\r\n");
    if (!end) {
        return false;
    }
    k->status = k->n_head > 12 ? (int)strtol(k->head + 9, NULL, 10) : 0;
    size_t body = k->n_head - (size_t)(end + 4 - k->head);
    end[2] = '\0';
    k->body_left = content_length(k->head) - (int64_t)body;
    return k->body_left <= 0;
}

static void answered(struct run *r, struct link *k, int64_t at_ns) {
    k->busy = false;
    r->result.answered += k->status / 100 == 2;
    r->result.refused += k->status / 100 != 2;
    latency_add(r, at_ns - k->due_ns);
}

static bool over(const struct run *r, int64_t at_ns) {
    return at_ns >= r->end_ns || (r->load->stop && atomic_load(r->load->stop));
}

static int64_t due_of(const struct run *r, int64_t i) {
    return r->began_ns + (int64_t)((double)i * SECOND_NS / r->load->rate);
}

/* Send what has fallen due, as long as connections are free, and be woken for the next. */
static void send_due(struct run *r) {
    int64_t at = now_ns(CLOCK_MONOTONIC);
    while (r->n_idle && due_of(r, r->next) <= at && due_of(r, r->next) < r->end_ns) {
        int64_t due = due_of(r, r->next);
        link_send(r, &r->links[r->idle[--r->n_idle]], due);
    }
    int64_t next = r->n_idle ? due_of(r, r->next) : 0; /* 0: an answer comes first */
    struct itimerspec when = {.it_value = {next / 1000000000, next % 1000000000}};
    timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void arrived(struct run *r, struct link *k) {
    if (!k->busy) {
        errno = EPROTO;
        give_up("bytes nobody asked for");
    }
    if (!link_receive(r, k)) {
        return;
    }
    int64_t at = now_ns(CLOCK_MONOTONIC);
    answered(r, k, at);
    if (r->load->rate > 0) {
        r->idle[r->n_idle++] = k->index;
    } else if (!over(r, at)) {
        link_send(r, k, at);
    }
}

/* Until the time is over and all are answered. */
static void loop(struct run *r) {
    struct epoll_event events[LOAD_CONNECTIONS];
    for (;;) {
        int busy = 0;
        for (int i = 0; i < r->load->connections; i++) {
            busy += r->links[i].busy;
        }
        bool ended = over(r, now_ns(CLOCK_MONOTONIC));
        if (ended && !busy) {
            return;
        }
        if (r->load->rate > 0 && !ended) {
            send_due(r);
        }
        int n = epoll_wait(r->epoll, events, LOAD_CONNECTIONS, 100);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) {
                arrived(r, events[i].data.ptr);
            } else {
                uint64_t times;
                (void)!read(r->timer, &times, sizeof times);
            }
        }
    }
}

static void links_open(struct run *r) {
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->timer, &event);
    for (int i = 0; i < r->load->connections; i++) {
        r->links[i].index = i;
        link_open(r, &r->links[i]);
    }
}

/* Every connection answers once, unmeasured. */
static void warm(struct run *r) {
    r->end_ns = 0;
    for (int i = 0; i < r->load->connections; i++) {
        link_send(r, &r->links[i], 0);
    }
    struct epoll_event events[LOAD_CONNECTIONS];
    for (int left = r->load->connections; left;) {
        int n = epoll_wait(r->epoll, events, LOAD_CONNECTIONS, -1);
        for (int i = 0; i < n; i++) {
            struct link *k = events[i].data.ptr;
            if (k && link_receive(r, k)) {
                k->busy = false;
                left--;
            }
        }
    }
}

/* Latency is the server's alone when who asks need not wait for a processor. Where that is not
 * permitted it is measured with the waiting. */
static void hurry(bool on) {
    struct sched_param p = {.sched_priority = on ? 1 : 0};
    pthread_setschedparam(pthread_self(), on ? SCHED_FIFO : SCHED_OTHER, &p);
}

static void measure(struct run *r) {
    struct load_result none = {0};
    r->result = none;
    r->next = 0;
    r->began_ns = now_ns(CLOCK_MONOTONIC);
    r->end_ns = r->began_ns + (int64_t)(r->load->seconds * SECOND_NS);
    int64_t worked = now_ns(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < r->load->connections; i++) {
        if (r->load->rate > 0) {
            r->idle[r->n_idle++] = i;
        } else {
            link_send(r, &r->links[i], r->began_ns);
        }
    }
    hurry(r->load->rate > 0);
    loop(r);
    hurry(false);
    double seconds = (now_ns(CLOCK_MONOTONIC) - r->began_ns) / SECOND_NS;
    int64_t all = r->result.answered + r->result.refused;
    r->result.per_second = (double)r->result.answered / seconds;
    r->result.cpu_us = (double)(now_ns(CLOCK_THREAD_CPUTIME_ID) - worked) / 1e3 /
                       (double)(all ? all : 1);
}

static int by_value(const void *x, const void *y) {
    const float *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static double quantile(const struct run *r, double q) {
    return r->n_latencies ? r->latencies[(size_t)((double)(r->n_latencies - 1) * q)] : 0;
}

struct load_result load_run(const struct load *l) {
    struct run r = {.load = l};
    r.links = calloc((size_t)l->connections, sizeof *r.links);
    r.idle = calloc((size_t)l->connections, sizeof *r.idle);
    if (!r.links || !r.idle || l->connections > LOAD_CONNECTIONS) {
        give_up("connections");
    }
    links_open(&r);
    warm(&r);
    measure(&r);
    if (r.n_latencies) {
        qsort(r.latencies, r.n_latencies, sizeof *r.latencies, by_value);
    }
    r.result.p50_ms = quantile(&r, 0.5);
    r.result.p99_ms = quantile(&r, 0.99);
    r.result.p999_ms = quantile(&r, 0.999);
    r.result.most_ms = quantile(&r, 1);
    for (int i = 0; i < l->connections; i++) {
        close(r.links[i].fd);
    }
    close(r.epoll);
    close(r.timer);
    free(r.latencies);
    free(r.links);
    free(r.idle);
    return r.result;
}
