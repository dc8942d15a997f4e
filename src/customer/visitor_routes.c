/*
 * Visitors of a person, as people and programs see them: which browsers are his and how that is
 * known, what he did there, and the taking back of a wrong link. Whoever may read the person may
 * read these; whoever may change the person may part and rejoin.
 */
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"

enum { PAGE = 50 };

static struct record *person_of(struct request *r) {
    return record_read(r->c, entity_named(r->c, "person"), request_id(r, "id"));
}

static void link_json(struct json_writer *w, const struct visitor_link *link, struct str actor) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, link->id);
    JSON_MEMBER(w, "visitor_id", json_put_id, link->visitor_id);
    JSON_MEMBER(w, "how", json_put_str, link->how);
    JSON_MEMBER(w, "at", json_put_instant, link->at);
    JSON_MEMBER(w, "event_id", json_put_id, link->event_id);
    JSON_MEMBER(w, "actor", json_put_str, actor);
    JSON_MEMBER(w, "whole", json_put_bool, link->from_seq == 0);
    JSON_MEMBER(w, "open", json_put_bool, link->to_seq == INT64_MAX);
    json_key(w, "removed_at");
    json_put_instant_or_null(w, link->removed_at);
    JSON_MEMBER(w, "first_seen", json_put_instant, link->first_seen);
    JSON_MEMBER(w, "last_seen", json_put_instant, link->last_seen);
    JSON_MEMBER(w, "device", json_put_str, link->device);
    JSON_MEMBER(w, "language", json_put_str, link->language);
    JSON_MEMBER(w, "first_touch", json_put_raw, link->touch);
    json_end_object(w);
}

static void links_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *person = person_of(r);
    if (!person) {
        return;
    }
    struct visitor_links links = visitor_links(c, person->id);
    int64_t actors[VISITOR_LINKS];
    struct str names[VISITOR_LINKS];
    for (size_t i = 0; i < links.n; i++) {
        actors[i] = links.items[i].actor_id;
    }
    list_titles(c, entity_named(c, "user"), actors, links.n, names);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < links.n; i++) {
        link_json(&w, &links.items[i], names[i]);
    }
    reply_list_end(r, &w);
}

static void behaviour_json(struct json_writer *w, const struct behaviour *items, size_t n) {
    size_t shown = n < PAGE ? n : PAGE;
    json_begin_object(w);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < shown; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "at", json_put_instant, items[i].at);
        JSON_MEMBER(w, "type", json_put_str, items[i].type);
        JSON_MEMBER(w, "link_id", json_put_id, items[i].link->id);
        JSON_MEMBER(w, "data", json_put_raw, items[i].payload);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "next");
    json_put_id(w, n > PAGE ? items[PAGE - 1].seq : 0);
    json_end_object(w);
}

static void behaviour_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *person = person_of(r);
    int64_t before = request_query_int(r, "cursor", INT64_MAX);
    if (!person) {
        return;
    }
    size_t n;
    struct visitor_links links = visitor_links(c, person->id);
    struct behaviour *items = person_behaviour(c, &links, before, PAGE + 1, &n);
    struct json_writer w = json_writer(c->arena);
    behaviour_json(&w, items, n);
    reply_json(r, 200, &w);
}

/* The link of the path, of a person the caller may change; 0 when not. */
static int64_t link_to_change(struct request *r) {
    struct ctx *c = r->c;
    struct visitor_link *link = visitor_link_find(c, request_id(r, "id"));
    struct record *person = link ? record_load(c, entity_named(c, "person"), link->person_id)
                                 : NULL;
    if (!person) {
        FAIL(c, ERROR_ABSENT, "visitor.no_link");
        return 0;
    }
    access_require(c, ACTION_UPDATE, person);
    return ctx_failed(c) ? 0 : link->id;
}

static void part_post(struct request *r) {
    int64_t link_id = link_to_change(r);
    if (link_id) {
        visitor_part(r->c, link_id);
    }
}

static void rejoin_post(struct request *r) {
    int64_t link_id = link_to_change(r);
    if (link_id) {
        visitor_rejoin(r->c, link_id);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/people/{id}/visitor_links", PERMISSION_RECORD, LANE_INLINE, links_get,
     .summary = "route.visitor_links",
     .answer = "data:[(id:id! visitor_id:id! how:text! at:instant! event_id:id! actor:text! "
               "whole:boolean! open:boolean! removed_at:instant?! first_seen:instant! "
               "last_seen:instant! device:text! language:text! first_touch:object!)]!"},
    {METHOD_GET, "/api/v1/people/{id}/behaviour", PERMISSION_RECORD, LANE_INLINE, behaviour_get,
     .summary = "route.behaviour", .query = "cursor:text",
     .answer = "data:[(at:instant! type:text! link_id:id! data:object!)]! next:text?!"},
    {METHOD_POST, "/api/v1/visitor_links/{id}/part", PERMISSION_RECORD, LANE_WRITER, part_post,
     .summary = "route.visitor_part"},
    {METHOD_POST, "/api/v1/visitor_links/{id}/rejoin", PERMISSION_RECORD, LANE_WRITER, rejoin_post,
     .summary = "route.visitor_rejoin"},
    {0}};

static const struct text texts[] = {
    {"route.visitor_links", "怎么识别出这个人", "How a person was recognised"},
    {"route.behaviour", "一个人的网站行为", "What a person did on the site"},
    {"route.visitor_part", "撤销一次识别", "Take an identification back"},
    {"route.visitor_rejoin", "恢复一次识别", "Set an identification again"},
    {0}};

const struct module visitor_routes_module = {
    .name = "customer.visitor_routes", .cloud = "customer", .routes = routes, .texts = texts};
