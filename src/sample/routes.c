/* The sample company for those who manage the company: whether it is there, and its removal. */
#include "base/message.h"
#include "base/module.h"
#include "http/route.h"
#include "sample/removal.h"
#include "sample/sample.h"

static void state_json(struct request *r, struct sample_state s, int64_t removed) {
    struct json_writer w = json_writer(r->c->arena);
    bool there = s.from && !s.removed_at;
    json_begin_object(&w);
    JSON_MEMBER(&w, "present", json_put_bool, there);
    json_key(&w, "made_at");
    if (there) {
        json_put_instant(&w, s.made_at);
    } else {
        json_put_null(&w);
    }
    if (removed >= 0) {
        JSON_MEMBER(&w, "removed", json_put_int, removed);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void sample_get(struct request *r) {
    state_json(r, sample_state(r->c), -1);
}

/* Harmless when there is none. */
static void remove_post(struct request *r) {
    int64_t removed = sample_remove(r->c);
    state_json(r, sample_state(r->c), removed);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/sample", "settings:manage", LANE_INLINE, sample_get,
     .summary = "route.sample", .answer = "present:boolean! made_at:instant?!"},
    {METHOD_POST, "/api/v1/sample/remove", "settings:manage", LANE_WRITER, remove_post,
     .summary = "route.sample_remove",
     .answer = "present:boolean! made_at:instant?! removed:integer!"},
    {0}};

static const struct text texts[] = {
    {"route.sample", "示例公司", "The sample company"},
    {"route.sample_remove", "移除示例公司", "Remove the sample company"},
    {0}};

const struct module sample_routes_module = {
    .name = "sample.routes", .cloud = "platform", .routes = routes, .texts = texts};
