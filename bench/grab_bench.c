/*
 * A thousand people grab one lead: grab_bench BUILD URL PEOPLE
 *
 * Fills a company of PEOPLE representatives, each with a token of his own, and a pool open to all
 * with one lead; starts the program; opens a connection for each of them; then writes all requests
 * POST /api/v1/leads/{id}/grab without reading any answer, and reads the answers. Exactly one must
 * be 200, all others 409 with the name of who was faster, and the database must know one owner, one
 * way out of the pool and one pick. Says how long the first and the last waited.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "child.h"
#include "company.h"
#include "db/db.h"
#include "organization/role.h"
#include "organization/session.h"
#include "organization/user.h"

enum { PEOPLE_MOST = 4000, ANSWER = 16384, WAIT_MS = 60000 };

struct person {
    int fd;
    char token[128];
    char answer[ANSWER];
    size_t n;
    int status; /* 0: not answered */
    int64_t answered_ns;
};

static struct person *people;
static int n_people;
static int64_t lead_id;

static _Noreturn void give_up(const char *why) {
    fprintf(stderr, "grab_bench: %s\n", why);
    exit(EXIT_FAILURE);
}

static int64_t insert(struct company *b, const struct change_set *set) {
    struct record *r = record_insert(&b->c, set);
    company_check(b);
    return r->id;
}

static void person_add(struct company *b, int i) {
    struct change_set set = change_new(&b->c, entity_named(&b->c, "user"));
    int64_t role = role_by_code(&b->c, "sales_rep");
    change_text(&set, "login", str_format(b->c.arena, "grabber%d", i));
    change_text(&set, "name", str_format(b->c.arena, "销售%d", i));
    int64_t id = insert(b, &set);
    user_set_roles(&b->c, id, &role, 1);
    struct str token = token_create(&b->c, id,
                                    &(struct token_grant){.name = STR("bench"), .scopes = STR("")});
    snprintf(people[i].token, sizeof people[i].token, "%.*s", STR_ARG(token));
}

static void world_fill(const char *url) {
    struct company b;
    company_open(&b, url, 100);
    db_begin(&b.c);
    for (int i = 0; i < n_people; i++) {
        person_add(&b, i);
    }
    struct change_set pool = change_new(&b.c, entity_named(&b.c, "lead_pool"));
    change_text(&pool, "name", STR("公海"));
    change_int(&pool, "everyone", 1);
    int64_t pool_id = insert(&b, &pool);
    struct change_set lead = change_new(&b.c, entity_named(&b.c, "lead"));
    change_text(&lead, "name", STR("孙立民"));
    change_text(&lead, "phone", STR("13812342647"));
    change_id(&lead, "owner_id", 0);
    change_id(&lead, "pool_id", pool_id);
    change_int(&lead, "pooled_at", b.c.now_ms);
    lead_id = insert(&b, &lead);
    db_commit(&b.c);
    company_check(&b);
    company_close(&b);
}

static struct child server_start(const char *build, const char *url) {
    char program[512], files[512];
    snprintf(program, sizeof program, "%s/guantong", build);
    snprintf(files, sizeof files, "%s/bench-files", build);
    /* Behind a proxy one address may open more connections than one person's. */
    const char *const arguments[] = {program,
                                     "serve",
                                     "--port",
                                     "0",
                                     "--db",
                                     url,
                                     "--files",
                                     files,
                                     "--log-level",
                                     "error",
                                     "--secret-key-file",
                                     "",
                                     "--trusted-proxies",
                                     "127.0.0.1",
                                     NULL};
    return child_start(arguments);
}

static void person_connect(struct person *p, int port, int epoll) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        give_up("no connection");
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &event);
}

static void person_grab(const struct person *p) {
    char text[512];
    int n = snprintf(text, sizeof text,
                     "POST /api/v1/leads/%lld/grab HTTP/1.1\r\nHost: bench\r\n"
                     "Authorization: Bearer %s\r\nContent-Length: 0\r\n\r\n",
                     (long long)lead_id, p->token);
    if (send(p->fd, text, (size_t)n, 0) != n) {
        give_up("a request was not taken");
    }
}

/* The status, once the whole answer is there; these answers say their length. */
static void person_read(struct person *p, int64_t now) {
    ssize_t n = recv(p->fd, p->answer + p->n, ANSWER - 1 - p->n, MSG_DONTWAIT);
    if (n <= 0) {
        give_up("a connection ended without an answer");
    }
    p->n += (size_t)n;
    p->answer[p->n] = '\0';
    const char *body = strstr(p->answer, "\r\n\r\n"),
               *length = strcasestr(p->answer, "Content-Length: ");
    if (!body || !length || p->status) {
        return;
    }
    size_t whole = (size_t)(body + 4 - p->answer) + (size_t)strtoul(length + 16, NULL, 10);
    if (p->n >= whole) {
        p->status = (int)strtol(p->answer + 9, NULL, 10);
        p->answered_ns = now;
    }
}

static int answers_read(int epoll, int64_t began_ns) {
    struct epoll_event events[256];
    int answered = 0;
    while (answered < n_people && clock_steady_ns() - began_ns < WAIT_MS * INT64_C(1000000)) {
        int n = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < n; i++) {
            struct person *p = events[i].data.ptr;
            int before = p->status;
            person_read(p, clock_steady_ns());
            answered += !before && p->status ? 1 : 0;
        }
    }
    return answered;
}

static int64_t ask(const char *url, const char *what) {
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    c.db = db_open(&c, str_from(url), DB_READER);
    int64_t n =
        strcmp(what, "owner") == 0
            ? DB_INT(&c,
                     "SELECT CAST(count(*) AS BIGINT) FROM lead WHERE id = $1 "
                     "AND owner_id IS NOT NULL AND pool_id IS NULL",
                     lead_id)
        : strcmp(what, "log") == 0
            ? DB_INT(&c, "SELECT CAST(count(*) AS BIGINT) FROM lead_pool_log WHERE lead_id = $1",
                     lead_id)
            : DB_INT(&c, "SELECT CAST(COALESCE(sum(picks), 0) AS BIGINT) FROM lead_pick");
    db_close(c.db);
    arena_free(&arena);
    return n;
}

static int by_time(const void *a, const void *b) {
    int64_t x = ((const struct person *)a)->answered_ns,
            y = ((const struct person *)b)->answered_ns;
    return (x > y) - (x < y);
}

static bool verdict(const char *url, int64_t began_ns) {
    int won = 0, told = 0;
    for (int i = 0; i < n_people; i++) {
        won += people[i].status == 200;
        told += people[i].status == 409 && strstr(people[i].answer, "pool.taken") &&
                strstr(people[i].answer, "销售");
    }
    qsort(people, (size_t)n_people, sizeof *people, by_time);
    int64_t owners = ask(url, "owner"), outs = ask(url, "log"), picks = ask(url, "picks");
    printf("%d at once: %d got it, %d were told who was faster; first answer after %.0f ms, last "
           "after %.0f ms; owners %lld, ways out %lld, picks %lld\n",
           n_people, won, told, (double)(people[0].answered_ns - began_ns) / 1e6,
           (double)(people[n_people - 1].answered_ns - began_ns) / 1e6, (long long)owners,
           (long long)outs, (long long)picks);
    return won == 1 && told == n_people - 1 && owners == 1 && outs == 1 && picks == 1;
}

int main(int argc, char **argv) {
    struct rlimit files;
    n_people = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;
    if (n_people < 2 || n_people > PEOPLE_MOST) {
        give_up("BUILD URL PEOPLE");
    }
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    people = calloc((size_t)n_people, sizeof *people);
    world_fill(argv[2]);
    struct child server = server_start(argv[1], argv[2]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < n_people; i++) {
        person_connect(&people[i], server.port, epoll);
    }
    int64_t began_ns = clock_steady_ns();
    for (int i = 0; i < n_people; i++) {
        person_grab(&people[i]);
    }
    int answered = answers_read(epoll, began_ns);
    bool good = answered == n_people && verdict(argv[2], began_ns);
    if (answered != n_people) {
        printf("%d of %d were answered\n", answered, n_people);
    }
    child_stop(&server);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
