/*
 * Files attached to records and to entries of their timelines.
 *
 * A file is attached, may be taken to another entry of the same record while it is young (a photo
 * is sent before the visit is written down), and goes to the trash and back by whoever attached it
 * or may delete the record. Its content never changes. In the trash it keeps its content; contents
 * that no row names (an upload whose transaction failed) are removed a day later by the timer
 * file.sweep, a part of the store at a time. It hangs on its record by subject_type and
 * subject_id, which a merge turns to the winner and an unmerge back.
 */
#include "customer/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_type.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/correspondence_file.h"
#include "customer/customer.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/event.h"
#include "event/timer.h"

enum { SWEEP_PAUSE_MS = 5 * MS_MINUTE, SWEPT_AFTER_MS = MS_DAY, ENTRY_FILES = 400, PAGE = 60 };

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "文件名", "File name", "group.basic"},
    {"hash", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE, "摘要", "Digest", "group.basic",
     .max_length = 64},
    {"size", FIELD_INTEGER, FIELD_REQUIRED | FIELD_IMMUTABLE, "字节数", "Bytes", "group.basic"},
    {"mime", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE, "类型", "Type", "group.basic"},
    {"subject_type", FIELD_TEXT, FIELD_REQUIRED, "对象类型", "About (type)", "group.basic"},
    {"subject_id", FIELD_REFERENCE, FIELD_REQUIRED, "对象", "About", "group.basic"},
    {"about_type", FIELD_TEXT, 0, "条目类型", "Entry (type)", "group.basic"},
    {"about_id", FIELD_REFERENCE, 0, "条目", "Entry", "group.basic"},
    {0}};

static const struct entity_definition file_entity = {
    .name = "file",
    .plural = "files",
    .zh = "附件",
    .en = "File",
    .flags = ENTITY_INTERNAL,
    .fields = fields,
    .indexes = (const struct index_definition[]){
        {"subject_type, subject_id, created_at"}, {"about_id"}, {"hash"}, {0}}};

static bool size_fits(struct ctx *c, int64_t size) {
    if (!size) {
        FAIL_FIELD(c, STR("/file"), "file.empty");
    } else if (size > FILE_MOST) {
        FAIL(c, ERROR_LIMIT, "request.too_large",
             {"limit", str_format(c->arena, "%d MB", FILE_MOST >> 20)});
    }
    return !ctx_failed(c);
}

bool file_keep(struct ctx *c, struct str bytes, struct str name, struct file_content *out) {
    const struct file_type *type = file_type_of(str_slice(bytes, 0, FILE_TYPE_HEAD), name);
    out->name = file_name_clean(c->arena, name, type);
    out->mime = str_from(type ? type->mime : "application/octet-stream");
    return size_fits(c, (int64_t)bytes.n) && file_store_put(c, bytes, &out->stored);
}

bool file_keep_upload(struct ctx *c, struct str path, struct str name, struct file_content *out) {
    char head[FILE_TYPE_HEAD];
    struct stat about;
    int fd = open(str_to_c(c->arena, path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 && fstat(fd, &about) == 0 ? read(fd, head, sizeof head) : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        ctx_fail_internal(c, "an upload cannot be read");
        return false;
    }
    if (!size_fits(c, about.st_size)) {
        return false;
    }
    const struct file_type *type = file_type_of((struct str){head, (size_t)n}, name);
    if (!type) {
        FAIL_FIELD(c, STR("/file"), "file.type", {"name", file_name_clean(c->arena, name, NULL)});
        return false;
    }
    out->name = file_name_clean(c->arena, name, type);
    out->mime = str_from(type->mime);
    return file_store_take(c, path, &out->stored);
}

int64_t file_attach(struct ctx *c, const struct attachment *a) {
    struct change_set set = change_new(c, entity_named(c, "file"));
    change_text(&set, "name", a->content->name);
    change_text(&set, "hash", a->content->stored.hash);
    change_int(&set, "size", a->content->stored.size);
    change_text(&set, "mime", a->content->mime);
    change_text(&set, "subject_type", a->subject_type);
    change_id(&set, "subject_id", a->subject_id);
    if (a->about_id) {
        change_text(&set, "about_type", a->about_type);
        change_id(&set, "about_id", a->about_id);
    }
    struct record *file = record_insert(c, &set);
    if (!file) {
        return 0;
    }
    event_emit(c, &(struct event){.type = STR("file.added"),
                                  .subject_type = a->subject_type,
                                  .subject_id = a->subject_id,
                                  .payload = str_format(c->arena, "{\"file_id\":\"%lld\"}",
                                                        (long long)file->id)});
    return file->id;
}

struct file_row {
    int64_t id, size, at, by, about_id, subject_id;
    struct str name, mime, about_type, by_name, subject_type;
};

struct file_rows {
    struct file_row items[ENTRY_FILES];
    size_t n;
};

static void row_json(struct ctx *c, struct json_writer *w, const struct file_row *f) {
    const struct file_type *type = file_type_named(f->mime);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, f->id);
    JSON_MEMBER(w, "name", json_put_str, f->name);
    JSON_MEMBER(w, "size", json_put_int, f->size);
    JSON_MEMBER(w, "mime", json_put_str, f->mime);
    JSON_MEMBER(w, "kind", json_put_c, type ? type->kind : "other");
    JSON_MEMBER(w, "shown", json_put_bool, type && type->shown);
    JSON_MEMBER(w, "at", json_put_instant, f->at);
    JSON_MEMBER(w, "mine", json_put_bool, c->actor && f->by && f->by == c->actor->user_id);
    json_key(w, "by");
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, f->by);
    JSON_MEMBER(w, "title", json_put_str, f->by_name);
    json_end_object(w);
    JSON_MEMBER(w, "about_type", json_put_str, f->about_type);
    JSON_MEMBER(w, "about_id", json_put_id, f->about_id);
    json_end_object(w);
}

static struct sql rows_question(struct ctx *c) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT f.id, f.size, f.created_at, f.created_by, f.about_id, f.name, f.mime, "
                "f.about_type, u.name, f.subject_type, f.subject_id FROM file f "
                "LEFT JOIN \"user\" u ON u.id = f.created_by WHERE f.deleted_at IS NULL AND ");
    return q;
}

static struct file_row row_read(const struct db_rows *rows) {
    return (struct file_row){.id = db_int(rows, 0),
                             .size = db_int(rows, 1),
                             .at = db_int(rows, 2),
                             .by = db_int(rows, 3),
                             .about_id = db_int(rows, 4),
                             .name = db_text(rows, 5),
                             .mime = db_text(rows, 6),
                             .about_type = db_text(rows, 7),
                             .by_name = db_text(rows, 8),
                             .subject_type = db_text(rows, 9),
                             .subject_id = db_int(rows, 10)};
}

void file_json(struct ctx *c, struct json_writer *w, int64_t id) {
    struct sql q = rows_question(c);
    struct db_rows rows;
    SQL_ADD(&q, "f.id = ");
    SQL_VALUE(&q, id);
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        struct file_row f = row_read(&rows);
        db_done(&rows);
        row_json(c, w, &f);
    }
}

struct file_rows *files_of_entries(struct ctx *c, const struct timeline_part *part) {
    struct file_rows *files = ARENA_NEW(c->arena, struct file_rows);
    struct db_rows rows;
    if (!part->n) {
        return files;
    }
    struct sql q = rows_question(c);
    SQL_ADD(&q, "f.about_id IN ");
    sql_ids(&q, part->ids, part->n);
    SQL_ADD(&q, " ORDER BY f.created_at, f.id LIMIT ");
    sql_number(&q, ENTRY_FILES);
    sql_query(c, &rows, &q);
    while (files->n < ENTRY_FILES && db_next(&rows)) {
        struct file_row f = row_read(&rows);
        if (timeline_holds(part, f.subject_type, f.subject_id)) {
            files->items[files->n++] = f;
        }
    }
    db_done(&rows);
    return files;
}

void files_put(struct ctx *c, struct json_writer *w, const struct file_rows *files,
               const char *kind, int64_t entry_id) {
    json_begin_array(w);
    for (size_t i = 0; i < files->n; i++) {
        const struct file_row *f = &files->items[i];
        if (f->about_id == entry_id && str_is(f->about_type, kind)) {
            row_json(c, w, f);
        }
    }
    json_end_array(w);
}

static void add_place(struct sql *q, const struct timeline_subject *s) {
    SQL_ADD(q, "f.subject_type = ");
    SQL_VALUE(q, s->entity->name);
    SQL_ADD(q, " AND f.subject_id = ");
    SQL_VALUE(q, s->id);
}

/* Files of one record, newest first. */
static struct sql record_question(struct ctx *c, const struct file_list *list,
                                  const struct timeline_subject *s) {
    struct sql q = rows_question(c);
    add_place(&q, s);
    SQL_ADD(&q, " AND f.created_at < ");
    SQL_VALUE(&q, list->before);
    SQL_ADD(&q, " ORDER BY f.created_at DESC, f.id DESC LIMIT ");
    sql_number(&q, PAGE + 1);
    return q;
}

static int newest_first(const void *a, const void *b) {
    const struct file_row *x = a, *y = b;
    int by_time = (x->at < y->at) - (x->at > y->at);
    return by_time ? by_time : (x->id < y->id) - (x->id > y->id);
}

bool files_of_records(struct ctx *c, struct json_writer *w, const struct file_list *list) {
    struct file_row *found = ARENA_NEW_ARRAY(c->arena, list->n * (PAGE + 1), struct file_row);
    size_t n = 0;
    for (size_t i = 0; i < list->n && !ctx_failed(c); i++) {
        struct sql q = record_question(c, list, &list->subjects[i]);
        struct db_rows rows;
        sql_query(c, &rows, &q);
        while (db_next(&rows)) {
            struct file_row f = row_read(&rows);
            if (timeline_shows(c, f.about_type)) {
                found[n++] = f;
            }
        }
    }
    if (n) {
        qsort(found, n, sizeof *found, newest_first);
    }
    json_begin_array(w);
    for (size_t i = 0; i < n && i < PAGE; i++) {
        row_json(c, w, &found[i]);
    }
    json_end_array(w);
    return n > PAGE;
}

static bool is_wanted(struct ctx *c, struct str hash) {
    return DB_INT(c, "SELECT 1 FROM file WHERE hash = $1 LIMIT 1", hash) ||
           DB_INT(c, "SELECT 1 FROM correspondence_file WHERE hash = $1 LIMIT 1", hash);
}

static void sweep(struct ctx *c, const struct timer *t) {
    int64_t part = json_int(json_parse(c, t->payload), "part", 0);
    bool known = part >= 0 && part < FILE_STORE_PARTS;
    unsigned at = known ? (unsigned)part : 0;
    mail_files_sweep(c);
    file_store_sweep(c, at, c->now_ms - SWEPT_AFTER_MS, is_wanted);
    timer_set(c, "file.sweep", STR(""), c->now_ms + SWEEP_PAUSE_MS,
              str_format(c->arena, "{\"part\":%u}", (at + 1) % FILE_STORE_PARTS));
}

void file_upkeep_start(struct ctx *c) {
    if (!DB_INT(c, "SELECT 1 FROM timer WHERE kind = 'file.sweep' LIMIT 1")) {
        timer_set(c, "file.sweep", STR(""), c->now_ms + SWEEP_PAUSE_MS, STR("{\"part\":0}"));
    }
}

static const struct timer_kind timers[] = {{"file.sweep", sweep}, {NULL, NULL}};

static const struct event_type event_types[] = {{"file.added", NULL, "添加附件", "file attached"},
                                                {0}};

static const struct text texts[] = {
    {"file.empty", "文件是空的", "The file is empty"},
    {"file.type", "不能上传「{name}」：只收图片、文档、音视频和压缩包",
     "\"{name}\" cannot be uploaded: only pictures, documents, recordings and archives can"},
    {0}};

const struct module file_module = {
    .name = "customer.file",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&file_entity, NULL},
    .timers = timers,
    .events = event_types,
    .texts = texts};
