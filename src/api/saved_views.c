/*
 * The list of saved views: one's own and those others share. Sharing shows a view to everybody
 * who may read its record type; changing it stays with its owner.
 */
#include "api/api.h"
#include "base/module.h"
#include "entity/query.h"

static void views_select(struct ctx *c, struct sql *q, const struct list_request *list) {
    SQL_ADD(q, "SELECT ");
    record_columns(q, list->entity, "t");
    SQL_ADD(q, " FROM saved_view t WHERE t.deleted_at IS NULL AND (t.owner_id = ");
    SQL_VALUE(q, access_user_id(c->actor));
    SQL_ADD(q, " OR t.shared = 1)");
    if (list->where) {
        SQL_ADD(q, " AND ");
        condition_sql(c, q, list->where, "t");
    }
    SQL_ADD(q, " ORDER BY t.position, t.id LIMIT ");
    sql_number(q, list->limit ? list->limit : LIST_LIMIT);
}

/* A view of records the actor may not read would only tell that they exist. */
static bool view_told(struct ctx *c, const struct record *view) {
    const struct entity *of = model_entity(c->model, record_text(view, "entity_name"));
    return of && access_scope(c->actor, of, ACTION_READ) != SCOPE_NONE;
}

static void views_list(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, "saved_view");
    struct list_request list;
    struct db_rows rows;
    size_t n = 0;
    if (!api_list_request(r, e, &list)) {
        return;
    }
    struct record **views = ARENA_NEW_ARRAY(c->arena, LIST_LIMIT, struct record *);
    struct sql q = sql_new(c->arena);
    views_select(c, &q, &list);
    sql_query(c, &rows, &q);
    while (n < LIST_LIMIT && db_next(&rows)) {
        views[n] = record_row(c, e, &rows, 0);
        n += view_told(c, views[n]);
    }
    db_done(&rows);
    struct record_choice choice = api_record_choice(r, e, "");
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    records_json(c, &w, views, n, &choice);
    json_key(&w, "next");
    json_put_null(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {{METHOD_GET, "/api/v1/saved_views", PERMISSION_SIGNED_IN,
                                       LANE_INLINE, views_list, .summary = "route.record_list",
                                       .query = "where:text limit:integer fields:text expand:text",
                                       .answer = "data:[@saved_view]! next:text?!"},
                                      {0}};

const struct module api_saved_views_module = {
    .name = "api.saved_views", .cloud = "platform", .routes = routes};
