/*
 * The funnel's totals, as they are kept, against counting the records from nothing.
 *
 * A company works at random: leads come now or are brought in with their history, change hands,
 * are converted, given up, thrown away and taken back; conversions are undone; deals move to and
 * fro, are won and lost, merged; stages come to mean another step; people change departments,
 * companies their region, the company its time zone. After each stretch, for an administrator, a
 * manager of a tree, a representative and one with whom records are shared, over random periods
 * and filters: the sums kept must be those that the oracle below counts from the records, the list
 * that each figure of the report opens to must hold as many, and a replay of the log must leave the
 * totals as they were.
 */
#include "database_fixture.h"

#include <stdio.h>

#include "app/modules.h"
#include "app/program.h"
#include "base/log.h"
#include "db/sql.h"
#include "entity/query.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "http/server.h"
#include "organization/actor.h"
#include "organization/company.h"
#include "organization/role.h"
#include "organization/user.h"
#include "organization/version.h"
#include "sales/funnel.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"

enum {
    ROUNDS = 3,
    STRETCHES = 6,
    STRETCH = 60,
    USERS = 5,
    DEPARTMENTS = 3,
    ACCOUNTS = 3,
    PRODUCTS = 2
};
enum { MOST = 300, STAGES = 16, READERS = 4 };

static uint64_t seed;

static int below(int n) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)n);
}

#define PICK(list) (list)[below((int)(sizeof(list) / sizeof *(list)))]

static const char *const sources[] = {"website", "exhibition", "baidu"};
static const char *const regions[] = {"北京市", "上海市", "江苏省无锡市"};

static struct world {
    int64_t departments[DEPARTMENTS], users[USERS], accounts[ACCOUNTS];
    int64_t leads[MOST], deals[MOST], stages[STAGES];
    int n_leads, n_deals, n_stages;
    int64_t products[PRODUCTS];
    int64_t lost_reason;
} world;

static void good(const struct ctx *c) {
    if (ctx_failed(c)) {
        fail_msg("%s %s %s", c->error.text, c->error.internal,
                 c->error.fields ? c->error.fields->text : "");
    }
}

static void settle(struct ctx *c) {
    const struct contents *contents = modules_register();
    for (int i = 0; i < 5; i++) {
        c->now_ms += 10000; /* an import is counted when it rests */
        db_begin(c);
        timer_fire_due(c, contents->timers);
        reactor_drain(c, contents->reactors);
        db_commit(c);
        good(c);
    }
}

static int64_t made(struct ctx *c, const struct change_set *set) {
    struct record *r = record_insert(c, set);
    good(c);
    return r->id;
}

static void people_add(struct ctx *c) {
    static const char *const roles[] = {"administrator", "sales_manager", "sales_rep", "sales_rep",
                                        "sales_rep"};
    static const int of[] = {0, 1, 1, 2, 2};
    for (int i = 0; i < DEPARTMENTS; i++) {
        struct change_set set = change_new(c, entity_named(c, "department"));
        change_text(&set, "name", str_format(c->arena, "部门%d", i));
        change_id(&set, "parent_id", i ? world.departments[i - 1] : 0);
        world.departments[i] = made(c, &set);
    }
    for (int i = 0; i < USERS; i++) {
        struct change_set set = change_new(c, entity_named(c, "user"));
        int64_t role = role_by_code(c, roles[i]);
        change_text(&set, "name", str_format(c->arena, "员工%d", i));
        change_text(&set, "login", str_format(c->arena, "user%d", i));
        change_id(&set, "department_id", world.departments[of[i]]);
        world.users[i] = made(c, &set);
        user_set_roles(c, world.users[i], &role, 1);
    }
    for (int i = 0; i < ACCOUNTS; i++) {
        struct change_set set = change_new(c, entity_named(c, "account"));
        change_text(&set, "name", str_format(c->arena, "客户%d", i));
        change_text(&set, "region", str_from(regions[i]));
        world.accounts[i] = made(c, &set);
    }
    for (int i = 0; i < PRODUCTS; i++) {
        struct change_set set = change_new(c, entity_named(c, "product"));
        change_text(&set, "name", str_format(c->arena, "产品%d", i));
        world.products[i] = made(c, &set);
    }
    organization_changed(c);
}

static void stages_read(struct ctx *c) {
    struct db_rows rows;
    pipeline_seed(c);
    DB_QUERY(c, &rows, "SELECT id FROM stage ORDER BY position");
    while (db_next(&rows) && world.n_stages < STAGES) {
        world.stages[world.n_stages++] = db_int(&rows, 0);
    }
    world.lost_reason = DB_INT(c, "SELECT id FROM lost_reason ORDER BY id LIMIT 1");
}

static struct ctx *company(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    const struct contents *contents = modules_register();
    memset(&world, 0, sizeof world);
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    good(c);
    db_begin(c);
    people_add(c);
    stages_read(c);
    db_commit(c);
    good(c);
    return c;
}

/* What happens. */

static int64_t someone(void) {
    return below(8) ? world.users[below(USERS)] : 0;
}

/* One that was not merged into another. */
static int64_t account_left(struct ctx *c) {
    int64_t id = PICK(world.accounts);
    return record_load(c, entity_named(c, "account"), id) ? id : 0;
}

static void lead_comes(struct ctx *c) {
    if (world.n_leads == MOST) {
        return;
    }
    enum origin origin = c->origin;
    struct change_set set = change_new(c, entity_named(c, "lead"));
    change_text(&set, "name", str_format(c->arena, "线索%d", world.n_leads));
    change_text(&set, "phone",
                str_format(c->arena, "138%08d", world.n_leads + 100 * (int)(seed % 7)));
    change_text(&set, "company_name", STR("天工"));
    change_text(&set, "source", str_from(PICK(sources)));
    change_text(&set, "region", str_from(PICK(regions)));
    change_id(&set, "owner_id", someone());
    if (below(3)) {
        c->origin = ORIGIN_IMPORT;
        change_int(&set, "created_at",
                   c->now_ms - (int64_t)below(150) * MS_DAY - below(86400) * 1000);
    }
    struct record *lead = record_insert(c, &set);
    if (lead) {
        world.leads[world.n_leads++] = lead->id;
    }
    c->origin = origin;
}

static void deal_brought(struct ctx *c) {
    if (world.n_deals == MOST) {
        return;
    }
    enum origin origin = c->origin;
    struct change_set set = change_new(c, entity_named(c, "opportunity"));
    char day[DATE_TEXT];
    c->origin = ORIGIN_IMPORT;
    change_text(&set, "name", str_format(c->arena, "商机%d", world.n_deals));
    change_id(&set, "stage_id", world.stages[below(world.n_stages)]);
    change_id(&set, "account_id", below(4) ? account_left(c) : 0);
    change_id(&set, "owner_id", someone());
    change_id(&set, "product_id", below(3) ? PICK(world.products) : 0);
    change_text(&set, "source", str_from(PICK(sources)));
    change_int(&set, "created_at", c->now_ms - (int64_t)below(150) * MS_DAY);
    if (below(2)) {
        date_format(zone_date(company_zone(c), c->now_ms - (int64_t)below(150) * MS_DAY), day);
        change_text(&set, "engaged_date", str_copy(c->arena, str_from(day)));
    }
    date_format(zone_date(company_zone(c), c->now_ms - (int64_t)below(60) * MS_DAY), day);
    change_text(&set, "closed_date", str_copy(c->arena, str_from(day)));
    struct record *deal = record_insert(c, &set);
    if (deal) {
        world.deals[world.n_deals++] = deal->id;
    }
    for (int i = below(3); i > 0 && deal; i--) {
        opportunity_history_add(
            c, &(struct stage_move){deal->id, 0, world.stages[below(world.n_stages)],
                                    c->now_ms - (int64_t)below(90) * MS_DAY, 0});
    }
    c->origin = origin;
}

static const struct actor *caller;

static void as_caller(struct request *r) {
    r->c->actor = caller;
}

static bool permit(struct ctx *c, const char *permission) {
    (void)permission;
    return c->actor != NULL;
}

static const struct json *asked(struct ctx *c, enum method method, struct str target,
                                struct str body) {
    const struct actor *before = c->actor;
    const struct server_options options = {.routes = modules_register()->routes,
                                           .body_limit = 1 << 20,
                                           .handler_seconds = 30,
                                           .authenticate = as_caller,
                                           .permit = permit};
    struct reply reply = server_dispatch(
        c, &options, &(struct spoken_request){.method = method, .target = target, .body = body});
    c->actor = before;
    ctx_clear_error(c);
    return reply.status == 200 ? json_parse(c, reply.body) : NULL;
}

static void converted(struct ctx *c, bool back) {
    if (!world.n_leads) {
        return;
    }
    long long id = world.leads[below(world.n_leads)];
    caller = &actor_system;
    if (back) {
        asked(c, METHOD_POST, str_format(c->arena, "/api/v1/leads/%lld/unconvert", id), STR("{}"));
        return;
    }
    int64_t account = account_left(c);
    struct str body = STR("{\"account\":null,\"opportunity\":{\"name\":\"x\"}}");
    if (account) {
        body = str_format(c->arena,
                          "{\"account\":{\"id\":\"%lld\"},\"opportunity\":{\"name\":\"x\"}}",
                          (long long)account);
    }
    const struct json *answer = asked(c, METHOD_POST,
                                      str_format(c->arena, "/api/v1/leads/%lld/convert", id), body);
    if (answer && world.n_deals < MOST) {
        world.deals[world.n_deals++] = json_id(answer, "opportunity_id");
    }
}

static struct record *some_record(struct ctx *c, const char *entity) {
    bool lead = str_is(str_from(entity), "lead");
    int n = lead ? world.n_leads : world.n_deals;
    int64_t id = n ? (lead ? world.leads : world.deals)[below(n)] : 0;
    return id ? record_load(c, entity_named(c, entity), id) : NULL;
}

static void moved(struct ctx *c) {
    struct record *deal = some_record(c, "opportunity");
    if (deal) {
        struct change_set set = change_new(c, deal->entity);
        change_id(&set, "lost_reason_id", world.lost_reason);
        opportunity_move(c, deal->id, world.stages[below(world.n_stages)], &set, 0);
    }
}

static void handed(struct ctx *c, const char *entity) {
    struct record *r = some_record(c, entity);
    if (r) {
        struct change_set set = change_new(c, r->entity);
        change_id(&set, "owner_id", someone());
        change_text(&set, "source", str_from(PICK(sources)));
        if (str_is(r->entity->name, "opportunity")) {
            change_id(&set, "product_id", below(3) ? PICK(world.products) : 0);
        }
        record_change(c, r->id, &set);
    }
}

static void given_up(struct ctx *c) {
    struct record *lead = some_record(c, "lead");
    if (lead && record_empty(lead, "converted_at")) {
        struct change_set set = change_new(c, lead->entity);
        static const char *const statuses[] = {"disqualified", "nurturing", "working"};
        change_text(&set, "status", str_from(PICK(statuses)));
        record_change(c, lead->id, &set);
    }
}

static void thrown(struct ctx *c, const char *entity) {
    bool lead = str_is(str_from(entity), "lead");
    int n = lead ? world.n_leads : world.n_deals;
    int64_t id = n ? (lead ? world.leads : world.deals)[below(n)] : 0;
    const struct entity *e = entity_named(c, entity);
    if (id && record_load(c, e, id)) {
        record_remove(c, e, id);
    } else if (id) {
        record_unremove(c, e, id);
    }
}

static void joined(struct ctx *c, const char *entity) {
    struct record *a = some_record(c, entity), *b = some_record(c, entity);
    if (a && b && a->id != b->id) {
        record_merge(c, a->entity, a->id, b->id, NULL);
    }
}

static void accounts_joined(struct ctx *c) {
    const struct entity *e = entity_named(c, "account");
    int64_t a = PICK(world.accounts), b = PICK(world.accounts);
    if (a == b || !record_load(c, e, a)) {
        return;
    }
    if (record_load(c, e, b)) {
        record_merge(c, e, a, b, NULL);
    } else {
        record_unmerge(c, e, b);
    }
}

static void setting_edited(struct ctx *c) {
    static const char *const steps[] = {"opportunity", "quote", "contract", "order", "payment"};
    static const char *const zones[] = {"Asia/Shanghai", "Europe/Berlin", "America/New_York"};
    const char *entities[] = {"stage", "user", "account"};
    int64_t ids[] = {world.stages[below(world.n_stages)], world.users[1 + below(USERS - 1)],
                     PICK(world.accounts)};
    int which = below(4);
    if (which == 3) {
        company_settings_set(
            c, json_parse(c, str_format(c->arena, "{\"time_zone\":\"%s\"}", PICK(zones))));
        return;
    }
    const struct entity *e = entity_named(c, entities[which]);
    struct change_set set = change_new(c, e);
    if (which == 0) {
        change_text(&set, "funnel_step", str_from(PICK(steps)));
    } else if (which == 1) {
        change_id(&set, "department_id", PICK(world.departments));
    } else {
        change_text(&set, "region", str_from(PICK(regions)));
    }
    if (record_load(c, e, ids[which])) {
        record_change(c, ids[which], &set);
    }
}

static void shared(struct ctx *c, const char *entity) {
    struct record *r = some_record(c, entity);
    if (r) {
        access_share(c, r, STR("user"), world.users[3], SHARE_READ);
    }
}

static void something(struct ctx *c) {
    switch (below(18)) {
    case 0:
        deal_brought(c);
        break;
    case 1:
    case 2:
    case 3:
        converted(c, below(4) == 0);
        break;
    case 4:
    case 5:
    case 6:
        moved(c);
        break;
    case 7:
        handed(c, below(2) ? "lead" : "opportunity");
        break;
    case 8:
        given_up(c);
        break;
    case 9:
        thrown(c, below(2) ? "lead" : "opportunity");
        break;
    case 10:
        joined(c, below(2) ? "lead" : "opportunity");
        break;
    case 11:
        below(3) ? setting_edited(c) : accounts_joined(c);
        break;
    case 12:
        shared(c, below(2) ? "lead" : "opportunity");
        break;
    default:
        lead_comes(c);
        break;
    }
}

static void live(struct ctx *c) {
    for (int i = 0; i < STRETCH; i++) {
        struct arena_mark mark = arena_mark(c->arena);
        db_begin(c);
        something(c);
        if (ctx_failed(c)) { /* what is not allowed does not happen */
            ctx_clear_error(c);
            db_rollback(c->db);
        } else {
            db_commit(c);
            good(c);
        }
        c->now_ms += below(3) * MS_HOUR;
        if (below(4) == 0) {
            db_begin(c);
            reactor_drain(c, modules_register()->reactors);
            db_commit(c);
            good(c);
        }
        arena_reset(c->arena, mark);
    }
    settle(c);
}

/* The oracle: records, one by one. */

static int rank(struct str step) {
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        if (str_is(step, funnel_step_codes[k])) {
            return k < STEP_OPPORTUNITY ? STEP_OPPORTUNITY : k;
        }
    }
    return STEP_OPPORTUNITY;
}

static int64_t midnight(struct ctx *c, const struct record *r, const char *field) {
    struct date d;
    return date_parse(record_text(r, field), &d) ? zone_midnight(company_zone(c), d) : 0;
}

/* How far a deal came, and when it first stood at each step or beyond. */
static int path_of(struct ctx *c, const struct record *deal, int64_t at[FUNNEL_STEPS]) {
    struct record *stage = record_load(c, entity_named(c, "stage"), record_id(deal, "stage_id"));
    bool won = str_is(record_text(deal, "state"), "won");
    int reached = STEP_OPPORTUNITY, stands = rank(record_text(stage, "funnel_step"));
    struct db_rows rows;
    memset(at, 0, FUNNEL_STEPS * sizeof *at);
    at[STEP_OPPORTUNITY] = midnight(c, deal, "engaged_date");
    if (!at[STEP_OPPORTUNITY]) {
        at[STEP_OPPORTUNITY] = record_int(deal, "created_at");
    }
    if (!str_is(record_text(deal, "state"), "lost")) {
        reached = stands;
    }
    if (won) {
        reached = reached < STEP_ORDER ? STEP_ORDER : reached;
        at[STEP_ORDER] = midnight(c, deal, "closed_date");
    }
    DB_QUERY(c, &rows,
             "SELECT h.at, s.funnel_step FROM stage_history h, stage s WHERE s.id = h.to_stage_id "
             "AND s.kind <> 'lost' AND h.opportunity_id = $1",
             deal->id);
    while (db_next(&rows)) {
        int entered = rank(db_view(&rows, 1));
        reached = entered > reached ? entered : reached;
        for (int k = STEP_QUOTE; k <= entered; k++) {
            at[k] = at[k] && at[k] < db_int(&rows, 0) ? at[k] : db_int(&rows, 0);
        }
    }
    return reached;
}

static bool in_set(const struct id_set *set, int64_t id) {
    for (size_t i = 0; set && i < set->n; i++) {
        if (set->ids[i] == id) {
            return true;
        }
    }
    return !set;
}

static bool of_what(const struct funnel_filter *f, const struct record *deal) {
    return (!f->pipeline_id || (deal && record_id(deal, "pipeline_id") == f->pipeline_id)) &&
           (!f->product_id || (deal && record_id(deal, "product_id") == f->product_id));
}

static bool asked_for(struct ctx *c, const struct funnel_filter *f, const struct record *r) {
    bool deal = str_is(r->entity->name, "opportunity");
    struct record *account = deal && record_id(r, "account_id")
                                 ? record_load(c, entity_named(c, "account"),
                                               record_id(r, "account_id"))
                                 : NULL;
    struct str region = !deal     ? record_text(r, "region")
                        : account ? record_text(account, "region")
                                  : STR("");
    return access_record(c, ACTION_READ, r) &&
           (!f->owner_id || record_id(r, "owner_id") == f->owner_id) &&
           (!f->owners || record_id(r, "owner_id")) &&
           in_set(f->owners, record_id(r, "owner_id")) &&
           in_set(f->departments, record_id(r, "owner_department_id")) &&
           (!f->source.n || str_equal(f->source, record_text(r, "source"))) &&
           (!f->region.n || str_equal(f->region, region)) && (!deal || of_what(f, r));
}

static bool within(struct ctx *c, const struct funnel_filter *f, int64_t at) {
    int64_t day = date_to_days(zone_date(company_zone(c), at));
    return at && day >= f->from && day < f->to;
}

static void lead_counted(struct ctx *c, const struct funnel_filter *f, const struct record *lead,
                         struct funnel_counts *n) {
    int64_t at[FUNNEL_STEPS], deal_id = record_id(lead, "opportunity_id");
    struct record *deal = deal_id ? record_load(c, entity_named(c, "opportunity"), deal_id) : NULL;
    int reached = deal ? path_of(c, deal, at) : STEP_LEAD;
    bool open = deal ? str_is(record_text(deal, "state"), "open")
                     : str_lists(STR("new working nurturing returned"), ' ',
                                 record_text(lead, "status"));
    if (!within(c, f, record_int(lead, "created_at")) || !asked_for(c, f, lead) ||
        !of_what(f, deal)) {
        return;
    }
    for (int k = 0; k <= reached; k++) {
        n->reached[k]++;
    }
    n->open[reached] += open;
}

static struct funnel_counts counted(struct ctx *c, const struct funnel_filter *f) {
    struct funnel_counts n = {{0}};
    for (int i = 0; i < world.n_leads; i++) {
        struct record *lead = record_load(c, entity_named(c, "lead"), world.leads[i]);
        if (lead) {
            lead_counted(c, f, lead, &n);
        }
    }
    for (int i = 0; i < world.n_deals; i++) {
        int64_t at[FUNNEL_STEPS];
        struct record *deal = record_load(c, entity_named(c, "opportunity"), world.deals[i]);
        if (!deal || !asked_for(c, f, deal)) {
            continue;
        }
        path_of(c, deal, at);
        for (int k = STEP_OPPORTUNITY; k < FUNNEL_STEPS; k++) {
            n.entered[k] += within(c, f, at[k]);
        }
    }
    return n;
}

/* The comparison. */

static struct funnel_filter some_filter(struct ctx *c, struct id_set *owners,
                                        struct id_set *departments) {
    int64_t today = date_to_days(zone_date(company_zone(c), c->now_ms));
    struct funnel_filter f = {.from = INT64_MIN, .to = INT64_MAX};
    if (below(5)) {
        f.from = today - below(200);
        f.to = f.from + below(120);
    }
    *owners = (struct id_set){world.users, 2};
    *departments = (struct id_set){world.departments + 1, 2};
    f.owner_id = below(4) ? 0 : someone();
    f.owners = below(5) ? NULL : owners;
    f.departments = below(4) ? NULL : departments;
    f.source = below(4) ? STR("") : str_from(PICK(sources));
    f.region = below(5) ? STR("") : str_from(PICK(regions));
    f.pipeline_id = below(5) ? 0 : pipeline_standard(c);
    f.product_id = below(4) ? 0 : PICK(world.products);
    if (below(2)) { /* the totals of one value alone */
        f.owner_id = 0;
        f.owners = NULL;
    }
    return f;
}

static void same_counts(struct ctx *c, const struct funnel_filter *f, int reader) {
    struct funnel_counts kept = funnel_count(c, f), true_ones = counted(c, f);
    good(c);
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        if (kept.reached[k] != true_ones.reached[k] || kept.open[k] != true_ones.open[k] ||
            kept.entered[k] != true_ones.entered[k]) {
            fail_msg("seed %llu, reader %d, step %d: reached %lld (%lld), open %lld (%lld), "
                     "entered %lld (%lld)",
                     (unsigned long long)seed, reader, k, (long long)kept.reached[k],
                     (long long)true_ones.reached[k], (long long)kept.open[k],
                     (long long)true_ones.open[k], (long long)kept.entered[k],
                     (long long)true_ones.entered[k]);
        }
    }
}

static int groups; /* of causes, that were opened in all */

static int64_t opened(struct ctx *c, const char *entity, const struct json *where) {
    const struct entity *e = entity_named(c, entity);
    struct list_request request = {.entity = e, .where = condition_parse(c, e, where)};
    good(c);
    struct list_total total = list_count(c, &request, true);
    good(c);
    return total.value;
}

/* Each group that is said to do worse opens to as many records as its share is taken from. */
static void groups_open(struct ctx *c, struct str query, int reader, const char *step) {
    bool deals = str_find(query, STR("view=period")) >= 0 && strcmp(step, "lead") != 0;
    struct str url = str_format(c->arena, "/api/v1/reports/funnel/cause%.*s%sstep=%s",
                                STR_ARG(query), query.n ? "&" : "?", step);
    const struct json *worst = json_get(asked(c, METHOD_GET, url, STR("")), "worst");
    assert_non_null(worst);
    for (size_t k = 0; k < worst->n; k++) {
        const struct json *g = &worst->items[k];
        int64_t n = opened(c, deals ? "opportunity" : "lead", json_get(g, "where"));
        struct str title = json_text(g, "title");
        if (n != json_int(g, "n", -1)) {
            fail_msg("%.*s, reader %d, %.*s: %lld opens to %lld", STR_ARG(url), reader,
                     STR_ARG(title), (long long)json_int(g, "n", -1), (long long)n);
        }
        groups++;
    }
}

/* Each figure of the report opens to as many records. */
static void figures_open(struct ctx *c, int reader) {
    char product[80];
    snprintf(product, sizeof product, "/api/v1/reports/funnel?product_id=%lld%s",
             (long long)world.products[0], below(2) ? "&source=website" : "");
    const char *const targets[] = {"/api/v1/reports/funnel", "/api/v1/reports/funnel?view=period",
                                   "/api/v1/reports/funnel?source=website&region=北京市",
                                   "/api/v1/reports/funnel?view=period&region=上海市", product};
    char day[2][DATE_TEXT];
    int64_t today = date_to_days(zone_date(company_zone(c), c->now_ms)), from = today - below(120);
    date_format(date_from_days(from), day[0]);
    date_format(date_from_days(from + below(90)), day[1]);
    const char *target = PICK(targets);
    bool open = below(3) == 0, more = strchr(target, '?') != NULL;
    struct str url = open ? str_from(target)
                          : str_format(c->arena, "%s%sfrom=%s&to=%s&department_id=%lld", target,
                                       more ? "&" : "?", day[0], day[1],
                                       (long long)PICK(world.departments));
    caller = c->actor;
    const struct json *steps = json_get(asked(c, METHOD_GET, url, STR("")), "steps");
    assert_non_null(steps);
    for (size_t k = 0; k < steps->n; k++) {
        const struct json *s = &steps->items[k];
        bool deals = str_is(json_text(s, "entity"), "opportunities");
        int64_t n = opened(c, deals ? "opportunity" : "lead", json_get(s, "where"));
        const struct json *staying = json_get(s, "open_where");
        int64_t still = json_is(staying, JSON_IS_OBJECT) ? opened(c, "lead", staying) : 0;
        if (n != json_int(s, "reached", -1) || still != json_int(s, "open", -1)) {
            fail_msg("%s, reader %d, step %zu: %lld opens to %lld, %lld to %lld", target, reader, k,
                     (long long)json_int(s, "reached", -1), (long long)n,
                     (long long)json_int(s, "open", -1), (long long)still);
        }
    }
    struct str query = str_slice(url, strlen("/api/v1/reports/funnel"), url.n);
    for (int step = STEP_LEAD; step < STEP_ORDER; step++) {
        groups_open(c, query, reader, funnel_step_codes[step]);
    }
}

static void compare(struct ctx *c) {
    for (int reader = 0; reader < READERS; reader++) {
        struct arena_mark mark = arena_mark(c->arena);
        c->actor = actor_build(c, c->arena, world.users[reader]);
        good(c);
        for (int i = 0; i < 6; i++) {
            struct id_set owners, departments;
            struct funnel_filter f = some_filter(c, &owners, &departments);
            same_counts(c, &f, reader);
        }
        figures_open(c, reader);
        figures_open(c, reader);
        c->actor = &actor_system;
        arena_reset(c->arena, mark);
    }
}

static struct str totals_text(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT bucket, owner_id, department_id, reached0, reached1, reached2, reached3, "
             "reached4, reached5, open0, open1, open2, open3, open4, open5, entered1, entered2, "
             "entered3, entered4, entered5 FROM funnel_owner UNION ALL "
             "SELECT bucket, -1, department_id, reached0, reached1, reached2, reached3, reached4, "
             "reached5, open0, open1, open2, open3, open4, open5, entered1, entered2, entered3, "
             "entered4, entered5 FROM funnel_department ORDER BY 1, 2, 3");
    while (db_next(&rows)) {
        bool any = false;
        for (int i = 3; i < 20; i++) {
            any = any || db_int(&rows, i);
        }
        for (int i = 0; any && i < 20; i++) {
            text_add_format(&text, "%lld ", (long long)db_int(&rows, i));
        }
    }
    good(c);
    DB_QUERY(c, &rows,
             "SELECT kind, value, bucket, department_id, reached0, reached1, reached2, open0, "
             "open1, entered1, entered2, entered3 FROM funnel_value WHERE reached0 <> 0 OR "
             "entered1 <> 0 ORDER BY 1, 2, 3, 4");
    while (db_next(&rows)) {
        text_add(&text, db_view(&rows, 1));
        for (int i = 2; i < 12; i++) {
            text_add_format(&text, " %lld", (long long)db_int(&rows, i));
        }
    }
    good(c);
    return text_str(&text);
}

static void replay(struct ctx *c) {
    struct str live_totals = totals_text(c);
    const struct reactor *const *r = modules_register()->reactors;
    while (*r && !str_is(str_from((*r)->name), "sales.funnel")) {
        r++;
    }
    assert_non_null(*r);
    assert_true(live_totals.n > 0);
    db_begin(c);
    reactor_replay(c, *r);
    db_commit(c);
    good(c);
    struct str replayed = totals_text(c);
    if (!str_equal(live_totals, replayed)) {
        fail_msg("live     %.*s\nreplayed %.*s", STR_ARG(live_totals), STR_ARG(replayed));
    }
}

static void the_totals_are_what_the_records_say(void **state) {
    struct ctx *c = company(state);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        seed = round * UINT64_C(0x9e3779b97f4a7c15);
        for (int i = 0; i < STRETCHES; i++) {
            live(c);
            compare(c);
        }
        replay(c);
    }
    /* A company in which nothing happened would pass as well. */
    struct funnel_counts all = funnel_count(
        c, &(struct funnel_filter){.from = INT64_MIN, .to = INT64_MAX});
    print_message(
        "# leads %lld, with a deal %lld, ordered %lld; deals %lld, paid %lld; %d groups\n",
        (long long)all.reached[STEP_LEAD], (long long)all.reached[STEP_OPPORTUNITY],
        (long long)all.reached[STEP_ORDER], (long long)all.entered[STEP_OPPORTUNITY],
        (long long)all.entered[STEP_PAYMENT], groups);
    assert_true(groups > 10);
    assert_true(all.reached[STEP_OPPORTUNITY] > 5 && all.entered[STEP_ORDER] > 3);
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        ON_BOTH(the_totals_are_what_the_records_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
