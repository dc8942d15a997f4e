/*
 * Memberships kept as things happen and as time passes against the same computed from nothing:
 * people browse on shared browsers, say who they are, are joined and parted, links are taken back
 * and set again, fields change, tags come and go, records go to the trash and return, definitions
 * change, days pass. After each stretch every definition, a random tree over fields, related
 * records, tags, other segments and what people did, must say the same of every record in three
 * ways: the row that was kept, the condition as SQL, the condition in memory; and the population in
 * memory (population.h), which follows the same log, must count as many. And what people did
 * by day must be what the log, the links and the joins that stand add up to.
 */
#include "database_fixture.h"

#include "app/modules.h"
#include "app/program.h"
#include "customer/lead.h"
#include "customer/membership_parts.h"
#include "customer/population.h"
#include "customer/segment.h"
#include "customer/tag.h"
#include "customer/visitor.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "event/event.h"
#include "event/reactor.h"
#include "event/timer.h"

enum { ROUNDS = 4, STEPS = 144, STRETCH = 12, PEOPLE = 7, ACCOUNTS = 3, VISITORS = 5 };
enum { TAGS = 3, SEGMENTS = 14, SUBJECTS = 200, PIECE = 7 };

static uint64_t seed;

static int below(int n) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)n);
}

#define PICK(list) (list)[below((int)(sizeof(list) / sizeof *(list)))]

static const char *const pages[] = {"/", "/price", "/price/list", "/cases"};
static const char *const regions[] = {"北京市", "上海市", "江苏省无锡市"};
static const char *const industries[] = {"machinery", "software", "food"};

static struct world {
    int64_t people[PEOPLE], accounts[ACCOUNTS], visitors[VISITORS];
    int64_t tags[TAGS], segments[SEGMENTS];
    const char *of[SEGMENTS];
    int n_segments;
    int joined_to[PEOPLE]; /* −1: himself */
    int joined_as[PEOPLE]; /* the how many-th */
    int joins;
    bool trashed[PEOPLE];
} world;

static struct ctx *company(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    const struct contents *contents = modules_register();
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    assert_int_equal(c->error.code, ERROR_NONE);
    return c;
}

static void good(const struct ctx *c) {
    if (ctx_failed(c)) {
        fail_msg("%s %s %s", c->error.text, c->error.internal,
                 c->error.fields ? c->error.fields->text : "");
    }
}

/* A turn may leave another to be taken: what enters a segment may enter one that asks for it. */
static void settle(struct ctx *c) {
    const struct contents *contents = modules_register();
    for (int i = 0; i < 6; i++) {
        db_begin(c);
        timer_fire_due(c, contents->timers);
        reactor_drain(c, contents->reactors);
        db_commit(c);
        good(c);
    }
}

static int living(int p) {
    while (world.joined_to[p] >= 0) {
        p = world.joined_to[p];
    }
    return p;
}

/* What happens. */

static void capture(struct ctx *c, int p) {
    struct lead_intake in = {.name = STR("林小满"),
                             .phone = str_format(c->arena, "1381234500%d", p),
                             .region = str_from(PICK(regions)),
                             .source = STR("website"),
                             .payload = STR("{}")};
    struct intake_result r = lead_take_in(c, &in);
    if (!world.people[p] && r.person_created) {
        world.people[p] = r.person_id;
    }
}

static void browse(struct ctx *c) {
    int v = below(VISITORS);
    struct sighting who = {.key = str_format(c->arena, "propertysegmentvisito%d", v),
                           .device = STR("phone")};
    world.visitors[v] = visitor_seen(c, &who);
    event_emit(c,
               &(struct event){.stream = STREAM_BEHAVIOUR,
                               .type = below(3) ? STR("page.viewed") : STR("link.clicked"),
                               .person_id = world.visitors[v],
                               .payload = str_format(c->arena, "{\"path\":\"%s\"}", PICK(pages))});
}

static void join(struct ctx *c) {
    int v = below(VISITORS), p = living(below(PEOPLE));
    if (world.visitors[v] && world.people[p]) {
        visitor_join(c, world.visitors[v], world.people[p], "form");
    }
}

static void part_or_rejoin(struct ctx *c) {
    int64_t n = DB_INT(c, "SELECT count(*) FROM visitor_link");
    if (!n) {
        return;
    }
    int64_t link = DB_INT(c, "SELECT id FROM visitor_link ORDER BY id LIMIT 1 OFFSET $1",
                          (int64_t)below((int)n));
    if (DB_INT(c, "SELECT 1 FROM visitor_link WHERE id = $1 AND removed_at IS NULL", link)) {
        visitor_part(c, link);
    } else {
        visitor_rejoin(c, link);
    }
}

/* Of those joined to one person the last goes first. */
static bool joined_last(int a) {
    for (int i = 0; i < PEOPLE; i++) {
        if (world.joined_to[i] == world.joined_to[a] && world.joined_as[i] > world.joined_as[a]) {
            return false;
        }
    }
    return true;
}

static void merge_or_unmerge(struct ctx *c) {
    const struct entity *person = entity_named(c, "person");
    int a = below(PEOPLE), b = living(below(PEOPLE));
    if (!world.people[a] || !world.people[b] || world.trashed[a] || world.trashed[b]) {
        return;
    }
    if (world.joined_to[a] < 0 && a != b) {
        record_merge(c, person, world.people[b], world.people[a], NULL);
        world.joined_to[a] = b;
        world.joined_as[a] = ++world.joins;
    } else if (world.joined_to[a] >= 0 && world.joined_to[world.joined_to[a]] < 0 &&
               joined_last(a)) {
        record_unmerge(c, person, world.people[a]);
        world.joined_to[a] = -1;
    }
}

static void person_edit(struct ctx *c) {
    int p = below(PEOPLE);
    if (!world.people[p] || world.trashed[p] || world.joined_to[p] >= 0) {
        return;
    }
    struct change_set set = change_new(c, entity_named(c, "person"));
    if (below(2)) {
        change_text(&set, "region", str_from(PICK(regions)));
    } else {
        change_text(&set, "sex", below(2) ? STR("male") : STR("female"));
    }
    record_change(c, world.people[p], &set);
}

static void lead_edit(struct ctx *c) {
    int64_t lead = DB_INT(c,
                          "SELECT id FROM lead WHERE deleted_at IS NULL AND status <> "
                          "'converted' ORDER BY id LIMIT 1 OFFSET $1",
                          (int64_t)below(PEOPLE));
    if (lead) {
        struct change_set set = change_new(c, entity_named(c, "lead"));
        change_text(&set, "industry", str_from(PICK(industries)));
        record_change(c, lead, &set);
    }
}

static void trash_or_restore(struct ctx *c) {
    const struct entity *person = entity_named(c, "person");
    int p = below(PEOPLE);
    if (!world.people[p] || world.joined_to[p] >= 0) {
        return;
    }
    for (int i = 0; i < PEOPLE; i++) {
        if (world.joined_to[i] == p) {
            return;
        }
    }
    if (world.trashed[p]) {
        record_unremove(c, person, world.people[p]);
    } else {
        record_remove(c, person, world.people[p]);
    }
    world.trashed[p] = !world.trashed[p];
}

static void tag_or_untag(struct ctx *c) {
    int p = below(PEOPLE);
    struct tagging t = {.tag_id = world.tags[below(TAGS - 1)],
                        .entity = entity_named(c, "person"),
                        .subject_id = world.people[p],
                        .source = "hand",
                        .expires_at = below(2) ? c->now_ms + (1 + below(9)) * (int64_t)MS_DAY : 0};
    if (!world.people[p] || world.trashed[p] || world.joined_to[p] >= 0) {
        return;
    }
    if (below(2)) {
        tag_put(c, &t);
    } else {
        tag_take(c, &t);
    }
}

static void account_edit(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "account"));
    change_text(&set, "industry", str_from(PICK(industries)));
    record_change(c, world.accounts[below(ACCOUNTS)], &set);
}

static void contact_make(struct ctx *c) {
    int p = living(below(PEOPLE));
    int64_t account = world.accounts[below(ACCOUNTS)];
    if (!world.people[p] || world.trashed[p] ||
        DB_INT(c,
               "SELECT 1 FROM contact WHERE account_id = $1 AND person_id = $2 "
               "AND deleted_at IS NULL",
               account, world.people[p])) {
        return;
    }
    struct change_set set = change_new(c, entity_named(c, "contact"));
    change_text(&set, "name", STR("某人"));
    change_id(&set, "account_id", account);
    change_id(&set, "person_id", world.people[p]);
    record_insert(c, &set);
}

/* Definitions. */

static struct str field_leaf(struct ctx *c, const char *of) {
    static const char *const person[] = {
        "{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"北京\"}",
        "{\"field\":\"sex\",\"op\":\"eq\",\"value\":\"male\"}",
        "{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"3d\"}",
        "{\"field\":\"created_at\",\"op\":\"older_than\",\"value\":\"30h\"}",
        "{\"field\":\"updated_at\",\"op\":\"is\",\"value\":\"yesterday\"}",
        "{\"related\":\"lead\",\"where\":{\"field\":\"industry\",\"op\":\"eq\",\"value\":"
        "\"food\"}}",
        "{\"related\":\"contact\",\"where\":{\"field\":\"account_id.industry\",\"op\":\"in\","
        "\"value\":[\"machinery\",\"food\"]}}",
        "{\"related\":\"touch\",\"where\":{\"field\":\"created_at\",\"op\":\"within_last\","
        "\"value\":\"4d\"}}",
        "{\"related\":\"touch\",\"count\":{\"gte\":2},\"where\":{\"field\":\"created_at\","
        "\"op\":\"within_last\",\"value\":\"4d\"}}"};
    static const char *const lead[] = {
        "{\"field\":\"industry\",\"op\":\"eq\",\"value\":\"software\"}",
        "{\"field\":\"person_id.region\",\"op\":\"starts_with\",\"value\":\"上海\"}",
        "{\"field\":\"created_at\",\"op\":\"is\",\"value\":\"this_week\"}"};
    static const char of_men[] = "{\"related\":\"contact\",\"where\":{\"field\":\"person_id.sex\","
                                 "\"op\":\"eq\",\"value\":\"male\"}}";
    static const char *const account[] = {
        "{\"field\":\"industry\",\"op\":\"ne\",\"value\":\"food\"}", of_men,
        "{\"field\":\"updated_at\",\"op\":\"within_last\",\"value\":\"2d\"}"};
    (void)c;
    return str_from(strcmp(of, "person") == 0 ? PICK(person)
                    : strcmp(of, "lead") == 0 ? PICK(lead)
                                              : PICK(account));
}

static struct str event_leaf_text(struct ctx *c) {
    static const char *const types[] = {"page.viewed", "link.clicked", "touch.created",
                                        "person.active"};
    static const char *const counts[] = {"", ",\"count\":{\"gte\":2}", ",\"count\":{\"lte\":1}",
                                         ",\"count\":{\"lte\":0}",
                                         ",\"count\":{\"gte\":1,\"lte\":3}"};
    static const char *const windows[] = {"", ",\"within\":\"1d\"", ",\"within\":\"3d\"",
                                          ",\"within\":\"9d\"",
                                          ",\"between\":[\"2026-01-05\",\"2026-01-12\"]"};
    static const char *const wheres[] = {
        "", "", ",\"where\":{\"field\":\"path\",\"op\":\"starts_with\",\"value\":\"/price\"}",
        ",\"where\":{\"field\":\"path\",\"op\":\"eq\",\"value\":\"/price\"}"};
    if (below(4) == 0) {
        return str_format(c->arena, "{\"event\":\"%s\",\"older_than\":\"%dd\"}", PICK(types),
                          1 + below(5));
    }
    return str_format(c->arena, "{\"event\":\"%s\"%s%s%s}", PICK(types), PICK(counts),
                      PICK(windows), PICK(wheres));
}

static struct str leaf(struct ctx *c, const char *of, int before) {
    bool account = strcmp(of, "account") == 0, person = strcmp(of, "person") == 0;
    int kind = below(8);
    if (kind < 3 && !account) {
        return event_leaf_text(c);
    }
    if (kind == 3 && person) {
        return str_format(c->arena, "{\"tag\":\"%lld\"}", (long long)world.tags[below(TAGS)]);
    }
    if (kind == 4 && before > 0) {
        int at = below(before);
        bool fits = strcmp(world.of[at], of) == 0 ||
                    (strcmp(of, "lead") == 0 && strcmp(world.of[at], "person") == 0);
        if (fits) {
            return str_format(c->arena, "{\"segment\":\"%lld\"}", (long long)world.segments[at]);
        }
    }
    return field_leaf(c, of);
}

static struct str tree(struct ctx *c, const char *of, int before, int depth) {
    int kind = below(depth > 2 ? 1 : 5);
    struct text_buffer b = {.arena = c->arena};
    if (kind < 2) {
        return leaf(c, of, before);
    }
    if (kind == 2) {
        struct str inner = tree(c, of, before, depth + 1);
        return str_format(c->arena, "{\"not\":%.*s}", STR_ARG(inner));
    }
    text_add_c(&b, kind == 3 ? "{\"all\":[" : "{\"any\":[");
    for (int i = 0, n = 1 + below(3); i < n; i++) {
        text_add_c(&b, i ? "," : "");
        text_add(&b, tree(c, of, before, depth + 1));
    }
    text_add_c(&b, "]}");
    return text_str(&b);
}

static void segment_make(struct ctx *c, int at) {
    static const char *const kinds[] = {"person", "person", "person", "lead", "account"};
    world.of[at] = PICK(kinds);
    struct change_set set = change_new(c, entity_named(c, "segment"));
    change_text(&set, "name", str_format(c->arena, "人群 %d %d", at, (int)(seed >> 40)));
    change_text(&set, "entity_name", str_from(world.of[at]));
    change_text(&set, "condition", tree(c, world.of[at], at, 0));
    struct record *r = record_insert(c, &set);
    good(c);
    world.segments[at] = r->id;
}

static void segment_edit(struct ctx *c) {
    int at = below(world.n_segments);
    struct change_set set = change_new(c, entity_named(c, "segment"));
    change_text(&set, "condition", tree(c, world.of[at], at, 0));
    record_change(c, world.segments[at], &set);
}

static void world_make(struct ctx *c, uint64_t round) {
    world = (struct world){0};
    seed = round * 7919;
    c->now_ms = 1767484800000 + (int64_t)round * 400 * MS_DAY; /* 2026-01-04 and on */
    db_begin(c);
    for (int i = 0; i < PEOPLE; i++) {
        world.joined_to[i] = -1;
    }
    DB_RUN(c, "DELETE FROM identity");
    DB_RUN(c, "DELETE FROM visitor_link");
    DB_RUN(c, "DELETE FROM visitor");
    for (int i = 0; i < ACCOUNTS; i++) {
        struct change_set set = change_new(c, entity_named(c, "account"));
        change_text(&set, "name", str_format(c->arena, "厂 %d %d", (int)round, i));
        world.accounts[i] = record_insert(c, &set)->id;
    }
    for (int i = 0; i < TAGS; i++) {
        struct change_set set = change_new(c, entity_named(c, "tag"));
        change_text(&set, "name", str_format(c->arena, "签 %d %d", (int)round, i));
        if (i == TAGS - 1) { /* the last is put on by its rule */
            change_text(&set, "condition",
                        STR("{\"event\":\"page.viewed\",\"count\":{\"gte\":2},\"within\":\"4d\"}"));
            change_int(&set, "rule_on", 1);
        }
        world.tags[i] = record_insert(c, &set)->id;
        good(c);
    }
    db_commit(c);
    good(c);
    world.n_segments = SEGMENTS;
    for (int i = 0; i < SEGMENTS; i++) {
        db_begin(c);
        segment_make(c, i);
        db_commit(c);
        good(c);
    }
}

static void step(struct ctx *c) {
    db_begin(c);
    switch (below(16)) {
    case 0:
        join(c);
        break;
    case 1:
        part_or_rejoin(c);
        break;
    case 2:
        merge_or_unmerge(c);
        break;
    case 3:
        person_edit(c);
        break;
    case 4:
        lead_edit(c);
        break;
    case 5:
        trash_or_restore(c);
        break;
    case 6:
        tag_or_untag(c);
        break;
    case 7:
        account_edit(c);
        break;
    case 8:
        contact_make(c);
        break;
    case 9:
    case 10:
        capture(c, living(below(PEOPLE)));
        break;
    case 11:
        if (below(8) == 0) {
            segment_edit(c);
        }
        break;
    default:
        browse(c);
    }
    db_commit(c);
    good(c);
    c->now_ms += below(6) ? (int64_t)below(MS_HOUR) : (int64_t)below(3 * MS_DAY);
}

/* Comparing. */

static size_t ids_of(struct ctx *c, struct sql *q, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    sql_query(c, &rows, q);
    while (db_next(&rows)) {
        assert_true(n < SUBJECTS);
        ids[n++] = db_int(&rows, 0);
    }
    good(c);
    return n;
}

static size_t by_sql(struct ctx *c, const struct entity *e, const struct condition *where,
                     int64_t *ids) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT t.id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " t WHERE t.deleted_at IS NULL AND ");
    condition_sql(c, &q, where, "t");
    SQL_ADD(&q, " ORDER BY t.id");
    return ids_of(c, &q, ids);
}

/* The same, asked of a few records at a time. */
static size_t by_pieces(struct ctx *c, const struct entity *e, const struct condition *where,
                        int64_t *ids) {
    int64_t all[SUBJECTS];
    size_t n_all = by_sql(c, e, NULL, all), n = 0;
    for (size_t i = 0; i < n_all; i += PIECE) {
        size_t last = i + PIECE < n_all ? i + PIECE - 1 : n_all - 1;
        struct condition_rows rows = {"t", true, i ? all[i - 1] : 0, all[last]};
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "SELECT t.id FROM ");
        sql_identifier(&q, e->table);
        SQL_ADD(&q, " t WHERE t.deleted_at IS NULL");
        condition_rows_within(&q, &rows, "t", STR("id"));
        SQL_ADD(&q, " AND ");
        condition_sql_of(c, &q, where, &rows);
        SQL_ADD(&q, " ORDER BY t.id");
        n += ids_of(c, &q, ids + n);
    }
    return n;
}

static bool has(const int64_t *ids, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

static int64_t held, asked;

static void compare(struct ctx *c, int at) {
    const struct entity *e = entity_named(c, world.of[at]);
    struct record *segment = record_load(c, entity_named(c, "segment"), world.segments[at]);
    struct str text = record_text(segment, "condition");
    const struct condition *where = condition_parse_text(c, e, text);
    int64_t sql[SUBJECTS], all[SUBJECTS], members[SUBJECTS], pieces[SUBJECTS];
    good(c);
    size_t n_sql = by_sql(c, e, where, sql), n_pieces = by_pieces(c, e, where, pieces);
    if (n_pieces != n_sql || memcmp(pieces, sql, n_sql * sizeof *sql) != 0) {
        fail_msg("at once %zu, in pieces %zu: %.*s", n_sql, n_pieces, STR_ARG(text));
    }
    size_t n_all = by_sql(c, e, condition_parse(c, e, NULL), all);
    size_t n_members = segment_members(c, world.segments[at], 0, members, SUBJECTS);
    for (size_t i = 0; i < n_all; i++) {
        struct record *r = record_load(c, e, all[i]);
        bool by_memory = condition_match(c, where, r);
        bool in_sql = has(sql, n_sql, all[i]), kept = has(members, n_members, all[i]);
        if (in_sql != by_memory || in_sql != kept) {
            fail_msg("%s %lld: SQL %d, memory %d, kept %d: %.*s", world.of[at], (long long)all[i],
                     in_sql, by_memory, kept, STR_ARG(text));
        }
        held += kept;
        asked++;
    }
    assert_int_equal(n_members, n_sql);
    if (strcmp(world.of[at], "person") == 0) {
        int64_t counted = population_count(c, where);
        if (counted != (int64_t)n_sql) {
            fail_msg("SQL %zu, the population %lld: %.*s", n_sql, (long long)counted,
                     STR_ARG(text));
        }
    }
    assert_int_equal(n_members, DB_INT(c,
                                       "SELECT members FROM membership_total WHERE "
                                       "definition_id = $1",
                                       world.segments[at]));
}

/* What a person viewed by the links that stand, and what reached us in his name or in that of
 * those who became him. */
static void compare_days(struct ctx *c, int p) {
    int64_t pages_viewed = DB_INT(
        c,
        "SELECT count(*) FROM behaviour b JOIN visitor_link l ON l.visitor_id = b.person_id "
        "AND b.seq >= l.from_seq AND (l.to_seq IS NULL OR b.seq < l.to_seq) "
        "WHERE l.removed_at IS NULL AND l.person_id = $1 AND b.type = 'page.viewed'",
        world.people[p]);
    int64_t touches = 0;
    for (int i = 0; i < PEOPLE; i++) {
        if (world.people[i] && living(i) == p) {
            touches += DB_INT(c,
                              "SELECT count(*) FROM event WHERE type = 'touch.created' "
                              "AND person_id = $1",
                              world.people[i]);
        }
    }
#define KEPT                                                                                \
    "SELECT CAST(COALESCE(sum(d.events), 0) AS BIGINT) FROM person_day d JOIN event_key k " \
    "ON k.id = d.key_id WHERE d.person_id = $1 AND k.name = $2"
    assert_int_equal(DB_INT(c, KEPT, world.people[p], "page.viewed"), pages_viewed);
    assert_int_equal(DB_INT(c, KEPT, world.people[p], "touch.created"), touches);
}

/* The tag with a rule: carried by whom the rule holds for, and counted. */
static void compare_tag(struct ctx *c) {
    const struct entity *e = entity_named(c, "person");
    struct record *tag = record_load(c, entity_named(c, "tag"), world.tags[TAGS - 1]);
    const struct condition *rule = condition_parse_text(c, e, record_text(tag, "condition"));
    struct str text = str_format(c->arena, "{\"tag\":\"%lld\"}", (long long)tag->id);
    const struct condition *carried = condition_parse_text(c, e, text);
    int64_t by_rule[SUBJECTS], by_tag[SUBJECTS];
    good(c);
    size_t n = by_sql(c, e, rule, by_rule), m = by_sql(c, e, carried, by_tag);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_true(has(by_tag, m, by_rule[i]));
    }
    for (int i = 0; i < TAGS; i++) {
        assert_int_equal(DB_INT(c,
                                "SELECT CAST(COALESCE(sum(records), 0) AS BIGINT) FROM tag_total "
                                "WHERE tag_id = $1",
                                world.tags[i]),
                         DB_INT(c,
                                "SELECT count(*) FROM tagging g JOIN person t ON "
                                "t.id = g.subject_id AND t.deleted_at IS NULL "
                                "WHERE g.tag_id = $1 AND g.kept_off = 0",
                                world.tags[i]));
    }
}

/* Everything that is kept of live definitions, as one text. */
static struct str kept_text(struct ctx *c) {
    struct text_buffer b = {.arena = c->arena};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT definition_id, subject_id, member, COALESCE(due_at, 0) FROM membership "
             "ORDER BY definition_id, subject_id");
    while (db_next(&rows)) {
        text_add(&b, str_format(c->arena, "%lld %lld %lld %lld\n", (long long)db_int(&rows, 0),
                                (long long)db_int(&rows, 1), (long long)db_int(&rows, 2),
                                (long long)db_int(&rows, 3)));
    }
    good(c);
    return text_str(&b);
}

/* Bytes of all such texts. */
static int64_t filled;

/* Ask for every record by itself. */
static void ask_all(struct ctx *c, const struct membership_definition *d) {
    int64_t ids[SUBJECTS];
    size_t n = by_sql(c, d->entity, NULL, ids);
    for (size_t i = 0; i < n; i++) {
        membership_ask(c, d, ids[i], true);
    }
}

/* Forget what is kept and go through all records, in pieces or one by one. */
static struct str filled_anew(struct ctx *c, bool singly) {
    struct membership_definitions all = membership_definitions(c);
    db_begin(c);
    DB_RUN(c, "DELETE FROM membership");
    DB_RUN(c, "DELETE FROM membership_total");
    db_commit(c);
    for (size_t i = 0; i < all.n; i++) { /* those that ask for another come behind it */
        db_begin(c);
        if (singly) {
            ask_all(c, &all.items[i]);
        } else {
            membership_fill(c, all.items[i].id, true);
        }
        db_commit(c);
        settle(c);
        all = membership_definitions(c);
    }
    return kept_text(c);
}

/* Filled by sets, one by one, or kept as things happened: the same members, and by either way of
 * filling the same instants to ask again. */
static void fill_every_way(struct ctx *c) {
    int64_t before = c->now_ms;
    struct str singly = filled_anew(c, true), by_sets = filled_anew(c, false);
    assert_int_equal(c->now_ms, before);
    if (!str_equal(singly, by_sets)) {
        fail_msg("singly:\n%.*s\nby sets:\n%.*s", STR_ARG(singly), STR_ARG(by_sets));
    }
    db_begin(c);
    for (int i = 0; i < world.n_segments; i++) {
        compare(c, i);
    }
    compare_tag(c);
    db_commit(c);
    filled += (int64_t)by_sets.n;
}

static void what_is_kept_is_what_is(void **state) {
    struct ctx *c = company(state);
    held = asked = 0;
    population_forget();
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        world_make(c, round);
        for (int i = 0; i < STEPS; i++) {
            struct arena_mark mark = arena_mark(c->arena);
            step(c);
            if (i % STRETCH == STRETCH - 1) {
                settle(c);
                db_begin(c);
                for (int at = 0; at < SEGMENTS; at++) {
                    compare(c, at);
                }
                for (int p = 0; p < PEOPLE; p++) {
                    if (world.people[p] && living(p) == p) {
                        compare_days(c, p);
                    }
                }
                compare_tag(c);
                db_commit(c);
            }
            if (i == STEPS / 2 - 1 || i == STEPS - 1) {
                fill_every_way(c);
            }
            arena_reset(c->arena, mark);
        }
    }
    assert_true(filled > 0);
    /* Neither nearly always nor hardly ever. */
    assert_in_range(100 * held / asked, 10, 90);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(what_is_kept_is_what_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
