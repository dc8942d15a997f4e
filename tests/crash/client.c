#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BASES = 8, TEXT = 512, PAUSE_US = 20000, PATIENCE_S = 90 };

static const char *bases[BASES];
static unsigned n_bases;
static const char *bearer;

bool clients_start(const char *list, const char *token) {
    char *copy = strdup(list), *rest = NULL;
    for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        if (n_bases < BASES) {
            bases[n_bases++] = one;
        }
    }
    bearer = token;
    return n_bases > 0 && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static size_t body_add(char *bytes, size_t size, size_t n, void *data) {
    struct client *k = data;
    char *larger = realloc(k->body, k->n + size * n + 1);
    if (!larger) {
        abort();
    }
    k->body = larger;
    memcpy(k->body + k->n, bytes, size * n);
    k->n += size * n;
    k->body[k->n] = '\0';
    return size * n;
}

void client_open(struct client *k, unsigned number) {
    *k = (struct client){.curl = curl_easy_init(), .base = number};
    body_add("", 1, 0, k);
}

void client_close(struct client *k) {
    curl_easy_cleanup(k->curl);
    free(k->body);
}

/* name ends with what stands before the value. */
static struct curl_slist *header_add(struct curl_slist *list, const char *name, const char *value) {
    char line[TEXT];
    snprintf(line, sizeof line, "%s%s", name, value);
    return curl_slist_append(list, line);
}

static struct curl_slist *headers_of(const struct ask *a) {
    struct curl_slist *list = header_add(NULL,
                                         "Content-Type: ", a->type ? a->type : "application/json");
    list = header_add(list, "X-Requested-With: ", "guantong");
    list = a->from ? header_add(list, "X-Forwarded-For: ", a->from)
                   : header_add(list, "Authorization: Bearer ", bearer);
    return a->key ? header_add(list, "Idempotency-Key: ", a->key) : list;
}

/* One try; the status, 0 when there was no answer. */
static void try_once(struct client *k, const struct ask *a, struct curl_slist *headers) {
    char url[TEXT];
    snprintf(url, sizeof url, "%s/api/v1%s", bases[k->base % n_bases], a->path);
    k->n = 0;
    k->body[0] = '\0';
    curl_easy_reset(k->curl);
    curl_easy_setopt(k->curl, CURLOPT_URL, url);
    curl_easy_setopt(k->curl, CURLOPT_CUSTOMREQUEST, a->method);
    curl_easy_setopt(k->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(k->curl, CURLOPT_WRITEFUNCTION, body_add);
    curl_easy_setopt(k->curl, CURLOPT_WRITEDATA, k);
    curl_easy_setopt(k->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(k->curl, CURLOPT_TIMEOUT, 30L);
    if (a->body) {
        curl_easy_setopt(k->curl, CURLOPT_POSTFIELDS, a->body);
    }
    k->status = 0;
    if (curl_easy_perform(k->curl) == CURLE_OK) {
        curl_easy_getinfo(k->curl, CURLINFO_RESPONSE_CODE, &k->status);
    }
}

static bool worth_another_try(long status) {
    return status == 0 || status == 429 || status == 502 || status == 503;
}

json_t *client_ask(struct client *k, const struct ask *a) {
    struct curl_slist *headers = headers_of(a);
    time_t until = time(NULL) + PATIENCE_S;
    try_once(k, a, headers);
    while (worth_another_try(k->status) && time(NULL) < until) {
        k->base++;
        usleep(PAUSE_US);
        try_once(k, a, headers);
    }
    curl_slist_free_all(headers);
    if (k->status < 200 || k->status > 299) {
        fprintf(stderr, "load: %s %s: %ld %s\n", a->method, a->path, k->status, k->body);
        exit(3);
    }
    return json_loadb(k->body, k->n, 0, NULL);
}

const char *client_text(const json_t *answer, const char *key) {
    const char *text = json_string_value(json_object_get(answer, key));
    if (!text) {
        fprintf(stderr, "load: an answer without %s\n", key);
        exit(3);
    }
    return text;
}
