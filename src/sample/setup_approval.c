/*
 * Legal review on entering contract signing, discounts by their share whatever the amount, and
 * very large deals before they are begun: three processes, with questions that wait for legal and
 * for managers, and some that were answered.
 */
#include "sample/setup.h"

#include "automation/approval.h"
#include "automation/approval_process.h"
#include "base/clock.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/record.h"
#include "organization/role.h"
#include "sales/pipeline.h"

enum { DEALS_MOST = 16 };

static int64_t user_of(struct ctx *c, const char *login) {
    return DB_INT(c, "SELECT id FROM \"user\" WHERE login = $1", login);
}

/* Of the standard pipeline: the stage in which contracts are signed. */
static int64_t contract_stage(struct ctx *c) {
    return DB_INT(c,
                  "SELECT id FROM stage WHERE pipeline_id = $1 AND funnel_step = 'contract' "
                  "AND kind = 'open' AND deleted_at IS NULL ORDER BY position LIMIT 1",
                  pipeline_standard(c));
}

static struct record *make(struct ctx *c, const char *name, const char *trigger, const char *steps,
                           struct change_set *set) {
    change_text(set, "name", str_from(name));
    change_text(set, "entity_name", STR("opportunity"));
    change_text(set, "trigger", str_from(trigger));
    change_text(set, "steps", str_from(steps));
    change_text(
        set, "shown",
        STR("[\"account_id\",\"amount\",\"discount\",\"expected_close_date\",\"product_id\","
            "\"competitor\",\"owner_id\"]"));
    change_text(set, "locked", STR("[\"amount\"]"));
    change_id(set, "fallback_user_id", user_of(c, "hanmei"));
    return record_insert(c, set);
}

static struct record *make_legal(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "approval_process"));
    struct str steps = str_format(
        c->arena,
        "[{\"name\":\"法务评审\",\"mode\":\"any\",\"approvers\":[{\"role\":\"%lld\"}]},"
        "{\"name\":\"大合同由大区经理复核\",\"mode\":\"all\",\"approvers\":[{\"manager\":2}],"
        "\"condition\":{\"field\":\"amount\",\"op\":\"gte\",\"value\":"
        "{\"amount\":\"500000.00\",\"currency\":\"CNY\"}}}]",
        (long long)role_by_code(c, "legal"));
    change_text(&set, "watch_field", STR("stage_id"));
    change_text(&set, "watch_values",
                str_format(c->arena, "[\"%lld\"]", (long long)contract_stage(c)));
    change_int(&set, "once", 1);
    change_int(&set, "position", 1);
    change_int(&set, "workdays", 1);
    change_text(&set, "description", STR("商机进入合同签订之前，法务先看付款、质保和违约条款"));
    return make(c, "合同法务评审", "change", str_to_c(c->arena, steps), &set);
}

/* Up to ten in a hundred a rep decides himself. */
static struct record *make_discount(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "approval_process"));
    change_text(&set, "watch_field", STR("discount"));
    change_text(&set, "condition", STR("{\"field\":\"discount\",\"op\":\"gt\",\"value\":\"0.1\"}"));
    change_int(&set, "position", 2);
    change_text(&set, "description",
                STR("让利超过 10% 先由上级同意，超过 15% 再由大区经理同意，和金额大小无关"));
    return make(c, "折扣审批", "change",
                "[{\"name\":\"上级\",\"mode\":\"any\",\"approvers\":[{\"manager\":1}]},"
                "{\"name\":\"大区经理\",\"mode\":\"any\",\"approvers\":[{\"manager\":2}],"
                "\"condition\":{\"field\":\"discount\",\"op\":\"gt\",\"value\":\"0.15\"}}]",
                &set);
}

/* A deal this large ties up designers for weeks: it is begun when the manager agrees. */
static struct record *make_large(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "approval_process"));
    change_text(&set, "condition",
                STR("{\"field\":\"amount\",\"op\":\"gte\",\"value\":"
                    "{\"amount\":\"3000000.00\",\"currency\":\"CNY\"}}"));
    change_int(&set, "position", 3);
    change_text(&set, "description", STR("三百万元以上的商机先立项：通过后自动建立"));
    return make(c, "大项目立项", "create",
                "[{\"name\":\"上级\",\"mode\":\"any\",\"approvers\":[{\"manager\":1}]}]", &set);
}

/* Open deals of the standard pipeline that are not yet signed, the largest of their stages. */
static size_t deals(struct ctx *c, int64_t least_minor, int64_t offset, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT o.id FROM opportunity o JOIN stage s ON s.id = o.stage_id WHERE o.state = "
             "'open' AND s.funnel_step = 'quote' AND o.pipeline_id = $1 AND o.amount >= $2 AND "
             "o.owner_id IS NOT NULL AND o.deleted_at IS NULL ORDER BY s.position DESC, o.id DESC "
             "LIMIT $3 OFFSET $4",
             pipeline_standard(c), least_minor, (int64_t)DEALS_MOST, offset);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

/* Asked by the owner of the deal some hours ago. */
static int64_t ask(struct ctx *c, const struct record *process, const struct record *deal,
                   struct str change, const char *reason) {
    return approval_start(c, &(struct approval_request){.process = process,
                                                        .subject = deal,
                                                        .requester_id = record_id(deal, "owner_id"),
                                                        .change = change,
                                                        .reason = str_from(reason)});
}

static void ask_legal(struct ctx *c, const struct record *process) {
    static const char *const reasons[] = {
        "付款 3-3-3-1，质保两年，客户用了自己的合同模板", "按我们的标准合同，只改了交期",
        "客户要求违约金封顶 20%，请法务看一下", "框架协议下的订单合同"};
    static const int hours_ago[] = {2, 5, 21, 27};
    int64_t ids[DEALS_MOST], now = c->now_ms;
    size_t n = deals(c, 0, 0, ids);
    struct str change = str_format(c->arena, "{\"stage_id\":\"%lld\"}",
                                   (long long)contract_stage(c));
    for (size_t i = 0; i < n && i < 4 && !ctx_failed(c); i++) {
        struct record *deal = record_load(c, entity_named(c, "opportunity"), ids[i]);
        c->now_ms = now - hours_ago[i] * (int64_t)MS_HOUR;
        ask(c, process, deal, change, reasons[i]);
        c->now_ms = now;
    }
}

/* Who is asked first answers, in his name. */
static void answer(struct ctx *c, int64_t id, enum approval_decision decision, const char *words) {
    const struct actor *before = c->actor;
    int64_t who = DB_INT(c,
                         "SELECT holder_id FROM approval_vote WHERE approval_id = $1 AND state = "
                         "'waiting' ORDER BY id LIMIT 1",
                         id);
    struct actor approver = {.system = true, .user_id = who};
    struct approval_case *k = approval_open(c, id, "pending");
    int64_t vote = k ? approval_vote_of(c, k, who) : 0;
    c->actor = &approver;
    if (vote) {
        approval_decide(c, k, vote, decision, str_from(words));
    }
    c->actor = before;
}

static void ask_discounts(struct ctx *c, const struct record *process) {
    static const struct {
        const char *reason, *answer, *discount;
        int hours_ago;
        enum approval_decision decision;
    } asked[] = {
        {"客户要求再让 5%，否则转给汇川", NULL, "0.12", 1, APPROVAL_APPROVE},
        {"年度框架，申请整单让 14%", NULL, "0.14", 6, APPROVAL_APPROVE},
        {"二期一起签，申请让 18%", "量大，同意往上报", "0.18", 22, APPROVAL_APPROVE},
        {"老客户扩线，申请让 11%", "毛利够，同意", "0.11", 50, APPROVAL_APPROVE},
        {"申请让 25%，客户预算被砍", "低于底价，换成分期再谈", "0.25", 75, APPROVAL_REJECT},
        {"申请让 12%", "写清楚让利换什么：交期还是付款", "0.12", 28, APPROVAL_RETURN}};
    int64_t ids[DEALS_MOST], now = c->now_ms;
    size_t n = deals(c, 0, 4, ids);
    for (size_t i = 0; i < n && i < sizeof asked / sizeof *asked && !ctx_failed(c); i++) {
        struct record *deal = record_load(c, entity_named(c, "opportunity"), ids[i]);
        c->now_ms = now - asked[i].hours_ago * (int64_t)MS_HOUR;
        int64_t id = ask(c, process, deal,
                         str_format(c->arena, "{\"discount\":\"%s\"}", asked[i].discount),
                         asked[i].reason);
        if (asked[i].answer && id) {
            c->now_ms += 3 * (int64_t)MS_HOUR;
            answer(c, id, asked[i].decision, asked[i].answer);
        }
        c->now_ms = now;
    }
}

void sample_approval(struct ctx *c) {
    struct record *legal = make_legal(c), *discount = make_discount(c);
    if (legal && discount && make_large(c)) {
        ask_legal(c, legal);
        ask_discounts(c, discount);
    }
}
