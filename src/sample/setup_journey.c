/*
 * The three tier paths of the sample company, published, and the middle one with people in it:
 * what its first mail came to, who waits for what, who reached the goal. People and figures are
 * written as if the journey had run for three weeks; from here on the ordinary engine goes on.
 * There is no sending account, so nothing goes to anybody.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "base/id.h"
#include "customer/consent.h"
#include "db/db.h"
#include "entity/access.h"
#include "marketing/journey.h"
#include "marketing/mail.h"

enum { PEOPLE = 160, DAYS = 21 };

/* A lead of the journey and its way. */
struct traveller {
    int64_t lead_id, person_id, at;
    struct str address;
    int nth;
};

static const char *const paths[] = {"tier_low", "tier_middle", "tier_high"};

static int64_t publish(struct ctx *c, int64_t journey_id) {
    struct record *r = record_load(c, entity_named(c, "journey"), journey_id);
    struct change_set set = change_new(c, r->entity);
    DB_RUN(c, "INSERT INTO journey_version (journey_id, version, graph, at) VALUES ($1, 1, $2, $3)",
           journey_id, record_text(r, "draft"), c->now_ms);
    change_int(&set, "published_version", 1);
    change_int(&set, "published_at", c->now_ms);
    change_text(&set, "status", STR("running"));
    record_change(c, journey_id, &set);
    struct journey j = journey_load(c, journey_id, 1);
    if (j.graph) {
        journey_listen(c, &j);
    }
    return journey_id;
}

static void total(struct ctx *c, int64_t journey_id, const char *node, const char *what,
                  int64_t n) {
    DB_RUN(c, "INSERT INTO journey_total (journey_id, node, what, n) VALUES ($1, $2, $3, $4)",
           journey_id, node, what, n);
}

static void mail_total(struct ctx *c, int64_t journey_id, const char *node, const char *what,
                       int64_t n) {
    DB_RUN(c,
           "INSERT INTO mail_total (source, source_id, step, what, n) "
           "VALUES ('journey', $1, $2, $3, $4)",
           journey_id, node, what, n);
}

/* What the nth of a hundred did with the first mail. */
static bool sent(int nth) {
    return nth % 16 != 7; /* the rest never agreed */
}
static bool opened(int nth) {
    return sent(nth) && nth % 5 < 3;
}
static bool clicked(int nth) {
    return sent(nth) && nth % 5 < 1;
}

static void mail_write(struct ctx *c, int64_t journey_id, int64_t content_id, int64_t template_id,
                       const struct traveller *t) {
    int64_t id = id_new(), at = t->at + 2 * MS_HOUR;
    bool went = sent(t->nth);
    DB_RUN(c,
           "INSERT INTO mail_send (id, key, state, reason, person_id, address, content_id, "
           "template_id, topic, source, source_id, step, at, created_at, sent_at, opened_at, "
           "clicked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'case', 'journey', $9, 'n3', $10, "
           "$10, $11, $12, $13)",
           id, str_format(c->arena, "journey:%lld:n3:sample%d", (long long)journey_id, t->nth),
           went ? 2 : 3, went ? "" : "no_consent", t->person_id, t->address, content_id,
           template_id, journey_id, at, db_from_id(went ? at : 0),
           db_from_id(opened(t->nth) ? at + 3 * MS_HOUR : 0),
           db_from_id(clicked(t->nth) ? at + 4 * MS_HOUR : 0));
}

/* Those of the last three days still wait for a click, the others for the high tier. */
static bool fresh(const struct ctx *c, const struct traveller *t) {
    return c->now_ms - t->at < 3 * MS_DAY;
}

static void run_write(struct ctx *c, int64_t journey_id, const struct traveller *t) {
    bool waits = fresh(c, t), goal = !waits && clicked(t->nth) && t->nth % 3 == 0;
    int64_t id = id_new();
    int64_t due = waits ? t->at + 3 * (int64_t)MS_DAY : t->at + 17 * (int64_t)MS_DAY;
    due = due > c->now_ms ? due : c->now_ms + (1 + t->nth % 9) * (int64_t)MS_DAY;
    DB_RUN(c,
           "INSERT INTO journey_run (id, journey_id, version, subject_id, person_id, node, port, "
           "arrived_at, due_at, entered_at, steps, held, ended_at, ended_how) "
           "VALUES ($1, $2, 1, $3, $4, $5, '', $6, $7, $8, 5, 0, $9, $10)",
           id, journey_id, t->lead_id, t->person_id,
           goal    ? "n11"
           : waits ? "n4"
                   : "n10",
           t->at, db_from_id(goal ? 0 : due), t->at,
           db_from_id(goal ? t->at + 6 * (int64_t)MS_DAY : 0), goal ? "goal" : NULL);
    struct journey j = journey_load(c, journey_id, 1);
    struct journey_run run;
    if (!goal && j.graph && journey_run_read(c, id, &run)) {
        journey_run_rearm(c, &j, &run);
        timer_set(c, "journey.step", str_format(c->arena, "%lld", (long long)id), due, STR(""));
    }
}

static void consent_write(struct ctx *c, const struct traveller *t) {
    if (sent(t->nth)) {
        consent_record(c, &(struct consent_line){.person_id = t->person_id,
                                                 .channel = STR("email"),
                                                 .given = true,
                                                 .text = STR("同意接收华岳工控的产品资讯"),
                                                 .version = STR("官网表单 1"),
                                                 .source = STR("form"),
                                                 .at = t->at - MS_HOUR});
    }
}

/* Open leads whose people can be reached, the newest first. */
static size_t travellers_find(struct ctx *c, struct traveller *list) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT l.id, l.person_id, p.email FROM lead l JOIN person p ON p.id = l.person_id "
             "WHERE l.status IN ('new', 'working', 'nurturing') AND l.deleted_at IS NULL "
             "AND p.email IS NOT NULL AND p.deleted_at IS NULL ORDER BY l.id DESC LIMIT 160");
    while (n < PEOPLE && db_next(&rows)) {
        int nth = (int)n;
        list[n++] = (struct traveller){.lead_id = db_int(&rows, 0),
                                       .person_id = db_int(&rows, 1),
                                       .address = db_text(&rows, 2),
                                       .at = c->now_ms -
                                             (int64_t)(1 + nth) * DAYS * MS_DAY / PEOPLE,
                                       .nth = nth};
    }
    db_done(&rows);
    return n;
}

struct counts {
    int64_t all, fresh, sent, opened, clicked, goal;
};

static void totals_write(struct ctx *c, int64_t journey_id, const struct counts *k) {
    int64_t past = k->all - k->fresh;
    static const char *const first[] = {"n1", "n2", "n3", "n4"};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        total(c, journey_id, first[i], "in", k->all);
    }
    total(c, journey_id, "n5", "in", past);
    total(c, journey_id, "n6", "in", k->clicked);
    total(c, journey_id, "n5", "port:clicked", k->clicked);
    total(c, journey_id, "n10", "in", past);
    total(c, journey_id, "n10", "port:met", k->goal);
    total(c, journey_id, "n11", "in", k->goal);
    total(c, journey_id, "", "end:goal", k->goal);
    mail_total(c, journey_id, "n3", "sent", k->sent);
    mail_total(c, journey_id, "n3", "opened", k->opened);
    mail_total(c, journey_id, "n3", "clicked", k->clicked);
    mail_total(c, journey_id, "n3", "machine", 3);
    mail_total(c, journey_id, "n3", "not:no_consent", k->all - k->sent);
}

static void populate(struct ctx *c, int64_t journey_id) {
    struct traveller *list = ARENA_NEW_ARRAY(c->arena, PEOPLE, struct traveller);
    struct journey j = journey_load(c, journey_id, 1);
    const struct journey_node *n3 = j.graph ? journey_node(j.graph, STR("n3")) : NULL;
    int64_t template_id = n3 ? json_id(json_get(n3->config, "parameters"), "template_id") : 0;
    int64_t content_id = mail_content_keep(c, template_id);
    size_t n = travellers_find(c, list);
    struct counts k = {.all = (int64_t)n};
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct traveller *t = &list[i];
        consent_write(c, t);
        mail_write(c, journey_id, content_id, template_id, t);
        run_write(c, journey_id, t);
        k.fresh += fresh(c, t);
        k.sent += sent(t->nth);
        k.opened += opened(t->nth);
        k.clicked += clicked(t->nth);
        k.goal += !fresh(c, t) && clicked(t->nth) && t->nth % 3 == 0;
    }
    if (n && !ctx_failed(c)) {
        totals_write(c, journey_id, &k);
    }
}

void sample_journey(struct ctx *c) {
    int64_t ids[3] = {0};
    for (size_t i = 0; i < 3 && !ctx_failed(c); i++) {
        ids[i] = journey_path_start(c, str_from(paths[i]));
        if (ids[i]) {
            publish(c, ids[i]);
        }
    }
    if (!ctx_failed(c)) {
        populate(c, ids[1]);
    }
}
