/*
 * See consent.h. Events out: consent.given, consent.withdrawn (subject and person: the person),
 * payload {"consent_id","channel","purpose","source"}.
 *
 * The words shown are kept once, by their digest, in consent_text: a form that a thousand people
 * fill in has one text. Whoever may read a person may see what he agreed to; whoever may change
 * him may note what he said. A line noted by mistake is answered by another one, never removed.
 */
#include "customer/consent.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/customer.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/query.h"
#include "event/event.h"
#include "http/route.h"

enum { TEXT_MOST = 4000, VERSION_MOST = 80, SOURCE_MOST = 40, LINES = 200 };

static const char *const channels[] = {"email", "sms", "phone", "wechat",
                                       "wecom", "app", "any",   NULL};
static const char *const purposes[] = {"marketing", "service", "privacy", NULL};

static const struct migration migrations[] = {
    {"customer.consent.1",
     "CREATE TABLE consent_text (id {id}, digest TEXT NOT NULL, text TEXT NOT NULL);\n"
     "CREATE UNIQUE INDEX consent_text_digest ON consent_text (digest);\n"
     "CREATE TABLE consent (\n"
     "  id {id},\n"
     "  person_id BIGINT NOT NULL,\n"
     "  channel TEXT NOT NULL,\n"
     "  purpose TEXT NOT NULL,\n"
     "  given BIGINT NOT NULL,\n"
     "  text_id BIGINT,\n"
     "  version TEXT NOT NULL,\n"
     "  source TEXT NOT NULL,\n"
     "  source_id BIGINT,\n"
     "  at BIGINT NOT NULL,\n"
     "  recorded_at BIGINT NOT NULL,\n"
     "  actor_id BIGINT\n"
     ");\n"
     "CREATE INDEX consent_person ON consent (person_id, purpose, at, id);\n"
     "CREATE TABLE consent_merged (loser_id BIGINT NOT NULL, consent_id BIGINT NOT NULL, "
     "PRIMARY KEY (loser_id, consent_id)) {without_rowid}"},
    {0}};

bool consent_channel_valid(struct str channel) {
    return str_among(channels, channel);
}

bool consent_purpose_valid(struct str purpose) {
    return str_among(purposes, purpose);
}

enum consent consent_state_for(struct ctx *c, int64_t person_id, const char *channel,
                               const char *purpose) {
    struct db_rows rows;
    enum consent state = CONSENT_UNKNOWN;
    DB_QUERY(c, &rows,
             "SELECT given FROM consent WHERE person_id = $1 AND purpose = $2 "
             "AND channel IN ($3, 'any') ORDER BY at DESC, id DESC LIMIT 1",
             person_id, purpose, channel);
    if (db_next(&rows)) {
        state = db_int(&rows, 0) ? CONSENT_GIVEN : CONSENT_WITHDRAWN;
    }
    db_done(&rows);
    return state;
}

enum consent consent_state(struct ctx *c, int64_t person_id, const char *channel) {
    return consent_state_for(c, person_id, channel, CONSENT_MARKETING);
}

static void line_check(struct ctx *c, const struct consent_line *line) {
    if (!consent_channel_valid(line->channel)) {
        FAIL_FIELD(c, STR("/channel"), "consent.channel");
    }
    if (!consent_purpose_valid(line->purpose)) {
        FAIL_FIELD(c, STR("/purpose"), "consent.purpose");
    }
    if (line->given && !text_trim(line->text).n) {
        FAIL_FIELD(c, STR("/text"), "consent.text");
    }
    if (text_length(line->text) > TEXT_MOST) {
        FAIL_FIELD(c, STR("/text"), "consent.text_long");
    }
    if (text_length(line->version) > VERSION_MOST) {
        FAIL_FIELD(c, STR("/version"), "consent.version");
    }
    if (!text_trim(line->source).n || text_length(line->source) > SOURCE_MOST) {
        FAIL_FIELD(c, STR("/source"), "consent.source");
    }
    if (line->at > c->now_ms || line->at < 0) {
        FAIL_FIELD(c, STR("/at"), "consent.at");
    }
}

static int64_t text_keep(struct ctx *c, struct str text) {
    struct str digest = sha256_hex(c->arena, text);
    if (!text.n) {
        return 0;
    }
    DB_RUN(c,
           "INSERT INTO consent_text (id, digest, text) VALUES ($1, $2, $3) "
           "ON CONFLICT (digest) DO NOTHING",
           id_new(), digest, text);
    return DB_INT(c, "SELECT id FROM consent_text WHERE digest = $1", digest);
}

static void emit(struct ctx *c, const struct consent_line *line, int64_t id) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "consent_id", json_put_id, id);
    JSON_MEMBER(&w, "channel", json_put_str, line->channel);
    JSON_MEMBER(&w, "purpose", json_put_str, line->purpose);
    JSON_MEMBER(&w, "source", json_put_str, line->source);
    json_end_object(&w);
    event_emit(
        c, &(struct event){.type = line->given ? STR("consent.given") : STR("consent.withdrawn"),
                           .subject_type = STR("person"),
                           .subject_id = line->person_id,
                           .person_id = line->person_id,
                           .payload = json_str(&w)});
}

int64_t consent_record(struct ctx *c, const struct consent_line *given) {
    struct consent_line line = *given;
    line.purpose = line.purpose.n ? line.purpose : STR(CONSENT_MARKETING);
    line.text = text_trim(line.text);
    line_check(c, &line);
    if (ctx_failed(c)) {
        return 0;
    }
    const char *channel = str_to_c(c->arena, line.channel);
    const char *purpose = str_to_c(c->arena, line.purpose);
    enum consent before = consent_state_for(c, line.person_id, channel, purpose);
    int64_t id = id_new();
    DB_RUN(c,
           "INSERT INTO consent (id, person_id, channel, purpose, given, text_id, version, source, "
           "source_id, at, recorded_at, actor_id) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
           id, line.person_id, line.channel, line.purpose, (int64_t)line.given,
           db_from_id(text_keep(c, line.text)), line.version.n ? line.version : STR(""),
           text_trim(line.source), db_from_id(line.source_id), line.at ? line.at : c->now_ms,
           c->now_ms, db_from_id(access_user_id(c->actor)));
    if (consent_state_for(c, line.person_id, channel, purpose) != before) {
        emit(c, &line, id);
    }
    return id;
}

void consents_merged(struct ctx *c, int64_t winner, int64_t loser) {
    DB_RUN(c,
           "INSERT INTO consent_merged (loser_id, consent_id) "
           "SELECT $1, id FROM consent WHERE person_id = $1",
           loser);
    DB_RUN(c, "UPDATE consent SET person_id = $1 WHERE person_id = $2", winner, loser);
}

/* What is shown. */

struct line_row {
    int64_t id, given, at, recorded_at, actor_id;
    struct str channel, purpose, text, version, source;
};

static struct line_row *lines_read(struct ctx *c, int64_t person_id, size_t *n) {
    struct line_row *lines = ARENA_NEW_ARRAY(c->arena, LINES, struct line_row);
    struct db_rows rows;
    *n = 0;
    DB_QUERY(c, &rows,
             "SELECT s.id, s.channel, s.purpose, s.given, s.at, s.recorded_at, s.actor_id, "
             "t.text, s.version, s.source FROM consent s LEFT JOIN consent_text t "
             "ON t.id = s.text_id WHERE s.person_id = $1 ORDER BY s.at DESC, s.id DESC LIMIT $2",
             person_id, (int64_t)LINES);
    while (*n < LINES && db_next(&rows)) {
        lines[(*n)++] = (struct line_row){.id = db_int(&rows, 0),
                                          .channel = db_text(&rows, 1),
                                          .purpose = db_text(&rows, 2),
                                          .given = db_int(&rows, 3),
                                          .at = db_int(&rows, 4),
                                          .recorded_at = db_int(&rows, 5),
                                          .actor_id = db_int(&rows, 6),
                                          .text = db_text(&rows, 7),
                                          .version = db_text(&rows, 8),
                                          .source = db_text(&rows, 9)};
    }
    db_done(&rows);
    return lines;
}

/* What was taken back while the two were one was taken back by either: it holds for both. */
static void withdrawals_share(struct ctx *c, int64_t winner, int64_t loser) {
    int64_t since = DB_INT(
        c, "SELECT max(at) FROM audit WHERE record_id = $1 AND action = 'merged'", loser);
    size_t n;
    const struct line_row *lines = lines_read(c, winner, &n);
    while (n-- > 0 && !ctx_failed(c)) {
        const struct line_row *line = &lines[n];
        if (!line->given && line->recorded_at >= since) {
            consent_record(c, &(struct consent_line){.person_id = loser,
                                                     .channel = line->channel,
                                                     .purpose = line->purpose,
                                                     .text = line->text,
                                                     .version = line->version,
                                                     .source = line->source,
                                                     .at = line->at});
        }
    }
}

void consents_unmerged(struct ctx *c, int64_t winner, int64_t loser) {
    DB_RUN(c,
           "UPDATE consent SET person_id = $1 WHERE person_id = $2 AND id IN "
           "(SELECT consent_id FROM consent_merged WHERE loser_id = $1)",
           loser, winner);
    DB_RUN(c, "DELETE FROM consent_merged WHERE loser_id = $1", loser);
    withdrawals_share(c, winner, loser);
}

/* What holds for each channel and purpose of which anything was ever said. */
static void states_json(struct json_writer *w, const struct line_row *lines, size_t n) {
    json_begin_array(w);
    for (const char *const *purpose = purposes; *purpose; purpose++) {
        for (const char *const *channel = channels; *channel; channel++) {
            size_t i = 0;
            while (i < n &&
                   !(str_is(lines[i].purpose, *purpose) &&
                     (str_is(lines[i].channel, *channel) || str_is(lines[i].channel, "any")))) {
                i++;
            }
            if (i == n) {
                continue;
            }
            json_begin_object(w);
            JSON_MEMBER(w, "channel", json_put_c, *channel);
            JSON_MEMBER(w, "purpose", json_put_c, *purpose);
            JSON_MEMBER(w, "state", json_put_c, lines[i].given ? "given" : "withdrawn");
            JSON_MEMBER(w, "at", json_put_instant, lines[i].at);
            JSON_MEMBER(w, "consent_id", json_put_id, lines[i].id);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void line_json(struct json_writer *w, const struct line_row *line, struct str actor) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, line->id);
    JSON_MEMBER(w, "channel", json_put_str, line->channel);
    JSON_MEMBER(w, "purpose", json_put_str, line->purpose);
    JSON_MEMBER(w, "state", json_put_c, line->given ? "given" : "withdrawn");
    JSON_MEMBER(w, "text", json_put_str, line->text);
    JSON_MEMBER(w, "version", json_put_str, line->version);
    JSON_MEMBER(w, "source", json_put_str, line->source);
    JSON_MEMBER(w, "at", json_put_instant, line->at);
    JSON_MEMBER(w, "recorded_at", json_put_instant, line->recorded_at);
    JSON_MEMBER(w, "actor", json_put_str, actor);
    json_end_object(w);
}

static void consents_put(struct ctx *c, struct json_writer *w, int64_t person_id) {
    size_t n;
    struct line_row *lines = lines_read(c, person_id, &n);
    int64_t actors[LINES];
    struct str names[LINES];
    for (size_t i = 0; i < n; i++) {
        actors[i] = lines[i].actor_id;
    }
    list_titles(c, entity_named(c, "user"), actors, n, names);
    json_begin_object(w);
    json_key(w, "now");
    states_json(w, lines, n);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        line_json(w, &lines[i], names[i]);
    }
    json_end_array(w);
    json_end_object(w);
}

static void reply_consents(struct request *r, int64_t person_id) {
    struct json_writer w = json_writer(r->c->arena);
    if (!ctx_failed(r->c)) {
        consents_put(r->c, &w, person_id);
    }
    reply_json(r, 200, &w);
}

static void consents_get(struct request *r) {
    struct record *person = record_read(r->c, entity_named(r->c, "person"), request_id(r, "id"));
    if (person) {
        reply_consents(r, person->id);
    }
}

static void body_check(struct ctx *c, const struct json *body) {
    for (size_t i = 0; i < body->n; i++) {
        const struct json_member *m = &body->members[i];
        if (m->value.kind != JSON_IS_TEXT) {
            FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(m->key)), "field.type");
        }
    }
}

/* A line as somebody of the company notes it. */
static void line_note(struct request *r, bool given) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *person = body ? record_read(c, entity_named(c, "person"), request_id(r, "id"))
                                 : NULL;
    if (!person) {
        return;
    }
    access_require(c, ACTION_UPDATE, person);
    body_check(c, body);
    struct consent_line line = {.person_id = person->id,
                                .channel = json_text(body, "channel"),
                                .purpose = json_text(body, "purpose"),
                                .given = given,
                                .text = json_text(body, "text"),
                                .version = json_text(body, "version"),
                                .source = json_text(body, "source")};
    struct str at = json_text(body, "at");
    if (at.n && !instant_parse(at, &line.at)) {
        FAIL_FIELD(c, STR("/at"), "instant.syntax");
    }
    consent_record(c, &line);
    reply_consents(r, person->id);
}

static void give_post(struct request *r) {
    line_note(r, true);
}

static void withdraw_post(struct request *r) {
    line_note(r, false);
}

#define CONSENTS                                                                      \
    "now:[(channel:text! purpose:text! state:text! at:instant! consent_id:id!)]! "    \
    "data:[(id:id! channel:text! purpose:text! state:text! text:text! version:text! " \
    "source:text! at:instant! recorded_at:instant! actor:text!)]!"
#define LINE "channel:text! purpose:text text:text version:text source:text! at:instant"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/people/{id}/consents", PERMISSION_RECORD, LANE_INLINE, consents_get,
     .summary = "route.consents", .answer = CONSENTS},
    {METHOD_POST, "/api/v1/people/{id}/consents/give", PERMISSION_RECORD, LANE_WRITER, give_post,
     .summary = "route.consent_give", .body = LINE, .answer = CONSENTS},
    {METHOD_POST, "/api/v1/people/{id}/consents/withdraw", PERMISSION_RECORD, LANE_WRITER,
     withdraw_post, .summary = "route.consent_withdraw", .body = LINE, .answer = CONSENTS},
    {0}};

static const struct event_type event_types[] = {
    {"consent.given", "person", "同意联系", "consent given"},
    {"consent.withdrawn", "person", "撤回同意", "consent withdrawn"},
    {0}};

static const struct text texts[] = {
    {"consent.channel", "渠道只能是 email、sms、phone、wechat、wecom、app 或 any",
     "The channel is one of email, sms, phone, wechat, wecom, app, any"},
    {"consent.purpose", "用途只能是 marketing、service 或 privacy",
     "The purpose is marketing, service or privacy"},
    {"consent.text", "请写明对方同意的原文", "The words that were agreed to are needed"},
    {"consent.text_long", "最多 4,000 个字", "At most 4,000 characters"},
    {"consent.version", "版本最多 80 个字", "A version has at most 80 characters"},
    {"consent.source", "请写明来源，最多 40 个字", "Where it was said, in 40 characters"},
    {"consent.at", "时间不能在将来", "This is in the future"},
    {"route.consents", "一个人同意过什么", "What a person agreed to"},
    {"route.consent_give", "记录同意", "Note that a person agreed"},
    {"route.consent_withdraw", "记录撤回同意", "Note that a person took it back"},
    {0}};

const struct module consent_module = {.name = "customer.consent",
                                      .cloud = "customer",
                                      .routes = routes,
                                      .events = event_types,
                                      .migrations = migrations,
                                      .texts = texts};
