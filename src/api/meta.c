/*
 * What a client must know to draw itself: record types, fields, options and rights, in the
 * caller's language; and the live feed.
 */
#include "api/api.h"
#include "base/crypto.h"
#include "base/message.h"
#include "base/module.h"
#include "entity/access.h"
#include "entity/event_types.h"
#include "http/stream.h"
#include "organization/role.h"

static bool sortable(const struct field *f) {
    return f->type != FIELD_LONG_TEXT && f->type != FIELD_JSON;
}

static void options_json(struct ctx *c, struct json_writer *w, const struct field *f) {
    json_key(w, "options");
    json_begin_array(w);
    for (size_t i = 0; i < f->n_options; i++) {
        const struct field_option *o = &f->options[i];
        bool ring = str_is(o->tone, "ring");
        json_begin_object(w);
        JSON_MEMBER(w, "code", json_put_str, o->code);
        JSON_MEMBER(w, "label", json_put_str, o->label[c->language]);
        JSON_MEMBER(w, "tone", json_put_str, ring ? STR("info") : o->tone);
        JSON_MEMBER(w, "ring", json_put_bool, ring);
        json_end_object(w);
    }
    json_end_array(w);
}

static void field_json(struct ctx *c, struct json_writer *w, const struct entity *e,
                       const struct field *f) {
    enum field_right right = access_field(c->actor, e, f);
    bool read_only = (f->flags & (FIELD_READ_ONLY | FIELD_SYSTEM)) != 0 &&
                     !str_is(f->name, "owner_id");
    bool full = right >= RIGHT_READ;
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, f->name);
    JSON_MEMBER(w, "label", json_put_str, f->label[c->language]);
    JSON_MEMBER(w, "type", json_put_c, field_type_name(f->type));
    JSON_MEMBER(w, "required", json_put_bool, (f->flags & FIELD_REQUIRED) != 0);
    JSON_MEMBER(w, "read_only", json_put_bool, read_only);
    JSON_MEMBER(w, "immutable", json_put_bool, (f->flags & FIELD_IMMUTABLE) != 0);
    JSON_MEMBER(w, "writable", json_put_bool, !read_only && right == RIGHT_WRITE);
    JSON_MEMBER(w, "right", json_put_c, full ? "full" : "masked");
    JSON_MEMBER(w, "searched", json_put_bool, full && (f->flags & FIELD_SEARCHED) != 0);
    JSON_MEMBER(w, "sortable", json_put_bool, full && sortable(f));
    JSON_MEMBER(w, "filterable", json_put_bool, full && f->type != FIELD_JSON);
    JSON_MEMBER(w, "listed", json_put_bool, (f->flags & FIELD_LISTED) != 0);
    JSON_MEMBER(w, "custom", json_put_bool, (f->flags & FIELD_CUSTOM) != 0);
    JSON_MEMBER(w, "personal", json_put_bool, (f->flags & FIELD_PERSONAL) != 0);
    JSON_MEMBER(w, "system", json_put_bool, (f->flags & FIELD_SYSTEM) != 0);
    JSON_MEMBER(w, "share", json_put_bool, (f->flags & FIELD_SHARE) != 0);
    JSON_MEMBER(w, "group", json_put_str, f->group);
    JSON_MEMBER(w, "max_length", json_put_int, f->max_length);
    if (f->type == FIELD_BOOLEAN && f->standard) {
        JSON_MEMBER(w, "standard", json_put_bool, f->standard->integer != 0);
    }
    if (f->n_options) {
        options_json(c, w, f);
    }
    if (f->target) {
        JSON_MEMBER(w, "target", json_put_str, f->target->name);
    }
    json_end_object(w);
}

static void actions_json(struct ctx *c, struct json_writer *w, const struct entity *e) {
    static const struct {
        const char *word;
        enum action action;
    } actions[] = {{"create", ACTION_CREATE}, {"update", ACTION_UPDATE}, {"delete", ACTION_DELETE},
                   {"assign", ACTION_ASSIGN}, {"export", ACTION_EXPORT}, {"import", ACTION_IMPORT}};
    json_key(w, "actions");
    json_begin_object(w);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        bool may = access_scope(c->actor, e, actions[i].action) != SCOPE_NONE;
        JSON_MEMBER(w, actions[i].word, json_put_bool, may && !(e->flags & ENTITY_APPEND));
    }
    json_end_object(w);
}

/* Chinese has no plural. In English it is the one of the address, "lost_reasons" as "Lost reasons";
 * a company gives its own record types one name, as it likes. */
static struct str label_plural(struct ctx *c, const struct entity *e) {
    if (c->language != LANGUAGE_EN || !e->definition) {
        return e->label[c->language];
    }
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = 0; i < e->plural.n; i++) {
        char b = e->plural.p[i];
        bool capital = i == 0 && b >= 'a' && b <= 'z';
        text_add_format(&out, "%c", b == '_' ? ' ' : capital ? b - 'a' + 'A' : b);
    }
    return text_str(&out);
}

static void entity_json(struct ctx *c, struct json_writer *w, const struct entity *e) {
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, e->name);
    JSON_MEMBER(w, "plural", json_put_str, e->plural);
    JSON_MEMBER(w, "label", json_put_str, e->label[c->language]);
    JSON_MEMBER(w, "label_plural", json_put_str, label_plural(c, e));
    JSON_MEMBER(w, "module", json_put_str, e->cloud);
    JSON_MEMBER(w, "owned", json_put_bool, (e->flags & ENTITY_OWNED) != 0);
    JSON_MEMBER(w, "setting", json_put_bool, (e->flags & ENTITY_SETTING) != 0);
    JSON_MEMBER(w, "work", json_put_bool, entity_is_work(e));
    JSON_MEMBER(w, "timeline", json_put_bool, (e->flags & ENTITY_TIMELINE) != 0);
    JSON_MEMBER(w, "custom", json_put_bool, (e->flags & ENTITY_CUSTOM) != 0);
    JSON_MEMBER(w, "title_field", json_put_str, e->title ? e->title->name : STR("id"));
    actions_json(c, w, e);
    json_key(w, "fields");
    json_begin_array(w);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (!(f->flags & FIELD_HIDDEN) && access_field(c->actor, e, f) != RIGHT_NONE) {
            field_json(c, w, e, f);
        }
    }
    json_end_array(w);
    json_end_object(w);
}

/* Labels of the field groups that occur. */
static void labels_json(struct ctx *c, struct json_writer *w) {
    struct str seen[64];
    size_t n = 0;
    json_key(w, "labels");
    json_begin_object(w);
    for (int i = 0; i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        for (int p = 0; p < e->n_fields; p++) {
            struct str group = e->fields[p].group;
            size_t k = 0;
            while (k < n && !str_equal(seen[k], group)) {
                k++;
            }
            if (k == n && n < 64 && group.n) {
                seen[n++] = group;
                json_key_str(w, group);
                json_put_str(w, message_words(c->language, str_to_c(c->arena, group)));
            }
        }
    }
    json_end_object(w);
}

static void meta_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "entities");
    json_begin_array(&w);
    for (int i = 0; i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        if (!(e->flags & ENTITY_INTERNAL) && access_scope(c->actor, e, ACTION_READ) != SCOPE_NONE) {
            entity_json(c, &w, e);
        }
    }
    json_end_array(&w);
    labels_json(c, &w);
    json_key(&w, "permissions");
    role_permissions_json(c, &w);
    json_end_object(&w);
    if (ctx_failed(c)) {
        return;
    }
    struct str digest = sha256_hex(c->arena, json_str(&w));
    reply_header(r, "ETag", str_format(c->arena, "\"%.*s\"", 32, digest.p));
    reply_json(r, 200, &w);
}

static void event_types_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    size_t n;
    const struct event_choice *choices = event_choices(c, &n);
    reply_list_begin(&w);
    for (size_t i = 0; i < n; i++) {
        const struct entity *subject = choices[i].subject;
        if (subject && !access_cloud_on(c->actor, subject->cloud)) {
            continue;
        }
        json_begin_object(&w);
        JSON_MEMBER(&w, "type", json_put_str, choices[i].type);
        JSON_MEMBER(&w, "entity", json_put_str, subject ? subject->name : STR(""));
        JSON_MEMBER(&w, "entity_label", json_put_str,
                    subject ? subject->label[c->language] : STR(""));
        JSON_MEMBER(&w, "label", json_put_str, choices[i].label);
        JSON_MEMBER(&w, "personal", json_put_bool, choices[i].personal);
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/event_types", PERMISSION_SIGNED_IN, LANE_INLINE, event_types_get,
     .summary = "route.event_types",
     .answer =
         "data:[(type:text! entity:text! entity_label:text! label:text! personal:boolean!)]!"},
    {METHOD_GET, "/api/v1/meta", PERMISSION_SIGNED_IN, LANE_INLINE, meta_get,
     .summary = "route.meta",
     .answer = "entities:[(name:text! plural:text! label:text! label_plural:text! module:text! "
               "owned:boolean! setting:boolean! work:boolean! timeline:boolean! custom:boolean! "
               "title_field:text! actions:(create:boolean! update:boolean! delete:boolean! "
               "assign:boolean! export:boolean! import:boolean!)! fields:[(name:text! label:text! "
               "type:text! required:boolean! read_only:boolean! immutable:boolean! "
               "writable:boolean! right:text! searched:boolean! sortable:boolean! "
               "filterable:boolean! listed:boolean! custom:boolean! personal:boolean! "
               "system:boolean! share:boolean! group:text! max_length:integer! standard:boolean "
               "options:[(code:text! label:text! tone:text! ring:boolean!)] target:text)]!)]! "
               "labels:object! permissions:object!"},
    {METHOD_GET, "/api/v1/stream", PERMISSION_SIGNED_IN, LANE_INLINE, stream_subscribe,
     .flags = ROUTE_STREAM, .summary = "route.stream"},
    {0}};

static const struct text texts[] = {{"route.event_types", "事件类型", "Event types"},
                                    {"route.meta", "记录类型与字段", "Record types and fields"},
                                    {"route.stream", "实时推送", "Live feed"},
                                    {0}};

const struct module api_meta_module = {
    .name = "api.meta", .cloud = "platform", .routes = routes, .texts = texts};
