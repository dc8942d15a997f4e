/* The global search over REST. */
#include "entity/search.h"
#include "api/api.h"
#include "base/message.h"
#include "base/module.h"

enum { SEARCH_HITS = 20, SEARCH_MOST = 50 };

static void search_get(struct request *r) {
    struct ctx *c = r->c;
    struct str only = request_query(r, "entity");
    int64_t limit = request_query_int(r, "limit", SEARCH_HITS);
    struct search_hit *hits = NULL;
    struct json_writer w = json_writer(c->arena);
    size_t n = search_run(c, request_query(r, "q"), only.n ? model_entity(c->model, only) : NULL,
                          limit < 1 || limit > SEARCH_MOST ? SEARCH_MOST : (size_t)limit, &hits);
    reply_list_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "entity", json_put_str, hits[i].entity->name);
        JSON_MEMBER(&w, "id", json_put_id, hits[i].id);
        JSON_MEMBER(&w, "title", json_put_str, hits[i].title);
        JSON_MEMBER(&w, "subtitle", json_put_str, hits[i].subtitle);
        JSON_MEMBER(&w, "matched", json_put_str, hits[i].matched ? hits[i].matched->name : STR(""));
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/search", PERMISSION_SIGNED_IN, LANE_INLINE, search_get,
     .summary = "route.search", .query = "q:text! entity:text limit:integer",
     .answer = "data:[(entity:text! id:id! title:text! subtitle:text? "
               "matched:text)]!"},
    {0}};

static const struct text texts[] = {{"route.search", "全局搜索", "Global search"}, {0}};

const struct module api_search_module = {
    .name = "api.search", .cloud = "platform", .routes = routes, .texts = texts};
