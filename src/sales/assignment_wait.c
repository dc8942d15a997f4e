/* See assignment_wait.h. */
#include "sales/assignment_wait.h"

#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/lead.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/timer.h"
#include "organization/user.h"
#include "sales/sales.h"

enum { PART = 100, COUNTED = 10000 };

static const char kind[] = "sales.assignment_wait";

static const struct migration migrations[] = {
    {"sales.assignment_wait.1",
     "CREATE TABLE assignment_waiting (lead_id {id}, since BIGINT NOT NULL)"},
    {0}};

static bool any(struct ctx *c) {
    return DB_INT(c, "SELECT 1 FROM assignment_waiting LIMIT 1") != 0;
}

/* The first manager that the rule's people have. */
static void tell_manager(struct ctx *c, const struct record *lead, const struct assignment *d) {
    int64_t manager = 0;
    for (int i = 0; i < d->n && !manager && !ctx_failed(c); i++) {
        manager = user_manager(c, d->candidates[i].user_id);
    }
    struct notification n = {.user_id = manager,
                             .code = "notification.leads_wait",
                             .subject_type = STR("lead"),
                             .subject_id = lead->id};
    n.parameters[0] = (struct text_parameter){"rule", record_title(d->rule)};
    if (manager) {
        notify(c, &n);
    }
}

bool assignment_wait(struct ctx *c, const struct record *lead, const struct assignment *d) {
    bool first = !any(c);
    int64_t added = DB_RUN(c,
                           "INSERT INTO assignment_waiting (lead_id, since) VALUES ($1, $2) "
                           "ON CONFLICT (lead_id) DO NOTHING",
                           lead->id, c->now_ms);
    if (added) {
        timer_set_earlier(c, kind, STR(""), c->now_ms + 15 * (int64_t)MS_MINUTE);
    }
    if (added && first) {
        tell_manager(c, lead, d);
    }
    return added != 0;
}

void assignment_wait_end(struct ctx *c) {
    if (any(c)) {
        timer_set(c, kind, STR(""), c->now_ms, STR("{}"));
    }
}

int64_t assignment_waiting(struct ctx *c) {
    return DB_INT(c,
                  "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM assignment_waiting "
                  "LIMIT $1) x",
                  (int64_t)COUNTED);
}

/* Nobody's still, and to be worked. */
static bool waits(const struct record *lead) {
    return lead && record_empty(lead, "owner_id") && record_empty(lead, "pool_id") &&
           str_lists(STR("new working returned"), ' ', record_text(lead, "status"));
}

static void fire(struct ctx *c, const struct timer *t) {
    const struct entity *e = entity_named(c, "lead");
    int64_t ids[PART], after = json_int(json_parse(c, t->payload), "after", 0);
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT lead_id FROM assignment_waiting WHERE lead_id > $1 ORDER BY lead_id LIMIT $2",
             after, (int64_t)PART);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *lead = record_load(c, e, ids[i]);
        if (!waits(lead) || assignment_run(c, lead)) {
            DB_PUT(c, "DELETE FROM assignment_waiting WHERE lead_id = $1", ids[i]);
        }
    }
    if (n == PART) {
        timer_set(c, kind, STR(""), c->now_ms + MS_SECOND,
                  str_format(c->arena, "{\"after\":%lld}", (long long)ids[n - 1]));
    } else if (any(c)) {
        timer_set(c, kind, STR(""), c->now_ms + 15 * (int64_t)MS_MINUTE, STR("{}"));
    }
}

static const struct timer_kind timers[] = {{kind, fire}, {0}};

static const struct text texts[] = {
    {"notification.leads_wait", "分配规则「{rule}」的人现在都接不了，也没有公海可放：新线索在等",
     "Nobody of the assignment rule \"{rule}\" can take leads, and no pool does: new leads wait"},
    {0}};

const struct module assignment_wait_module = {.name = "sales.assignment_wait",
                                              .cloud = "sales",
                                              .timers = timers,
                                              .migrations = migrations,
                                              .texts = texts};
