#include "http/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "db/writer.h"

enum { LANES = 4, STATUS_CLASSES = 6, BUCKETS = 12, GAUGES = 64 };

static const char *const lane_names[LANES] = {"none", "inline", "slow", "writer"};
/* Upper bounds, µs. */
static const int64_t bounds[BUCKETS] = {250,   500,   1000,   2500,   5000,    10000,
                                        25000, 50000, 100000, 500000, 2500000, 10000000};

struct histogram {
    _Atomic uint64_t buckets[BUCKETS + 1];
    _Atomic uint64_t sum_us, n;
};

struct metrics {
    _Atomic uint64_t requests[LANES][STATUS_CLASSES];
    _Atomic uint64_t limited, overloaded; /* answered 429, 503 */
    struct histogram latency[LANES];
    pthread_mutex_t lock;
    struct gauge gauges[GAUGES];
    int n_gauges;
};

struct metrics *metrics_new(void) {
    struct metrics *m = calloc(1, sizeof *m);
    if (m) {
        pthread_mutex_init(&m->lock, NULL);
    }
    return m;
}

void metrics_free(struct metrics *m) {
    if (m) {
        pthread_mutex_destroy(&m->lock);
        free(m);
    }
}

static void count(_Atomic uint64_t *counter, uint64_t n) {
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void metrics_request(struct metrics *m, int lane, int status, int64_t duration_ns) {
    int class = status / 100;
    int64_t us = duration_ns / 1000;
    int i = 0;
    while (i < BUCKETS && us > bounds[i]) {
        i++;
    }
    count(&m->requests[lane][class < STATUS_CLASSES ? class : 0], 1);
    if (status == 429 || status == 503) {
        count(status == 429 ? &m->limited : &m->overloaded, 1);
    }
    count(&m->latency[lane].buckets[i], 1);
    count(&m->latency[lane].sum_us, (uint64_t)us);
    count(&m->latency[lane].n, 1);
}

void metrics_add_gauge(struct metrics *m, const struct gauge *g) {
    pthread_mutex_lock(&m->lock);
    if (m->n_gauges < GAUGES) {
        m->gauges[m->n_gauges++] = *g;
    }
    pthread_mutex_unlock(&m->lock);
}

static unsigned long long value_of(_Atomic uint64_t *counter) {
    return (unsigned long long)atomic_load_explicit(counter, memory_order_relaxed);
}

static void write_head(struct text_buffer *out, const char *name, const char *type,
                       const char *help) {
    text_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_histogram(struct text_buffer *out, const char *lane, struct histogram *h) {
    static const char name[] = "guantong_request_duration_seconds";
    unsigned long long sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
        sum += value_of(&h->buckets[i]);
        text_add_format(out, "%s_bucket{lane=\"%s\",le=\"%g\"} %llu\n", name, lane,
                        (double)bounds[i] / 1e6, sum);
    }
    sum += value_of(&h->buckets[BUCKETS]);
    text_add_format(out, "%s_bucket{lane=\"%s\",le=\"+Inf\"} %llu\n", name, lane, sum);
    text_add_format(out, "%s_sum{lane=\"%s\"} %.6f\n", name, lane,
                    (double)value_of(&h->sum_us) / 1e6);
    text_add_format(out, "%s_count{lane=\"%s\"} %llu\n", name, lane, sum);
}

static void write_gauges(struct metrics *m, struct text_buffer *out) {
    pthread_mutex_lock(&m->lock);
    int n = m->n_gauges;
    pthread_mutex_unlock(&m->lock);
    /* Entries are never changed, so they are read without the lock. */
    for (int i = 0; i < n; i++) {
        const struct gauge *g = &m->gauges[i];
        write_head(out, g->name, "gauge", g->help);
        text_add_format(out, "%s %.17g\n", g->name, g->read(g->data));
    }
}

void metrics_write(struct metrics *m, struct text_buffer *out) {
    write_head(out, "guantong_requests_total", "counter", "Requests answered.");
    for (int lane = 0; lane < LANES; lane++) {
        for (int class = 2; class < STATUS_CLASSES; class ++) {
            text_add_format(out, "guantong_requests_total{lane=\"%s\",status=\"%dxx\"} %llu\n",
                            lane_names[lane], class, value_of(&m->requests[lane][class]));
        }
    }
    write_head(out, "guantong_requests_refused_total", "counter",
               "Requests told to come again later, being too many or the server too busy.");
    text_add_format(out, "guantong_requests_refused_total{status=\"429\"} %llu\n",
                    value_of(&m->limited));
    text_add_format(out, "guantong_requests_refused_total{status=\"503\"} %llu\n",
                    value_of(&m->overloaded));
    write_head(out, "guantong_request_duration_seconds", "histogram",
               "From the request line to the reply handed over.");
    for (int lane = 0; lane < LANES; lane++) {
        write_histogram(out, lane_names[lane], &m->latency[lane]);
    }
    write_gauges(m, out);
}

void metrics_write_writer(struct writer *w, struct text_buffer *out) {
    struct writer_statistics s = writer_statistics(w);
    const struct {
        const char *name, *type, *help;
        int64_t value;
    } figures[] = {
        {"guantong_writer_jobs_total", "counter", "Jobs of the writer.", s.jobs},
        {"guantong_writer_commits_total", "counter", "Commits.", s.commits},
        {"guantong_writer_reruns_total", "counter", "Jobs run again.", s.reruns},
        {"guantong_writer_slow_total", "counter", "Jobs above 50 ms.", s.slow},
        {"guantong_writer_waiting", "gauge", "Jobs in the queue.", s.waiting},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        write_head(out, figures[i].name, figures[i].type, figures[i].help);
        text_add_format(out, "%s %lld\n", figures[i].name, (long long)figures[i].value);
    }
}
