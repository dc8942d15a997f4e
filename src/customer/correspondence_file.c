/* See correspondence_file.h. */
#include "customer/correspondence_file.h"

#include "base/clock.h"
#include "base/file_type.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/correspondence.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "http/route.h"

enum { ROOM = 64 << 10 };

void mail_files_store(struct ctx *c, struct mail_read *m) {
    int64_t left = MAIL_FILES_BYTES;
    for (size_t i = 0; i < m->n_attachments && !ctx_failed(c); i++) {
        struct mail_attachment *a = &m->attachments[i];
        struct file_content content;
        bool fits = a->bytes.n && (int64_t)a->bytes.n <= left;
        if (fits && file_keep(c, a->bytes, a->name, &content)) {
            left -= (int64_t)a->bytes.n;
            a->hash = content.stored.hash;
            a->name = content.name;
            a->type = content.mime;
        }
    }
}

static int64_t row_add(struct ctx *c, int64_t mail_id, const struct mail_attachment *a) {
    int64_t id = id_new();
    DB_RUN(c,
           "INSERT INTO correspondence_file (id, mail_id, user_id, name, mime, size, hash, "
           "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
           id, mail_id, access_user_id(c->actor), a->name, a->type, a->size, a->hash, c->now_ms);
    return id;
}

struct str mail_files_keep(struct ctx *c, int64_t mail_id, const struct mail_read *m) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mail_attachment *a = &m->attachments[i];
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, a->hash.n ? row_add(c, mail_id, a) : 0);
        JSON_MEMBER(&w, "name", json_put_str, a->name);
        JSON_MEMBER(&w, "type", json_put_str, a->type);
        JSON_MEMBER(&w, "size", json_put_int, a->size);
        JSON_MEMBER(&w, "inside", json_put_bool, a->inside);
        JSON_MEMBER(&w, "content_id", json_put_str, a->content_id);
        json_end_object(&w);
    }
    json_end_array(&w);
    return json_str(&w);
}

static void file_put(struct json_writer *w, int64_t id, const struct mail_attachment *a) {
    const struct file_type *type = file_type_named(a->type);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, id);
    JSON_MEMBER(w, "name", json_put_str, a->name);
    JSON_MEMBER(w, "type", json_put_str, a->type);
    JSON_MEMBER(w, "size", json_put_int, a->size);
    JSON_MEMBER(w, "kind", json_put_c, type ? type->kind : "other");
    JSON_MEMBER(w, "shown", json_put_bool, type && type->shown);
    JSON_MEMBER(w, "inside", json_put_bool, a->inside);
    JSON_MEMBER(w, "content_id", json_put_str, a->content_id);
    json_end_object(w);
}

void mail_files_put(struct ctx *c, struct json_writer *w, struct str attachments) {
    const struct json *all = json_parse(c, attachments);
    json_key(w, "attachments");
    json_begin_array(w);
    for (size_t i = 0; json_is(all, JSON_IS_ARRAY) && i < all->n; i++) {
        const struct json *one = &all->items[i];
        struct mail_attachment a = {.name = json_text(one, "name"),
                                    .type = json_text(one, "type"),
                                    .size = json_int(one, "size", 0),
                                    .inside = json_bool(one, "inside", false),
                                    .content_id = json_text(one, "content_id")};
        file_put(w, json_id(one, "id"), &a);
    }
    json_end_array(w);
}

/* A row, of the mail, or with 0 one that waits for a letter of the actor's; false when there is
 * none. */
static bool row_read(struct ctx *c, int64_t id, int64_t mail_id, struct mail_attachment *a) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT name, mime, size, hash FROM correspondence_file WHERE id = $1 "
             "AND mail_id = $2 AND (mail_id <> 0 OR user_id = $3)",
             id, mail_id, access_user_id(c->actor));
    if (!db_next(&rows)) {
        return false;
    }
    *a = (struct mail_attachment){.name = db_text(&rows, 0),
                                  .type = db_text(&rows, 1),
                                  .size = db_int(&rows, 2),
                                  .hash = db_text(&rows, 3)};
    db_done(&rows);
    return true;
}

/* Of a mail whose words he may read. */
static bool of_mail(struct ctx *c, int64_t id, struct mail_attachment *a) {
    struct correspondence m;
    int64_t mail_id = DB_INT(c, "SELECT mail_id FROM correspondence_file WHERE id = $1", id);
    return mail_id && correspondence_load(c, mail_id, &m) &&
           correspondence_sight(c, &m) >= SIGHT_CONTENT && row_read(c, id, mail_id, a);
}

static bool of_record(struct ctx *c, int64_t id, struct mail_attachment *a) {
    const struct record *file = file_seen(c, id);
    if (!file) {
        return false;
    }
    *a = (struct mail_attachment){.name = record_text(file, "name"),
                                  .type = record_text(file, "mime"),
                                  .size = record_int(file, "size"),
                                  .hash = record_text(file, "hash")};
    return true;
}

static bool waiting(struct ctx *c, int64_t id, struct mail_attachment *a) {
    bool found = row_read(c, id, 0, a);
    if (found) {
        DB_RUN(c, "DELETE FROM correspondence_file WHERE id = $1 AND mail_id = 0", id);
    }
    return found;
}

void mail_files_given(struct ctx *c, const struct json *ids, struct mail_read *m) {
    int64_t bytes = 0;
    for (size_t i = 0; json_is(ids, JSON_IS_ARRAY) && i < ids->n; i++) {
        struct mail_attachment a;
        int64_t id = json_as_id(&ids->items[i]);
        struct str pointer = str_format(c->arena, "/files/%zu", i);
        if (m->n_attachments == MAIL_ATTACHMENTS) {
            FAIL_FIELD(c, pointer, "correspondence.files");
            return;
        }
        if (!id || !(waiting(c, id, &a) || of_mail(c, id, &a) || of_record(c, id, &a))) {
            FAIL_FIELD(c, pointer, "reference.absent");
            continue;
        }
        bytes += a.size;
        if (bytes > MAIL_FILES_BYTES) {
            FAIL_FIELD(c, pointer, "correspondence.files_size");
            return;
        }
        m->attachments[m->n_attachments++] = a;
    }
}

bool mail_files_load(struct ctx *c, int64_t mail_id, struct mail_message *m) {
    struct mail_file *files = ARENA_NEW_ARRAY(c->arena, MAIL_ATTACHMENTS, struct mail_file);
    struct str hashes[MAIL_ATTACHMENTS];
    struct db_rows rows;
    size_t n = 0;
    bool whole = true;
    DB_QUERY(c, &rows,
             "SELECT name, mime, hash FROM correspondence_file WHERE mail_id = $1 ORDER BY id "
             "LIMIT $2",
             mail_id, (int64_t)MAIL_ATTACHMENTS);
    while (n < MAIL_ATTACHMENTS && db_next(&rows)) {
        files[n] = (struct mail_file){.name = db_text(&rows, 0), .mime = db_text(&rows, 1)};
        hashes[n++] = db_text(&rows, 2);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && whole; i++) {
        whole = file_store_get(c->arena, hashes[i], MAIL_FILES_BYTES, &files[i].bytes);
    }
    m->files = files;
    m->n_files = n;
    return whole;
}

void mail_files_sweep(struct ctx *c) {
    DB_RUN(c, "DELETE FROM correspondence_file WHERE mail_id = 0 AND created_at < $1",
           c->now_ms - MS_DAY);
}

static void upload_keep(struct request *r) {
    struct ctx *c = r->c;
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

static void upload_post(struct request *r) {
    struct ctx *c = r->c;
    const struct file_content *content = r->state;
    int64_t held = DB_INT(c,
                          "SELECT count(*) FROM correspondence_file WHERE mail_id = 0 "
                          "AND user_id = $1",
                          access_user_id(c->actor));
    if (!content || c->actor->read_only || held >= MAIL_FILES_WAITING) {
        FAIL(c, held >= MAIL_FILES_WAITING ? ERROR_LIMIT : ERROR_DENIED,
             held >= MAIL_FILES_WAITING ? "correspondence.files_waiting" : "access.denied");
        return;
    }
    struct mail_attachment a = {.name = content->name,
                                .type = content->mime,
                                .size = content->stored.size,
                                .hash = content->stored.hash};
    struct json_writer w = json_writer(c->arena);
    file_put(&w, row_add(c, 0, &a), &a);
    reply_json(r, 201, &w);
}

static void upload_delete(struct request *r) {
    struct ctx *c = r->c;
    if (!DB_RUN(c, "DELETE FROM correspondence_file WHERE id = $1 AND mail_id = 0 AND user_id = $2",
                request_id(r, "id"), access_user_id(c->actor))) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
}

/* The file of the path, of a mail whose words he may read; false after ERROR_ABSENT. */
static bool file_asked(struct request *r, struct mail_attachment *a) {
    struct ctx *c = r->c;
    struct correspondence m;
    int64_t mail_id = request_id(r, "id"), id = request_id(r, "file");
    bool seen = !ctx_failed(c) && mail_id && correspondence_load(c, mail_id, &m) &&
                correspondence_sight(c, &m) >= SIGHT_CONTENT && row_read(c, id, mail_id, a);
    if (!seen) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    return seen;
}

static void content_get(struct request *r) {
    struct mail_attachment a;
    if (file_asked(r, &a)) {
        file_content_reply(r,
                           &(struct file_served){.name = a.name, .mime = a.type, .hash = a.hash});
    }
}

/* Puts a mail's file among the files of a record the mail belongs to. */
static void attach_post(struct request *r) {
    struct ctx *c = r->c;
    struct mail_attachment a;
    const struct json *body = request_json(r);
    if (!body || !file_asked(r, &a)) {
        return;
    }
    const struct entity *e = model_entity(c->model, json_text(body, "entity"));
    int64_t record_id = json_id(body, "record");
    bool linked = e && DB_INT(c,
                              "SELECT 1 FROM correspondence_link WHERE subject_type = $1 "
                              "AND subject_id = $2 AND mail_id = $3",
                              e->name, record_id, request_id(r, "id"));
    const struct record *head = linked ? record_load(c, e, record_id) : NULL;
    if (!head || !access_record(c, ACTION_READ, head)) {
        FAIL_FIELD(c, STR("/record"), "reference.absent");
        return;
    }
    if (c->actor->read_only) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct file_content content = {
        .stored = {.hash = a.hash, .size = a.size}, .name = a.name, .mime = a.type};
    int64_t id = file_attach(c, &(struct attachment){.content = &content,
                                                     .subject_type = e->name,
                                                     .subject_id = record_id,
                                                     .about_type = STR("")});
    struct json_writer w = json_writer(c->arena);
    file_json(c, &w, id);
    reply_json(r, 201, &w);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/mailbox/files", PERMISSION_SIGNED_IN, LANE_WRITER, upload_post,
     .prepare = upload_keep, .flags = ROUTE_UPLOAD, .summary = "route.letter_file",
     .query = "file_name:text",
     .answer = "201 id:id! name:text! type:text! size:integer! kind:text! shown:boolean! "
               "inside:boolean! content_id:text!",
     .upload_most = FILE_MOST + ROOM},
    {METHOD_DELETE, "/api/v1/mailbox/files/{id}", PERMISSION_SIGNED_IN, LANE_WRITER, upload_delete,
     .summary = "route.letter_file_delete"},
    {METHOD_GET, "/api/v1/correspondence/{id}/files/{file}/content", PERMISSION_SIGNED_IN,
     LANE_INLINE, content_get, .summary = "route.correspondence_file_content",
     .query = "save:boolean", .answer = "*/*"},
    {METHOD_POST, "/api/v1/correspondence/{id}/files/{file}/attach", PERMISSION_SIGNED_IN,
     LANE_WRITER, attach_post, .summary = "route.correspondence_file_attach",
     .body = "entity:text! record:id!", .answer = "201 " FILE_SHAPE},
    {0}};

static const struct migration migrations[] = {
    {"customer.correspondence_file.1",
     "CREATE TABLE correspondence_file (id {id}, mail_id BIGINT NOT NULL, user_id BIGINT NOT NULL, "
     "name TEXT NOT NULL, mime TEXT NOT NULL, size BIGINT NOT NULL, hash TEXT NOT NULL, "
     "created_at BIGINT NOT NULL);\n"
     "CREATE INDEX correspondence_file_mail ON correspondence_file (mail_id, user_id);\n"
     "CREATE INDEX correspondence_file_hash ON correspondence_file (hash)"},
    {0}};

static const struct text texts[] = {
    {"correspondence.files", "一封邮件最多带 20 个附件", "At most 20 files go with a mail"},
    {"correspondence.files_size", "附件合计不能超过 25 MB", "Files of a mail are at most 25 MB"},
    {"correspondence.files_waiting", "未发送的附件太多，请先发送或删除一些",
     "Too many files wait for letters: send or delete some first"},
    {"route.letter_file", "上传要随邮件发送的附件", "Upload a file for a mail to be written"},
    {"route.letter_file_delete", "删除尚未发送的附件", "Delete a file of a mail not written yet"},
    {"route.correspondence_file_content", "取邮件的附件", "A file of a mail"},
    {"route.correspondence_file_attach", "把邮件的附件存到记录",
     "Put a file of a mail among those of a record"},
    {0}};

const struct module correspondence_file_module = {.name = "customer.correspondence_file",
                                                  .cloud = "customer",
                                                  .routes = routes,
                                                  .migrations = migrations,
                                                  .texts = texts};
