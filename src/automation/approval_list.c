/*
 * The boxes of a person: what waits for him, what he asked for, what he answered.
 */
#include "automation/approval.h"
#include "automation/approval_view.h"
#include "automation/automation.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "http/route.h"

enum { PAGE = 25, COUNTED = 100 };

/* What he holds, and what went up to his manager but he may still answer ($1). */
#define WAITING_FOR_ME                                                                \
    "SELECT id, approval_id FROM approval_vote WHERE holder_id = $1 AND state = "     \
    "'waiting' AND deleted_at IS NULL UNION ALL SELECT id, approval_id FROM "         \
    "approval_vote WHERE approver_id = $1 AND holder_id <> $1 AND state = 'waiting' " \
    "AND why = 'escalated' AND deleted_at IS NULL"

/* Of one of the boxes, from the cursor on: ids of approvals and of what they are ordered by. */
static struct db_rows box_rows(struct request *r, struct str box) {
    struct ctx *c = r->c;
    struct db_rows rows = {0};
    int64_t me = access_user_id(c->actor);
    int64_t after = request_query_int(r, "cursor", 0), before = after ? after : INT64_MAX;
    if (str_is(box, "by_me")) {
        DB_QUERY(c, &rows,
                 "SELECT id, id FROM approval WHERE requester_id = $1 AND id < $2 "
                 "AND deleted_at IS NULL ORDER BY id DESC LIMIT $3",
                 me, before, (int64_t)PAGE);
    } else if (str_is(box, "done")) {
        DB_QUERY(c, &rows,
                 "SELECT approval_id, id FROM approval_vote WHERE decided_by_id = $1 AND id < $2 "
                 "AND deleted_at IS NULL ORDER BY id DESC LIMIT $3",
                 me, before, (int64_t)PAGE);
    } else {
        DB_QUERY(c, &rows,
                 "SELECT approval_id, id FROM (" WAITING_FOR_ME ") AS waiting WHERE id > $2 "
                 "ORDER BY id LIMIT $3",
                 me, after, (int64_t)PAGE);
    }
    return rows;
}

static bool among(const int64_t *ids, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

static int64_t waiting_count(struct ctx *c) {
    return DB_INT(
        c,
        "SELECT CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT approval_id FROM (" WAITING_FOR_ME
        ") AS waiting LIMIT $2) AS counted",
        access_user_id(c->actor), (int64_t)COUNTED);
}

static void list_get(struct request *r) {
    struct ctx *c = r->c;
    struct str box = request_query(r, "box");
    int64_t ids[PAGE], last = 0, me = access_user_id(c->actor);
    size_t n = 0, read = 0;
    if (box.n && !str_lists(STR("to_me by_me done"), ' ', box)) {
        FAIL_FIELD(c, STR("/box"), "approval.box");
        return;
    }
    struct db_rows rows = me ? box_rows(r, box) : (struct db_rows){0};
    while (me && db_next(&rows)) {
        read++;
        last = db_int(&rows, 1);
        if (!among(ids, n, db_int(&rows, 0))) {
            ids[n++] = db_int(&rows, 0);
        }
    }
    struct json_writer w = json_writer(c->arena);
    approvals_json(c, &w, ids, n);
    JSON_MEMBER(&w, "next", json_put_id, read == PAGE ? last : 0);
    JSON_MEMBER(&w, "waiting", json_put_int, waiting_count(c));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void count_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "waiting", json_put_int, waiting_count(r->c));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/approvals", PERMISSION_SIGNED_IN, LANE_SLOW, list_get,
     .summary = "route.approvals", .query = "box:text cursor:text",
     .answer = "data:[object]! next:id?! waiting:integer!"},
    {METHOD_GET, "/api/v1/approvals/count", PERMISSION_SIGNED_IN, LANE_INLINE, count_get,
     .summary = "route.approvals_count", .answer = "waiting:integer!"},
    {0}};

static const struct text texts[] = {
    {"approval.box", "to_me、by_me 或 done", "to_me, by_me or done"},
    {"route.approvals", "审批：待我处理、我提交的、我处理过的",
     "Approvals: waiting for me, asked for by me, answered by me"},
    {"route.approvals_count", "待我审批的数量", "How many wait for me"},
    {0}};

const struct module approval_list_module = {
    .name = "automation.approval_list", .cloud = "platform", .routes = routes, .texts = texts};
