/*
 * Mixed writes over HTTP.
 *
 *   load setup BASES TOKEN LOGIN…       a rule that gives captured leads to these people in turn
 *   load run BASES TOKEN THREADS        work until SIGTERM; prints a line for each write that
 *                                       was acknowledged, see below
 *
 * Every POST carries an Idempotency-Key and is sent again until it is answered, across crashes,
 * so that each line stands for exactly one effect: verify.c counts on it. On SIGTERM each thread
 * finishes what it has begun.
 *
 *   lead ID NAME           a lead that has an owner
 *   change ID N            N is in the lead's description, and grows
 *   note ID                an activity
 *   capture TOUCH NAME     a lead without owner, of a person not known before
 *   again TOUCH NAME       the same person once more
 *   convert LEAD DEAL      with account, contact and deal
 *   move DEAL N            the N-th move of the deal
 *   bulk ID N              a bulk change of N leads
 *   import ID ROWS         an import that was started
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum { THREADS_MOST = 64, STAGES = 8, LEADS = 4, LINE = 256, IMPORT_ROWS = 300, ROW_TEXT = 96 };

static char stages[STAGES][ID_TEXT];
static unsigned n_stages;
static atomic_bool stopping;

struct mixer {
    unsigned number, turn;
    struct client client;
    char leads[LEADS][ID_TEXT]; /* the last ones made */
    char deal[ID_TEXT];
    unsigned moves; /* of the deal */
    char captured[ID_TEXT], phone[16];
};

/* Microseconds since 1970, each handed out once. */
static uint64_t unique(void) {
    static _Atomic uint64_t last;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    uint64_t before = atomic_load(&last), next;
    do {
        next = us > before ? us : before + 1;
    } while (!atomic_compare_exchange_weak(&last, &before, next));
    return next;
}

/* A mobile number nobody has had in the last half hour. */
static void phone_make(char phone[16], uint64_t number) {
    snprintf(phone, 16, "%s%09u", number / 1000000000 % 2 ? "18" : "13",
             (unsigned)(number % 1000000000));
}

static void acknowledge(const char *word, const char *id, const char *rest) {
    char line[LINE];
    int n = snprintf(line, sizeof line, "%s %s %s\n", word, id, rest);
    if (write(STDOUT_FILENO, line, (size_t)n) != n) {
        exit(1);
    }
}

static void acknowledge_count(const char *word, const char *id, unsigned n) {
    char text[16];
    snprintf(text, sizeof text, "%u", n);
    acknowledge(word, id, text);
}

static json_t *post(struct mixer *m, const char *path, const char *body) {
    char key[ID_TEXT];
    snprintf(key, sizeof key, "%llu", (unsigned long long)unique());
    return client_ask(&m->client,
                      &(struct ask){.method = "POST", .path = path, .body = body, .key = key});
}

static void lead_create(struct mixer *m) {
    char body[512], name[64], phone[16];
    uint64_t number = unique();
    phone_make(phone, number);
    snprintf(name, sizeof name, "crash-%llu", (unsigned long long)number);
    snprintf(body, sizeof body,
             "{\"name\":\"%s\",\"company_name\":\"无锡天工智能装备股份有限公司\","
             "\"phone\":\"%s\",\"source\":\"crash\"}",
             name, phone);
    json_t *answer = post(m, "/leads", body);
    memmove(m->leads[1], m->leads[0], sizeof m->leads - sizeof m->leads[0]);
    snprintf(m->leads[0], ID_TEXT, "%s", client_text(answer, "id"));
    acknowledge("lead", m->leads[0], name);
    json_decref(answer);
}

static void lead_change(struct mixer *m) {
    char body[64], path[96];
    snprintf(path, sizeof path, "/leads/%s", m->leads[0]);
    snprintf(body, sizeof body, "{\"description\":\"%u\"}", m->turn);
    json_decref(
        client_ask(&m->client, &(struct ask){.method = "PATCH", .path = path, .body = body}));
    acknowledge_count("change", m->leads[0], m->turn);
}

static void note_log(struct mixer *m) {
    char body[256];
    snprintf(body, sizeof body,
             "{\"type\":\"note\",\"subject_type\":\"lead\",\"subject_id\":\"%s\","
             "\"content\":\"第 %u 次跟进\"}",
             m->leads[0], m->turn);
    json_t *answer = post(m, "/activities", body);
    acknowledge("note", client_text(answer, "id"), "");
    json_decref(answer);
}

/* As the public does: no log-in, each from an address of its own. */
static void capture_send(struct mixer *m, const char *word) {
    char body[256], key[ID_TEXT], from[ID_TEXT];
    uint64_t number = unique();
    snprintf(key, sizeof key, "%llu", (unsigned long long)number);
    snprintf(from, sizeof from, "10.%u.%u.%u", (unsigned)(number >> 16 & 255),
             (unsigned)(number >> 8 & 255), (unsigned)(number & 255));
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"phone\":\"%s\",\"company_name\":\"绍兴信达\"}",
             m->captured, m->phone);
    json_t *answer = client_ask(
        &m->client,
        &(struct ask){
            .method = "POST", .path = "/public/leads", .body = body, .key = key, .from = from});
    acknowledge(word, client_text(answer, "received"), m->captured);
    json_decref(answer);
}

static void capture(struct mixer *m) {
    uint64_t number = unique();
    phone_make(m->phone, number);
    snprintf(m->captured, ID_TEXT, "web-%llu", (unsigned long long)number);
    capture_send(m, "capture");
}

static void capture_again(struct mixer *m) {
    capture_send(m, "again");
}

static void convert(struct mixer *m) {
    char body[256], path[96];
    snprintf(path, sizeof path, "/leads/%s/convert", m->leads[0]);
    snprintf(body, sizeof body,
             "{\"account\":{\"name\":\"公司 %llu\"},\"opportunity\":{\"name\":\"伺服改造\"}}",
             (unsigned long long)unique());
    json_t *answer = post(m, path, body);
    snprintf(m->deal, ID_TEXT, "%s", client_text(answer, "opportunity_id"));
    m->moves = 0;
    acknowledge("convert", m->leads[0], m->deal);
    json_decref(answer);
}

static void deal_move(struct mixer *m) {
    char body[64], path[96];
    snprintf(path, sizeof path, "/opportunities/%s/move", m->deal);
    m->moves++;
    snprintf(body, sizeof body, "{\"stage_id\":\"%s\"}", stages[m->moves % n_stages]);
    json_decref(post(m, path, body));
    acknowledge_count("move", m->deal, m->moves);
}

static void bulk_change(struct mixer *m) {
    char body[512], ids[LEADS * (ID_TEXT + 4)] = "";
    unsigned n = 0;
    while (n < LEADS && m->leads[n][0]) {
        size_t at = strlen(ids);
        snprintf(ids + at, sizeof ids - at, "%s\"%s\"", n ? "," : "", m->leads[n]);
        n++;
    }
    snprintf(body, sizeof body,
             "{\"ids\":[%s],\"action\":\"update\",\"changes\":{\"job_title\":\"%llu\"}}", ids,
             (unsigned long long)unique());
    json_t *answer = post(m, "/leads/bulk", body);
    if (json_integer_value(json_object_get(answer, "changed")) != (json_int_t)n) {
        fprintf(stderr, "load: a bulk change of %u leads changed others: %s\n", n, m->client.body);
        exit(3);
    }
    acknowledge_count("bulk", client_text(answer, "undo"), n);
    json_decref(answer);
}

/* A file of leads, uploaded and started; the program goes on by itself. */
static void import_start(struct mixer *m) {
    static const char path[] = "/imports?entity=lead&file_name=leads.csv";
    static char file[IMPORT_ROWS * ROW_TEXT]; /* one thread imports */
    char key[ID_TEXT], start[96], phone[16];
    size_t n = (size_t)snprintf(file, sizeof file, "姓名,手机,公司\n");
    for (int i = 0; i < IMPORT_ROWS; i++) {
        uint64_t number = unique();
        phone_make(phone, number);
        n += (size_t)snprintf(file + n, sizeof file - n, "file-%llu,%s,无锡天工\n",
                              (unsigned long long)number, phone);
    }
    snprintf(key, sizeof key, "%llu", (unsigned long long)unique());
    json_t *answer = client_ask(
        &m->client,
        &(struct ask){
            .method = "POST", .path = path, .body = file, .type = "text/csv", .key = key});
    snprintf(start, sizeof start, "/imports/%s/start", client_text(answer, "id"));
    json_decref(post(m, start, "{}"));
    acknowledge_count("import", client_text(answer, "id"), IMPORT_ROWS);
    json_decref(answer);
}

static void (*const steps[])(struct mixer *m) = {
    lead_create, capture,     lead_change,   note_log,  convert,     deal_move,
    capture,     bulk_change, capture_again, deal_move, lead_change, deal_move,
};
enum { STEPS = sizeof steps / sizeof *steps };

static void *mixer_run(void *data) {
    struct mixer *m = data;
    client_open(&m->client, m->number);
    if (m->number == 0) {
        import_start(m);
    }
    for (; !atomic_load(&stopping); m->turn++) {
        steps[m->turn % STEPS](m);
    }
    client_close(&m->client);
    return NULL;
}

static void stages_read(void) {
    struct client k;
    client_open(&k, 0);
    json_t *answer = client_ask(&k,
                                &(struct ask){.method = "GET", .path = "/stages?sort=position"});
    json_t *data = json_object_get(answer, "data"), *stage;
    size_t i;
    json_array_foreach(data, i, stage) {
        if (strcmp(client_text(stage, "kind"), "open") == 0 && n_stages < STAGES) {
            snprintf(stages[n_stages++], ID_TEXT, "%s", client_text(stage, "id"));
        }
    }
    json_decref(answer);
    client_close(&k);
}

static void stop(int signal_number) {
    (void)signal_number;
    atomic_store(&stopping, true);
}

static int load_run(int threads) {
    static struct mixer mixers[THREADS_MOST];
    pthread_t ids[THREADS_MOST];
    signal(SIGTERM, stop);
    stages_read();
    for (int i = 0; i < threads; i++) {
        mixers[i].number = (unsigned)i;
        pthread_create(&ids[i], NULL, mixer_run, &mixers[i]);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
    }
    return 0;
}

/* Captured leads go to people in turn. */
static int load_setup(int n, char **logins) {
    char path[256], rule[1024], people[512] = "";
    struct client k;
    client_open(&k, 0);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path,
                 "/users?where=%%7B%%22field%%22:%%22login%%22,%%22op%%22:%%22eq%%22,"
                 "%%22value%%22:%%22%s%%22%%7D",
                 logins[i]);
        json_t *answer = client_ask(&k, &(struct ask){.method = "GET", .path = path});
        json_t *user = json_array_get(json_object_get(answer, "data"), 0);
        size_t at = strlen(people);
        snprintf(people + at, sizeof people - at, "%s\"%s\"", i ? "," : "",
                 client_text(user, "id"));
        json_decref(answer);
    }
    snprintf(rule, sizeof rule,
             "{\"name\":\"轮流\",\"trigger\":\"lead.created\",\"entity_name\":\"lead\","
             "\"enabled\":true,\"condition\":{\"field\":\"source\",\"op\":\"eq\","
             "\"value\":\"website\"},\"actions\":[{\"action\":\"assign_round_robin\","
             "\"parameters\":{\"user_ids\":[%s]}}]}",
             people);
    json_decref(client_ask(
        &k, &(struct ask){.method = "POST", .path = "/automations", .body = rule, .key = "rule"}));
    client_close(&k);
    return 0;
}

int main(int argc, char **argv) {
    if (argc >= 5 && clients_start(argv[2], argv[3])) {
        if (strcmp(argv[1], "setup") == 0) {
            return load_setup(argc - 4, argv + 4);
        }
        long threads = strtol(argv[4], NULL, 10);
        if (strcmp(argv[1], "run") == 0) {
            return load_run(threads < 1 ? 1 : threads > THREADS_MOST ? THREADS_MOST : (int)threads);
        }
    }
    fprintf(stderr, "usage: load setup BASES TOKEN LOGIN…\n       load run BASES TOKEN THREADS\n");
    return 2;
}
