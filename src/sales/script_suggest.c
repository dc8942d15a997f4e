/*
 * Which scripts suit a lead, a deal or an account now: its case is gathered (where it stands, its
 * industry, its tags, what was said in the last conversations), every enabled script is judged
 * (script_rank.h), and the best are given with the text filled in and a sentence for each reason.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/correspondence.h"
#include "customer/timeline.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"
#include "sales/sales.h"
#include "sales/script.h"
#include "sales/script_rank.h"

enum {
    SCRIPTS_MOST = 2000,
    OFFERED = 5,
    OFFERED_MOST = 20,
    SAID_MOST = 8,
    SAID_DAYS = 60,
    SILENT_DAYS = 14,
    LATELY_DAYS = 14,
    TAGS_MOST = 40
};

struct suggesting {
    struct ctx *c;
    const struct record *record;
    struct script_case about;
    struct str tags[TAGS_MOST];
    struct str stands; /* "谈判" */
    int64_t silent_days;
    double base;
};

struct candidate {
    int64_t id;
    struct str title, content, tip;
    struct script_offer offer;
    struct script_fit fit;
    struct script_tally tally;
};

static struct str lead_scene(const struct record *lead) {
    struct str status = record_text(lead, "status");
    return str_is(status, "new") || str_is(status, "returned") ? STR("opening")
           : str_is(status, "converted")                       ? STR("proposal")
           : str_is(status, "disqualified")                    ? STR("revival")
                                                               : STR("discovery");
}

/* By the step of the funnel its stage belongs to, early deals by their probability. */
static struct str deal_scene(const struct record *deal, const struct record *stage) {
    struct str state = record_text(deal, "state"), step = record_text(stage, "funnel_step");
    if (str_is(state, "won")) {
        return str_is(step, "payment") ? STR("payment") : STR("referral");
    }
    return str_is(state, "lost")                               ? STR("revival")
           : str_is(step, "quote")                             ? STR("negotiation")
           : str_is(step, "payment")                           ? STR("payment")
           : str_is(step, "contract") || str_is(step, "order") ? STR("signing")
           : record_int(stage, "probability") >= 300000        ? STR("proposal")
                                                               : STR("discovery");
}

static void place_find(struct suggesting *s) {
    struct ctx *c = s->c;
    struct str name = s->record->entity->name;
    if (str_is(name, "lead")) {
        struct str status = record_text(s->record, "status");
        const struct field_option *o = field_option(entity_field(s->record->entity, STR("status")),
                                                    status);
        s->about.scene = lead_scene(s->record);
        s->stands = o ? o->label[c->language] : status;
    } else if (str_is(name, "opportunity")) {
        const struct record *stage = record_load(c, entity_named(c, "stage"),
                                                 record_id(s->record, "stage_id"));
        s->about.scene = stage ? deal_scene(s->record, stage) : STR("discovery");
        s->stands = stage ? record_title_in(c, stage) : STR("");
    } else {
        s->about.scene = STR("renewal");
    }
}

static struct str industry_of(struct suggesting *s) {
    struct ctx *c = s->c;
    const struct entity *e = entity_named(c, "account");
    const struct field *f = entity_field(e, STR("industry"));
    const struct record *account = NULL;
    if (str_is(s->record->entity->name, "account")) {
        account = s->record;
    } else if (record_id(s->record, "account_id")) {
        account = record_load(c, e, record_id(s->record, "account_id"));
    }
    bool may = account && access_record(c, ACTION_READ, account) &&
               access_field(c->actor, e, f) >= RIGHT_READ;
    struct str group = may ? script_industry(record_text(account, "industry")) : STR("");
    bool lead = str_is(s->record->entity->name, "lead");
    return !group.n && lead ? script_industry(record_text(s->record, "industry")) : group;
}

static void tags_read(struct suggesting *s) {
    struct db_rows rows;
    DB_QUERY(s->c, &rows,
             "SELECT t.name FROM tagging g JOIN tag t ON t.id = g.tag_id AND t.deleted_at IS NULL "
             "WHERE g.subject_id = $1 AND g.subject_type = $2 AND g.kept_off = 0 "
             "ORDER BY t.name LIMIT $3",
             s->record->id, s->record->entity->name, (int64_t)TAGS_MOST);
    while (db_next(&rows)) {
        s->tags[s->about.n_tags++] = db_text(&rows, 0);
    }
    s->about.tags = s->tags;
}

static void cue_add(struct suggesting *s, struct script_cue cue) {
    for (size_t i = 0; i < s->about.n_cues; i++) {
        if (str_equal(s->about.cues[i].objection, cue.objection)) {
            return; /* the latest time it was raised counts */
        }
    }
    if (s->about.n_cues < SCRIPT_CUES_MOST) {
        s->about.cues[s->about.n_cues++] = cue;
    }
}

/* The last conversations, those with used scripts apart: they are our words. */
static void conversations_read(struct suggesting *s) {
    struct ctx *c = s->c;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT a.content, a.occurred_at FROM activity a WHERE a.subject_type = $1 AND "
             "a.subject_id = $2 AND a.occurred_at > $3 AND a.deleted_at IS NULL AND NOT EXISTS "
             "(SELECT 1 FROM script_use u WHERE u.activity_id = a.id) "
             "ORDER BY a.occurred_at DESC LIMIT $4",
             s->record->entity->name, s->record->id, c->now_ms - (int64_t)SAID_DAYS * MS_DAY,
             (int64_t)SAID_MOST);
    while (db_next(&rows)) {
        struct script_cue found[SCRIPT_CUES_MOST];
        size_t n = script_cues(c->arena, db_text(&rows, 0), found, SCRIPT_CUES_MOST);
        for (size_t i = 0; i < n; i++) {
            found[i].at = db_int(&rows, 1);
            cue_add(s, found[i]);
        }
    }
}

/* What the customer wrote lately, in mails whose words the reader may see. */
static void letters_read(struct suggesting *s) {
    struct ctx *c = s->c;
    size_t n;
    struct mail_entry *mails = correspondence_of(c, s->record->entity, s->record->id, INT64_MAX,
                                                 &n);
    int64_t since = c->now_ms - (int64_t)SAID_DAYS * MS_DAY;
    for (size_t i = 0; i < n && i < SAID_MOST && !ctx_failed(c); i++) {
        struct script_cue found[SCRIPT_CUES_MOST];
        if (mails[i].outgoing || !mails[i].open || mails[i].at <= since) {
            continue;
        }
        struct str words = DB_TEXT(c, "SELECT excerpt FROM correspondence WHERE id = $1",
                                   mails[i].id);
        size_t k = script_cues(c->arena, words, found, SCRIPT_CUES_MOST);
        while (k) {
            found[--k].at = mails[i].at;
            cue_add(s, found[k]);
        }
    }
}

/* What the record itself says: a competitor named, nobody reached for long. */
static void record_cues(struct suggesting *s) {
    struct ctx *c = s->c;
    const struct field *f = entity_field(s->record->entity, STR("competitor"));
    if (f && !record_empty(s->record, "competitor") &&
        access_field(c->actor, s->record->entity, f) >= RIGHT_READ) {
        cue_add(s, (struct script_cue){.objection = STR("competitor"),
                                       .quote = record_text(s->record, "competitor"),
                                       .strength = 2});
    }
    int64_t last = record_int(s->record, "last_follow_up_at");
    s->silent_days = last ? (c->now_ms - last) / MS_DAY : 0;
    if (s->silent_days >= SILENT_DAYS) {
        cue_add(s, (struct script_cue){.objection = STR("silence"), .strength = 2});
    }
}

static size_t candidates_read(struct suggesting *s, struct candidate *list) {
    struct ctx *c = s->c;
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    SQL_ADD(&q,
            "SELECT s.id, s.title, s.content, s.tip, s.scene, s.objection, s.industry, "
            "s.tags, COALESCE(t.used, 0), COALESCE(t.judged, 0), COALESCE(t.replied, 0), "
            "COALESCE(t.planned, 0), COALESCE(t.moved, 0), f.user_id, (SELECT max(u.created_at) "
            "FROM script_use u WHERE u.script_id = s.id AND u.subject_type = ");
    SQL_VALUE(&q, s->record->entity->name);
    SQL_ADD(&q, " AND u.subject_id = ");
    SQL_VALUE(&q, s->record->id);
    SQL_ADD(&q, " AND u.deleted_at IS NULL) FROM script s "
                "LEFT JOIN script_tally t ON t.script_id = s.id "
                "LEFT JOIN script_favourite f ON f.script_id = s.id AND f.user_id = ");
    SQL_VALUE(&q, c->actor->user_id);
    SQL_ADD(&q, " WHERE s.deleted_at IS NULL AND s.enabled = 1 AND ");
    access_where(c, &q, entity_named(c, "script"), ACTION_READ, "s");
    SQL_ADD(&q, " ORDER BY s.id LIMIT ");
    sql_number(&q, SCRIPTS_MOST);
    sql_query(c, &rows, &q);
    while (n < SCRIPTS_MOST && db_next(&rows)) {
        struct candidate *k = &list[n];
        *k = (struct candidate){.id = db_int(&rows, 0),
                                .title = db_text(&rows, 1),
                                .content = db_text(&rows, 2),
                                .tip = db_text(&rows, 3),
                                .tally = {db_int(&rows, 8), db_int(&rows, 9), db_int(&rows, 10),
                                          db_int(&rows, 11), db_int(&rows, 12)}};
        k->offer = (struct script_offer){.scene = db_text(&rows, 4),
                                         .objection = db_text(&rows, 5),
                                         .industry = db_text(&rows, 6),
                                         .tags = db_text(&rows, 7),
                                         .judged = k->tally.judged,
                                         .moved = k->tally.moved,
                                         .base = s->base,
                                         .favourite = !db_null(&rows, 13),
                                         .used_lately = db_int(&rows, 14) >
                                                        c->now_ms - (int64_t)LATELY_DAYS * MS_DAY};
        k->fit = script_fit(&s->about, &k->offer);
        n += k->fit.points > 0;
    }
    db_done(&rows);
    return n;
}

/* The best of what is left goes to the front. */
static void best_first(struct candidate *list, size_t n, size_t from) {
    size_t best = from;
    for (size_t i = from + 1; i < n; i++) {
        best = list[i].fit.points > list[best].fit.points ? i : best;
    }
    struct candidate swap = list[from];
    list[from] = list[best];
    list[best] = swap;
}

static struct str cue_sentence(const struct suggesting *s, const struct script_cue *cue) {
    struct ctx *c = s->c;
    struct text_parameter p[3] = {
        {"quote", cue->quote},
        {"objection", script_label(c, "objection", cue->objection)},
        {"days", str_format(c->arena, "%lld", (long long)s->silent_days)}};
    const char *code = str_is(cue->objection, "silence") && !cue->quote.n ? "script.why_silent"
                       : !cue->at                                         ? "script.why_competitor"
                                                                          : "script.why_said";
    return message_format(c->arena, c->language, code, p, 3);
}

static void reason_put(struct suggesting *s, struct json_writer *w, const char *code,
                       struct text_parameter p) {
    json_put_str(w, message_format(s->c->arena, s->c->language, code, &p, 1));
}

static struct str percent(struct ctx *c, double share) {
    return str_format(c->arena, "%d%%", (int)(share * 100 + 0.5));
}

static void result_put(struct suggesting *s, struct json_writer *w, const struct candidate *k) {
    struct ctx *c = s->c;
    double share = script_share(k->tally.moved, k->tally.judged, s->base);
    struct text_parameter p[3] = {{"n", str_format(c->arena, "%lld", (long long)k->tally.judged)},
                                  {"share", percent(c, share)},
                                  {"base", percent(c, s->base)}};
    json_put_str(w, message_format(c->arena, c->language, "script.why_result", p, 3));
}

static void reasons_json(struct suggesting *s, struct json_writer *w, const struct candidate *k) {
    unsigned why = k->fit.reasons;
    json_key(w, "reasons");
    json_begin_array(w);
    if (why & SCRIPT_BY_OBJECTION) {
        json_put_str(w, cue_sentence(s, &s->about.cues[k->fit.cue]));
    }
    if (why & SCRIPT_BY_SCENE && s->stands.n) {
        reason_put(s, w, "script.why_scene", (struct text_parameter){"stage", s->stands});
    } else if (why & SCRIPT_BY_SCENE) {
        reason_put(s, w, "script.why_customer",
                   (struct text_parameter){"scene", script_label(s->c, "scene", s->about.scene)});
    }
    if (why & SCRIPT_BY_INDUSTRY) {
        bool maker = str_is(s->about.industry, "manufacturing");
        reason_put(
            s, w, maker ? "script.why_maker" : "script.why_industry",
            (struct text_parameter){"industry", script_label(s->c, "industry", s->about.industry)});
    }
    if (why & SCRIPT_BY_TAG) {
        reason_put(s, w, "script.why_tag", (struct text_parameter){"tag", s->tags[k->fit.tag]});
    }
    if (why & SCRIPT_BY_RESULT) {
        result_put(s, w, k);
    }
    if (why & SCRIPT_BY_FAVOURITE) {
        reason_put(s, w, "script.why_favourite", (struct text_parameter){0});
    }
    if (why & SCRIPT_USED_LATELY) {
        reason_put(s, w, "script.why_lately", (struct text_parameter){0});
    }
    json_end_array(w);
}

static void candidate_json(struct suggesting *s, struct json_writer *w, const struct candidate *k) {
    int missing;
    struct str filled = script_fill(s->c, k->content, s->record, &missing);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, k->id);
    JSON_MEMBER(w, "title", json_put_str, k->title);
    JSON_MEMBER(w, "scene", json_put_str, k->offer.scene);
    JSON_MEMBER(w, "objection", json_put_str, k->offer.objection);
    JSON_MEMBER(w, "text", json_put_str, filled);
    JSON_MEMBER(w, "missing", json_put_int, missing);
    JSON_MEMBER(w, "tip", json_put_str, k->tip);
    JSON_MEMBER(w, "points", json_put_int, k->fit.points);
    JSON_MEMBER(w, "favourite", json_put_bool, k->offer.favourite);
    JSON_MEMBER(w, "used", json_put_int, k->tally.used);
    JSON_MEMBER(w, "judged", json_put_int, k->tally.judged);
    reasons_json(s, w, k);
    json_end_object(w);
}

static bool has_scripts(const struct entity *e) {
    return str_is(e->name, "lead") || str_is(e->name, "opportunity") || str_is(e->name, "account");
}

static void suggestions_get(struct request *r) {
    struct ctx *c = r->c;
    struct suggesting *s = ARENA_NEW(c->arena, struct suggesting);
    s->c = c;
    s->record = timeline_head(r);
    int64_t limit = request_query_int(r, "limit", OFFERED);
    if (s->record && !has_scripts(s->record->entity)) {
        FAIL(c, ERROR_ABSENT, "route.absent");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct script_tally all = script_tally_all(c);
    s->base = all.judged >= SCRIPT_ENOUGH ? (double)all.moved / (double)all.judged : 0;
    place_find(s);
    s->about.industry = industry_of(s);
    tags_read(s);
    if (timeline_shows(c, STR("activity"))) {
        conversations_read(s);
    }
    letters_read(s);
    record_cues(s);
    struct candidate *list = ARENA_NEW_ARRAY(c->arena, SCRIPTS_MOST, struct candidate);
    size_t n = candidates_read(s, list);
    limit = limit < 1 || limit > OFFERED_MOST ? OFFERED_MOST : limit;
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && i < (size_t)limit; i++) {
        best_first(list, n, i);
        candidate_json(s, &w, &list[i]);
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "fitting", json_put_int, (int64_t)n);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}/{id}/scripts", PERMISSION_RECORD, LANE_INLINE, suggestions_get,
     .summary = "route.script_suggestions", .query = "limit:integer",
     .answer = "data:[(id:id! title:text! scene:text! objection:text! text:text! missing:integer! "
               "tip:text! points:integer! favourite:boolean! used:integer! judged:integer! "
               "reasons:[text]!)]! fitting:integer!"},
    {0}};

static const struct text texts[] = {
    {"script.why_said", "最近谈到「{quote}」，是「{objection}」的异议",
     "\"{quote}\" was said lately: an objection of {objection}"},
    {"script.why_silent", "已经 {days} 天没有联系", "Nobody was in touch for {days} days"},
    {"script.why_competitor", "对手「{quote}」也在谈", "{quote} competes for it"},
    {"script.why_scene", "现在处于「{stage}」", "It stands at \"{stage}\""},
    {"script.why_customer", "老客户，适合谈「{scene}」", "A customer: time for {scene}"},
    {"script.why_maker", "客户是制造业，讲成本和效率",
     "A manufacturer: speak of cost and efficiency"},
    {"script.why_industry", "客户属于{industry}", "The customer is in {industry}"},
    {"script.why_tag", "客户有标签「{tag}」", "Carries the tag {tag}"},
    {"script.why_result", "用过 {n} 次，估计 {share} 有推进（平均 {base}）",
     "Used {n} times; an estimated {share} moved on ({base} on average)"},
    {"script.why_favourite", "你收藏的", "One of your favourites"},
    {"script.why_lately", "两周内在这里用过", "Used here within two weeks"},
    {"route.script_suggestions", "适合这条记录的话术", "Scripts that suit a record"},
    {0}};

const struct module script_suggest_module = {
    .name = "sales.script_suggest", .cloud = "sales", .routes = routes, .texts = texts};
