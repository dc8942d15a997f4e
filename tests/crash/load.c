/*
 * Mixed writes over HTTP, and the check afterwards that none of them is lost.
 *
 *   load run BASE TOKEN THREADS    create leads, change them, log activities until killed;
 *                                  prints a line for each write the server acknowledged
 *   load verify BASE TOKEN < LINES all of it is there
 *
 * Lines: "lead ID NAME", "patch ID N" (N is in the description, and grows), "activity ID".
 * A server that cannot be reached, or answers 5xx, is asked again; the write counts as never
 * acknowledged.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 1 << 16, URL_TEXT = 512, THREADS_MOST = 64, TRIES = 400, LINE = 256 };

static const char *base, *token;

struct caller {
    CURL *curl;
    struct curl_slist *headers;
    long status;
    size_t n;
    char body[BODY];
};

static size_t body_add(char *bytes, size_t size, size_t n, void *data) {
    struct caller *k = data;
    size_t room = BODY - 1 - k->n, take = n * size < room ? n * size : room;
    memcpy(k->body + k->n, bytes, take);
    k->n += take;
    k->body[k->n] = '\0';
    return n * size;
}

static void caller_open(struct caller *k) {
    char authorization[LINE];
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", token);
    k->curl = curl_easy_init();
    k->headers = curl_slist_append(NULL, authorization);
    k->headers = curl_slist_append(k->headers, "Content-Type: application/json");
    k->headers = curl_slist_append(k->headers, "X-Requested-With: guantong");
}

static void caller_close(struct caller *k) {
    curl_slist_free_all(k->headers);
    curl_easy_cleanup(k->curl);
}

/* The answer's status, 0 when there was none. */
static long call(struct caller *k, const char *method, const char *path, const char *body) {
    char url[URL_TEXT];
    snprintf(url, sizeof url, "%s/api/v1%s", base, path);
    k->n = 0;
    k->body[0] = '\0';
    curl_easy_reset(k->curl);
    curl_easy_setopt(k->curl, CURLOPT_URL, url);
    curl_easy_setopt(k->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(k->curl, CURLOPT_HTTPHEADER, k->headers);
    curl_easy_setopt(k->curl, CURLOPT_WRITEFUNCTION, body_add);
    curl_easy_setopt(k->curl, CURLOPT_WRITEDATA, k);
    curl_easy_setopt(k->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(k->curl, CURLOPT_TIMEOUT, 30L);
    if (body) {
        curl_easy_setopt(k->curl, CURLOPT_POSTFIELDS, body);
    }
    k->status = 0;
    if (curl_easy_perform(k->curl) == CURLE_OK) {
        curl_easy_getinfo(k->curl, CURLINFO_RESPONSE_CODE, &k->status);
    }
    return k->status;
}

/* A member of the answer as text; empty when it is missing. */
static void answer_text(const struct caller *k, const char *key, char *text, size_t size) {
    json_t *answer = json_loads(k->body, 0, NULL);
    const char *value = json_string_value(json_object_get(answer, key));
    snprintf(text, size, "%s", value ? value : "");
    json_decref(answer);
}

static void acknowledge(const char *line) {
    if (write(STDOUT_FILENO, line, strlen(line)) < 0) {
        exit(1);
    }
}

/* A refusal is a defect of the harness or of the server: say it and stop. */
static void refused(const struct caller *k, const char *what) {
    fprintf(stderr, "load: %s: %ld %s\n", what, k->status, k->body);
    exit(3);
}

/* True when the write was acknowledged with that status. */
static bool write_done(struct caller *k, long wanted, const char *what) {
    if (k->status == wanted) {
        return true;
    }
    if (k->status != 0 && k->status != 429 && k->status < 500) {
        refused(k, what);
    }
    usleep(20000);
    return false;
}

struct mixer {
    unsigned number;
    struct caller caller;
    char lead[32]; /* id of the lead this thread works on */
};

static void lead_create(struct mixer *m, unsigned turn) {
    char body[512], line[LINE], name[64];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned long long unique = (unsigned long long)now.tv_sec * 1000000000u +
                                (unsigned)now.tv_nsec;
    snprintf(name, sizeof name, "crash-%u-%u-%llu", m->number, turn, unique);
    snprintf(body, sizeof body,
             "{\"name\":\"%s\",\"company_name\":\"无锡天工智能装备股份有限公司\","
             "\"phone\":\"13%09llu\",\"source\":\"crash\"}",
             name, unique / 1000 % 1000000000u);
    call(&m->caller, "POST", "/leads", body);
    if (write_done(&m->caller, 201, "create")) {
        answer_text(&m->caller, "id", m->lead, sizeof m->lead);
        snprintf(line, sizeof line, "lead %s %s\n", m->lead, name);
        acknowledge(line);
    }
}

static void lead_change(struct mixer *m, unsigned turn) {
    char body[128], path[96], line[LINE];
    snprintf(path, sizeof path, "/leads/%s", m->lead);
    snprintf(body, sizeof body, "{\"description\":\"%u\"}", turn);
    call(&m->caller, "PATCH", path, body);
    if (write_done(&m->caller, 200, "change")) {
        snprintf(line, sizeof line, "patch %s %u\n", m->lead, turn);
        acknowledge(line);
    }
}

static void activity_log(struct mixer *m, unsigned turn) {
    char body[256], line[LINE], id[32];
    snprintf(body, sizeof body,
             "{\"type\":\"note\",\"subject_type\":\"lead\",\"subject_id\":\"%s\","
             "\"content\":\"第 %u 次跟进\"}",
             m->lead, turn);
    call(&m->caller, "POST", "/activities", body);
    if (write_done(&m->caller, 201, "activity")) {
        answer_text(&m->caller, "id", id, sizeof id);
        snprintf(line, sizeof line, "activity %s\n", id);
        acknowledge(line);
    }
}

static void *mixer_run(void *data) {
    struct mixer *m = data;
    caller_open(&m->caller);
    for (unsigned turn = 1;; turn++) {
        if (!m->lead[0] || turn % 4 == 1) {
            lead_create(m, turn);
        } else if (turn % 4 == 2) {
            activity_log(m, turn);
        } else {
            lead_change(m, turn);
        }
    }
    return NULL;
}

static int load_run(int threads) {
    static struct mixer mixers[THREADS_MOST];
    pthread_t ids[THREADS_MOST];
    for (int i = 0; i < threads; i++) {
        mixers[i].number = (unsigned)i;
        pthread_create(&ids[i], NULL, mixer_run, &mixers[i]);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
    }
    return 0;
}

/* Read a record, waiting for a server that is starting. */
static bool record_read(struct caller *k, const char *plural, const char *id) {
    char path[96];
    snprintf(path, sizeof path, "/%s/%s", plural, id);
    for (int i = 0; i < TRIES; i++) {
        long status = call(k, "GET", path, NULL);
        if (status == 200 || status == 404) {
            return status == 200;
        }
        if (status != 0 && status != 429 && status < 500) {
            refused(k, "read");
        }
        usleep(20000);
    }
    refused(k, "read");
    return false;
}

/* What a line says is true. */
static bool line_verify(struct caller *k, const char *line) {
    char word[16], id[32], rest[96], found[128];
    if (sscanf(line, "%15s %31s %95s", word, id, rest) < 2) {
        return true; /* torn by the kill */
    }
    if (strcmp(word, "activity") == 0) {
        return record_read(k, "activities", id);
    }
    if (!record_read(k, "leads", id)) {
        return false;
    }
    if (strcmp(word, "lead") == 0) {
        answer_text(k, "name", found, sizeof found);
        return strcmp(found, rest) == 0;
    }
    answer_text(k, "description", found, sizeof found);
    return strtoul(found, NULL, 10) >= strtoul(rest, NULL, 10);
}

static int load_verify(void) {
    static struct caller k;
    char line[LINE];
    long lost = 0, n = 0;
    caller_open(&k);
    while (fgets(line, sizeof line, stdin)) {
        if (strchr(line, '\n') && !line_verify(&k, line)) {
            printf("load: lost: %s", line);
            lost++;
        }
        n++;
    }
    caller_close(&k);
    printf("load: %ld acknowledged, %ld lost\n", n, lost);
    return lost != 0;
}

int main(int argc, char **argv) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (argc >= 4) {
        base = argv[2];
        token = argv[3];
    }
    if (argc == 5 && strcmp(argv[1], "run") == 0) {
        long threads = strtol(argv[4], NULL, 10);
        return load_run(threads < 1 ? 1 : threads > THREADS_MOST ? THREADS_MOST : (int)threads);
    }
    if (argc == 4 && strcmp(argv[1], "verify") == 0) {
        return load_verify();
    }
    fprintf(stderr, "usage: load run BASE TOKEN THREADS\n       load verify BASE TOKEN\n");
    return 2;
}
