/*
 * Two mailings of the sample company: one that went out ten days ago, with what its receivers did,
 * and the next as a draft, to be looked at beforehand. Nothing goes to anybody.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "base/id.h"
#include "db/db.h"
#include "entity/access.h"
#include "marketing/mail.h"

enum { PEOPLE = 400, DAYS_AGO = 10, LINKS = 3 };

static const char blocks[] =
    "[{\"type\":\"heading\",\"text\":\"伺服改造，停机不超过四小时\"},"
    "{\"type\":\"text\",\"text\":\"{{name|您}}好，**{{company_name|贵公司}}**"
    "的老产线不必整线更换。三家同行怎么做的，"
    "[看案例](https://www.huayue.example.cn/cases)。\"},"
    "{\"type\":\"button\",\"text\":\"估算改造费用\","
    "\"url\":\"https://www.huayue.example.cn/estimate\"},"
    "{\"type\":\"divider\"},"
    "{\"type\":\"text\",\"text\":\"备件一口价，[本月目录](https://www.huayue.example.cn/parts)。\"}]";

/* What the nth did. */
struct answer {
    const char *against; /* NULL: it was sent */
    bool opened, clicked, machine, bounced, unsubscribed;
};

static struct answer answer_of(int nth) {
    struct answer a = {.against = nth % 7 == 3 ? "no_consent" : nth % 31 == 5 ? "capped" : NULL};
    if (!a.against) {
        a.bounced = nth % 67 == 9;
        a.opened = !a.bounced && nth % 10 < 4;
        a.clicked = a.opened && nth % 10 < 1;
        a.machine = !a.bounced && nth % 23 == 11;
        a.unsubscribed = a.opened && nth % 97 == 31;
    }
    return a;
}

static int64_t template_make(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "mail_template"));
    change_text(&set, "name", STR("老产线改造"));
    change_text(&set, "topic", STR("case"));
    change_text(&set, "subject", STR("{{name|您好}}，老产线改造，停机不超过四小时"));
    change_text(&set, "preheader", STR("三家同行的做法与费用"));
    change_text(&set, "blocks", str_from(blocks));
    struct record *t = record_insert(c, &set);
    return t ? t->id : 0;
}

static int64_t mailing_make(struct ctx *c, const char *name, int64_t template_id) {
    struct change_set set = change_new(c, entity_named(c, "mailing"));
    change_text(&set, "name", str_from(name));
    change_id(&set, "template_id", template_id);
    change_text(&set, "audience",
                STR("{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"730d\"}"));
    change_int(&set, "spread_hours", 4);
    change_text(&set, "utm_source", STR("email"));
    struct record *m = record_insert(c, &set);
    return m ? m->id : 0;
}

static void total(struct ctx *c, int64_t mailing_id, const char *what) {
    DB_RUN(c,
           "INSERT INTO mail_total (source, source_id, step, what, n) VALUES ('mailing', $1, '', "
           "$2, 1) ON CONFLICT (source, source_id, step, what) DO UPDATE SET n = mail_total.n + 1",
           mailing_id, what);
}

static void totals_add(struct ctx *c, int64_t mailing_id, const struct answer *a) {
    const struct {
        bool holds;
        const char *what;
    } all[] = {{!a->against, "sent"},   {a->opened, "opened"},   {a->clicked, "clicked"},
               {a->machine, "machine"}, {a->bounced, "bounced"}, {a->unsubscribed, "unsubscribed"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].holds) {
            total(c, mailing_id, all[i].what);
        }
    }
    if (a->against) {
        total(c, mailing_id, str_format(c->arena, "not:%s", a->against).p);
    }
}

struct receiver {
    int64_t person_id;
    struct str address;
};

static void send_write(struct ctx *c, int64_t mailing_id, int64_t content_id,
                       const struct receiver *r, int nth) {
    struct answer a = answer_of(nth);
    int64_t id = id_new(), at = c->now_ms - DAYS_AGO * (int64_t)MS_DAY + nth * 30 * MS_SECOND;
    int64_t clicked = a.clicked ? at + (2 + nth % 30) * (int64_t)MS_HOUR : 0;
    DB_RUN(
        c,
        "INSERT INTO mail_send (id, key, state, reason, person_id, address, content_id, "
        "template_id, topic, source, source_id, step, at, created_at, sent_at, opened_at, "
        "clicked_at, machine_at, bounced_at, unsubscribed_at) SELECT $1, $2, $3, $4, $5, $6, "
        "$7, template_id, 'case', 'mailing', $8, '', $9, $9, $10, $11, $12, $13, $14, $15 "
        "FROM mail_content WHERE id = $7",
        id,
        str_format(c->arena, "mailing:%lld:%lld", (long long)mailing_id, (long long)r->person_id),
        a.against ? 3 : 2, a.against ? a.against : "", r->person_id, r->address, content_id,
        mailing_id, at, db_from_id(a.against ? 0 : at),
        db_from_id(a.opened ? at + (1 + nth % 20) * (int64_t)MS_HOUR : 0), db_from_id(clicked),
        db_from_id(a.machine ? at + 3 * MS_SECOND : 0), db_from_id(a.bounced ? at + MS_MINUTE : 0),
        db_from_id(a.unsubscribed ? at + MS_DAY : 0));
    if (clicked) {
        DB_RUN(c,
               "INSERT INTO mail_hit (send_id, n, position, at, machine) VALUES ($1, 0, $2, $3, 0)",
               id, (int64_t)(nth / 10 % LINKS), clicked);
    }
    DB_RUN(c, "INSERT INTO mailing_recipient (mailing_id, n, person_id) VALUES ($1, $2, $3)",
           mailing_id, (int64_t)nth + 1, r->person_id);
    totals_add(c, mailing_id, &a);
}

static size_t receivers_find(struct ctx *c, struct receiver *list) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, email FROM person WHERE email IS NOT NULL AND deleted_at IS NULL "
             "ORDER BY id LIMIT 400");
    while (n < PEOPLE && db_next(&rows)) {
        list[n++] = (struct receiver){db_int(&rows, 0), db_text(&rows, 1)};
    }
    db_done(&rows);
    return n;
}

void sample_mailing(struct ctx *c) {
    struct receiver *list = ARENA_NEW_ARRAY(c->arena, PEOPLE, struct receiver);
    int64_t template_id = template_make(c), content_id = mail_content_keep(c, template_id);
    int64_t past = mailing_make(c, "老产线改造 · 第一批", template_id);
    size_t n = ctx_failed(c) ? 0 : receivers_find(c, list);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        send_write(c, past, content_id, &list[i], (int)i);
    }
    DB_RUN(c,
           "INSERT INTO mailing_plan (mailing_id, state, content_id, last_id, planned, handed, "
           "interval_us, next_us) VALUES ($1, 'sent', $2, 0, $3, $3, 0, 0)",
           past, content_id, (int64_t)n);
    struct change_set set = change_new(c, entity_named(c, "mailing"));
    change_text(&set, "status", STR("sent"));
    change_int(&set, "planned", (int64_t)n);
    change_int(&set, "launched_at", c->now_ms - DAYS_AGO * (int64_t)MS_DAY);
    change_int(&set, "finished_at", c->now_ms - DAYS_AGO * (int64_t)MS_DAY + 4 * MS_HOUR);
    if (past) {
        record_change(c, past, &set);
    }
    mailing_make(c, "老产线改造 · 第二批", template_id);
}
