/*
 * Files over REST: upload to a record, list, fetch, take to an entry, trash and restore.
 *
 * Whoever may read the record may attach to it and fetch; whoever attached, or may delete the
 * record, may throw away. A file is served so that no browser runs it: its type is said and not
 * guessed, everything but pictures is saved instead of shown, under a policy without scripts.
 */
#include "base/file_type.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/customer.h"
#include "customer/file.h"
#include "entity/access.h"
#include "http/pages.h"
#include "http/route.h"

/* Field errors apart, what an upload is about; NULL after an error. */
static struct record *subject_of_path(struct request *r) {
    struct record *subject = timeline_head(r);
    if (subject && r->c->actor->read_only && r->route->method != METHOD_GET) {
        FAIL(r->c, ERROR_DENIED, "access.denied");
    }
    return ctx_failed(r->c) ? NULL : subject;
}

struct str file_upload_name(struct request *r) {
    struct str given = r->upload_name.n ? r->upload_name : request_query(r, "file_name");
    return given.p ? text_repair(r->c->arena, given) : STR("");
}

static void upload_keep(struct request *r) {
    struct ctx *c = r->c;
    if (!subject_of_path(r)) {
        return;
    }
    if (!r->upload.n) {
        FAIL_FIELD(c, STR("/file"), "field.required");
        return;
    }
    struct file_content *content = ARENA_NEW(c->arena, struct file_content);
    if (file_keep_upload(c, r->upload, file_upload_name(r), content)) {
        r->upload_kept = true;
        r->state = content;
    }
}

static void reply_file_json(struct request *r, int status, int64_t id) {
    struct json_writer w = json_writer(r->c->arena);
    file_json(r->c, &w, id);
    if (!ctx_failed(r->c)) {
        reply_json(r, status, &w);
    }
}

static void upload_post(struct request *r) {
    struct ctx *c = r->c;
    const struct file_content *content = r->state;
    struct record *subject = content ? subject_of_path(r) : NULL;
    if (!subject) {
        return;
    }
    struct str kind = request_query(r, "about_type");
    struct attachment a = {.content = content,
                           .subject_type = subject->entity->name,
                           .subject_id = subject->id,
                           .about_type = kind.p ? kind : STR(""),
                           .about_id = request_query_int(r, "about_id", 0)};
    if (a.about_id && !timeline_has(c, subject, a.about_type, a.about_id)) {
        FAIL_FIELD(c, STR("/about_id"), "reference.absent");
        return;
    }
    int64_t id = file_attach(c, &a);
    if (id) {
        reply_file_json(r, 201, id);
    }
}

static bool is_seen(struct ctx *c, const struct record *file, struct record **subject) {
    const struct entity *of = file ? model_entity(c->model, record_text(file, "subject_type"))
                                   : NULL;
    *subject = of ? record_load(c, of, record_id(file, "subject_id")) : NULL;
    return *subject && access_record(c, ACTION_READ, *subject) &&
           timeline_shows(c, record_text(file, "about_type"));
}

struct record *file_seen(struct ctx *c, int64_t id) {
    struct record *subject, *file = record_load(c, entity_named(c, "file"), id);
    return file && is_seen(c, file, &subject) ? file : NULL;
}

/* A file the caller may see, trashed ones too when asked for; NULL after ERROR_ABSENT. */
static struct record *file_asked(struct request *r, bool trashed, struct record **subject) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, "file");
    int64_t id = request_id(r, "id");
    struct record *file = NULL;
    if (trashed && !ctx_failed(c)) {
        const struct actor *asker = c->actor;
        c->actor = &actor_system;
        file = record_read_trashed(c, e, id);
        c->actor = asker;
    } else if (!ctx_failed(c)) {
        file = record_load(c, e, id);
    }
    if (!is_seen(c, file, subject)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    return ctx_failed(c) ? NULL : file;
}

/* RFC 8187: the name in UTF-8, percent-encoded, with an ASCII one for who cannot read that. */
static struct str disposition(struct ctx *c, const char *how, struct str name) {
    struct text_buffer out = {.arena = c->arena};
    text_add_format(&out, "%s; filename=\"file\"; filename*=UTF-8''", how);
    url_add(&out, name);
    return text_str(&out);
}

void file_content_reply(struct request *r, const struct file_served *f) {
    struct ctx *c = r->c;
    const struct file_type *type = file_type_named(f->mime);
    bool shown = type && type->shown && !request_query_bool(r, "save");
    struct str tag = str_format(c->arena, "\"%.32s\"", f->hash.p);
    reply_header(r, "ETag", tag);
    reply_header(r, "Content-Security-Policy",
                 STR("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    reply_header(r, "Cross-Origin-Resource-Policy", STR("same-origin"));
    if (str_equal(request_header(r, "If-None-Match"), tag)) {
        reply_text(r, 304, "", STR(""));
        return;
    }
    reply_header(r, "Content-Disposition",
                 disposition(c, shown ? "inline" : "attachment", f->name));
    reply_file(r, type ? type->mime : "application/octet-stream",
               file_store_path(c->arena, f->hash), false);
}

static void content_get(struct request *r) {
    struct record *subject, *file = file_asked(r, false, &subject);
    if (file) {
        file_content_reply(r, &(struct file_served){.name = record_text(file, "name"),
                                                    .mime = record_text(file, "mime"),
                                                    .hash = record_text(file, "hash")});
    }
}

static bool may_delete(struct ctx *c, const struct record *file, const struct record *subject) {
    bool mine = record_id(file, "created_by") == c->actor->user_id;
    return !c->actor->read_only && (mine || access_record(c, ACTION_DELETE, subject));
}

static void list_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *head = subject_of_path(r);
    if (!head) {
        return;
    }
    struct timeline_subject subjects[TIMELINE_SUBJECTS];
    struct file_list list = {.subjects = subjects,
                             .n = timeline_subjects(c, head, subjects),
                             .before = request_query_int(r, "cursor", INT64_MAX)};
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    bool more = files_of_records(c, &w, &list);
    JSON_MEMBER(&w, "more", json_put_bool, more);
    JSON_MEMBER(&w, "may_delete", json_put_bool, access_record(c, ACTION_DELETE, head));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void file_patch(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *subject, *file = body ? file_asked(r, false, &subject) : NULL;
    if (!file) {
        return;
    }
    if (!may_delete(c, file, subject)) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct change_set set = change_new(c, file->entity);
    struct str name = text_trim(json_text(body, "name"));
    if (name.n) {
        change_text(&set, "name",
                    file_name_clean(c->arena, name, file_type_named(record_text(file, "mime"))));
    }
    int64_t about = json_id(body, "about_id");
    if (about && !timeline_has(c, subject, json_text(body, "about_type"), about)) {
        FAIL_FIELD(c, STR("/about_id"), "reference.absent");
    } else if (about) {
        change_text(&set, "about_type", json_text(body, "about_type"));
        change_id(&set, "about_id", about);
    }
    if (record_change(c, file->id, &set)) {
        reply_file_json(r, 200, file->id);
    }
}

static void file_delete(struct request *r) {
    struct record *subject, *file = file_asked(r, false, &subject);
    if (file && !may_delete(r->c, file, subject)) {
        FAIL(r->c, ERROR_DENIED, "access.denied");
    } else if (file) {
        record_remove(r->c, file->entity, file->id);
    }
}

static void restore_post(struct request *r) {
    struct record *subject, *file = file_asked(r, true, &subject);
    if (file && !may_delete(r->c, file, subject)) {
        FAIL(r->c, ERROR_DENIED, "access.denied");
    } else if (file && record_unremove(r->c, file->entity, file->id)) {
        reply_file_json(r, 200, file->id);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}/{id}/files", PERMISSION_RECORD, LANE_INLINE, list_get,
     .summary = "route.files", .query = "cursor:text",
     .answer = "data:[(" FILE_SHAPE ")]! more:boolean! may_delete:boolean!"},
    {METHOD_POST, "/api/v1/{plural}/{id}/files", PERMISSION_RECORD, LANE_WRITER, upload_post,
     .prepare = upload_keep, .flags = ROUTE_UPLOAD, .summary = "route.file_upload",
     .query = "file_name:text about_type:text about_id:text", .answer = "201 " FILE_SHAPE,
     .upload_most = FILE_MOST + (64 << 10)},
    {METHOD_GET, "/api/v1/files/{id}/content", PERMISSION_RECORD, LANE_INLINE, content_get,
     .summary = "route.file_content", .query = "save:boolean", .answer = "*/*"},
    {METHOD_PATCH, "/api/v1/files/{id}", PERMISSION_RECORD, LANE_WRITER, file_patch,
     .summary = "route.file_change", .body = "name:text about_type:text about_id:id",
     .answer = FILE_SHAPE},
    {METHOD_DELETE, "/api/v1/files/{id}", PERMISSION_RECORD, LANE_WRITER, file_delete,
     .summary = "route.file_delete"},
    {METHOD_POST, "/api/v1/files/{id}/restore", PERMISSION_RECORD, LANE_WRITER, restore_post,
     .summary = "route.file_restore", .answer = FILE_SHAPE},
    {0}};

static const struct text texts[] = {
    {"route.files", "记录的附件", "Files of a record"},
    {"route.file_upload", "上传附件", "Attach a file"},
    {"route.file_content", "取附件内容", "Content of a file"},
    {"route.file_change", "改附件名称或所在条目", "Rename a file, or take it to an entry"},
    {"route.file_delete", "删除附件", "Delete a file"},
    {"route.file_restore", "恢复附件", "Restore a file"},
    {0}};

const struct module file_routes_module = {
    .name = "customer.file_routes", .cloud = "customer", .routes = routes, .texts = texts};
