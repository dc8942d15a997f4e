/*
 * Comments, see comment.h.
 *
 * Out: comment.added about the record, with the comment's id. A comment is part of the history of
 * its record: it goes where the record goes in a merge, and to the trash and back by itself.
 */
#include "customer/comment.h"

#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/correspondence.h"
#include "customer/customer.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/route.h"

enum { ENTRY_COMMENTS = 400, TOLD_MOST = 10, WORDS_TOLD = 80 };

static const struct field_definition fields[] = {
    {"content", FIELD_LONG_TEXT, FIELD_REQUIRED | FIELD_TITLE, "内容", "Content", "group.basic",
     .max_length = 5000},
    {"mentions", FIELD_JSON, 0, "提到", "Mentions", "group.basic", .max_length = 1000},
    {"subject_type", FIELD_TEXT, FIELD_REQUIRED, "对象类型", "About (type)", "group.basic"},
    {"subject_id", FIELD_REFERENCE, FIELD_REQUIRED, "对象", "About", "group.basic"},
    {"about_type", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE, "条目类型", "Entry (type)",
     "group.basic"},
    {"about_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_IMMUTABLE, "条目", "Entry", "group.basic"},
    {"edited_at", FIELD_INSTANT, FIELD_READ_ONLY, "修改时间", "Edited", "group.basic"},
    {0}};

static struct record *subject_of(struct ctx *c, const struct record *comment) {
    const struct entity *e = model_entity(c->model, record_text(comment, "subject_type"));
    return e ? record_load(c, e, record_id(comment, "subject_id")) : NULL;
}

static void comment_check(struct ctx *c, struct change *change) {
    struct record *subject = subject_of(c, change->after);
    if (subject) {
        mentions_check(c, change, subject);
    }
}

/* Who wrote the entry, and who wrote about it before; each once. */
static size_t who_took_part(struct ctx *c, const struct record *comment, int64_t ids[TOLD_MOST]) {
    struct db_rows rows;
    size_t n = 0;
    struct str type = record_text(comment, "about_type");
    int64_t about = record_id(comment, "about_id"), author = 0;
    if (str_is(type, "activity")) {
        author = DB_INT(c, "SELECT owner_id FROM activity WHERE id = $1", about);
    } else if (str_is(type, "task")) {
        author = DB_INT(c, "SELECT owner_id FROM task WHERE id = $1", about);
    } else if (str_is(type, "file")) {
        author = DB_INT(c, "SELECT created_by FROM file WHERE id = $1", about);
    } else if (str_is(type, "mail")) {
        author = correspondence_holder(c, about);
    }
    if (author) {
        ids[n++] = author;
    }
    DB_QUERY(c, &rows,
             "SELECT created_by FROM comment WHERE about_id = $1 AND about_type = $2 AND "
             "created_by <> $3 AND deleted_at IS NULL GROUP BY created_by "
             "ORDER BY max(created_at) DESC LIMIT $4",
             about, type, author, (int64_t)(TOLD_MOST - 1));
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

/* Those who are named are told so already. */
static void others_tell(struct ctx *c, const struct record *comment, const struct record *subject) {
    int64_t ids[TOLD_MOST];
    size_t n = who_took_part(c, comment, ids);
    struct str words = text_truncate(record_text(comment, "content"), WORDS_TOLD);
    struct comment_place place = {subject, record_text(comment, "about_type"),
                                  record_id(comment, "about_id")};
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        bool told = ids[i] == c->actor->user_id || !user_active(c, ids[i]) ||
                    mentions_hold(c, record_text(comment, "mentions"), ids[i]);
        if (!told && mention_may_read(c, ids[i], &place)) {
            notify(c,
                   &(struct notification){.user_id = ids[i],
                                          .code = "notification.comment",
                                          .parameters = {{"who", c->actor->name}, {"text", words}},
                                          .subject_type = subject->entity->name,
                                          .subject_id = subject->id});
        }
    }
}

static void comment_wrote(struct ctx *c, const struct change *change) {
    struct record *subject = subject_of(c, change->after);
    if (!subject || !c->actor || !c->actor->user_id) {
        return;
    }
    mentions_tell(c, change, subject);
    if (change->before) {
        return;
    }
    others_tell(c, change->after, subject);
    event_emit(c, &(struct event){.type = STR("comment.added"),
                                  .subject_type = subject->entity->name,
                                  .subject_id = subject->id,
                                  .payload = str_format(c->arena, "{\"comment_id\":\"%lld\"}",
                                                        (long long)change->id)});
}

static const struct entity_definition comment_entity = {
    .name = "comment",
    .plural = "comments",
    .zh = "评论",
    .en = "Comment",
    .flags = ENTITY_INTERNAL,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"about_id, created_at"},
                                                 {"subject_type, subject_id"},
                                                 {0}},
    .check = comment_check,
    .wrote = comment_wrote};

struct comment_row {
    int64_t id, at, edited_at, by, about_id;
    struct str content, mentions, about_type, by_name;
};

struct comment_rows {
    struct comment_row items[ENTRY_COMMENTS];
    size_t n;
};

static struct sql rows_question(struct ctx *c) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT k.id, k.created_at, k.edited_at, k.created_by, k.about_id, k.content, "
                "k.mentions, k.about_type, u.name, k.subject_type, k.subject_id FROM comment k "
                "LEFT JOIN \"user\" u ON u.id = k.created_by WHERE k.deleted_at IS NULL AND ");
    return q;
}

static struct comment_row row_read(const struct db_rows *rows) {
    return (struct comment_row){.id = db_int(rows, 0),
                                .at = db_int(rows, 1),
                                .edited_at = db_int(rows, 2),
                                .by = db_int(rows, 3),
                                .about_id = db_int(rows, 4),
                                .content = db_text(rows, 5),
                                .mentions = db_text(rows, 6),
                                .about_type = db_text(rows, 7),
                                .by_name = db_text(rows, 8)};
}

static void row_json(struct ctx *c, struct json_writer *w, const struct comment_row *k) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, k->id);
    JSON_MEMBER(w, "content", json_put_str, k->content);
    JSON_MEMBER(w, "at", json_put_instant, k->at);
    JSON_MEMBER(w, "edited_at", json_put_instant_or_null, k->edited_at);
    JSON_MEMBER(w, "mine", json_put_bool, c->actor && k->by && k->by == c->actor->user_id);
    json_key(w, "by");
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, k->by);
    JSON_MEMBER(w, "title", json_put_str, k->by_name);
    json_end_object(w);
    mentions_put(c, w, k->mentions);
    json_end_object(w);
}

struct comment_rows *comments_of_entries(struct ctx *c, const struct timeline_part *part) {
    struct comment_rows *comments = ARENA_NEW(c->arena, struct comment_rows);
    struct db_rows rows;
    if (!part->n) {
        return comments;
    }
    struct sql q = rows_question(c);
    SQL_ADD(&q, "k.about_id IN ");
    sql_ids(&q, part->ids, part->n);
    SQL_ADD(&q, " ORDER BY k.created_at, k.id LIMIT ");
    sql_number(&q, ENTRY_COMMENTS);
    sql_query(c, &rows, &q);
    while (comments->n < ENTRY_COMMENTS && db_next(&rows)) {
        if (timeline_holds(part, db_view(&rows, 9), db_int(&rows, 10))) {
            comments->items[comments->n++] = row_read(&rows);
        }
    }
    db_done(&rows);
    return comments;
}

void comments_put(struct ctx *c, struct json_writer *w, const struct comment_rows *comments,
                  const char *kind, int64_t entry_id) {
    json_begin_array(w);
    for (size_t i = 0; i < comments->n; i++) {
        const struct comment_row *k = &comments->items[i];
        if (k->about_id == entry_id && str_is(k->about_type, kind)) {
            row_json(c, w, k);
        }
    }
    json_end_array(w);
}

static void reply_comment(struct request *r, int status, int64_t id) {
    struct ctx *c = r->c;
    struct sql q = rows_question(c);
    struct db_rows rows;
    struct json_writer w = json_writer(c->arena);
    SQL_ADD(&q, "k.id = ");
    SQL_VALUE(&q, id);
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        struct comment_row k = row_read(&rows);
        db_done(&rows);
        row_json(c, &w, &k);
        reply_json(r, status, &w);
    }
}

/* What the author says, from the body; absent members stay as they are. */
static void set_words(struct ctx *c, struct change_set *set, const struct json *body) {
    const struct json *content = json_get(body, "content"), *mentions = json_get(body, "mentions");
    if (content) {
        change_text(set, "content", text_trim(json_text(body, "content")));
    }
    if (mentions) {
        struct json_writer w = json_writer(c->arena);
        json_put_json(&w, mentions);
        change_text(set, "mentions", json_str(&w));
    }
}

static void comment_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *subject = body ? timeline_head(r) : NULL;
    if (!subject) {
        return;
    }
    if (c->actor->read_only) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct str kind = json_text(body, "about_type");
    int64_t about = json_id(body, "about_id");
    if (!timeline_has(c, subject, kind, about)) {
        FAIL_FIELD(c, STR("/about_id"), "reference.absent");
    }
    struct change_set set = change_new(c, entity_named(c, "comment"));
    set_words(c, &set, body);
    change_text(&set, "subject_type", subject->entity->name);
    change_id(&set, "subject_id", subject->id);
    change_text(&set, "about_type", kind);
    change_id(&set, "about_id", about);
    struct record *comment = ctx_failed(c) ? NULL : record_insert(c, &set);
    if (comment) {
        reply_comment(r, 201, comment->id);
    }
}

/* A comment the caller may see; NULL after ERROR_ABSENT. */
static struct record *comment_asked(struct request *r, bool trashed, struct record **subject) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, "comment");
    const struct actor *asker = c->actor;
    int64_t id = request_id(r, "id");
    c->actor = &actor_system;
    struct record *comment = ctx_failed(c) ? NULL
                             : trashed     ? record_read_trashed(c, e, id)
                                           : record_read(c, e, id);
    c->actor = asker;
    *subject = comment ? subject_of(c, comment) : NULL;
    bool seen = *subject && access_record(c, ACTION_READ, *subject) &&
                timeline_shows(c, record_text(comment, "about_type")) &&
                correspondence_open(c, record_id(comment, "about_id"));
    if (!seen) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    return ctx_failed(c) ? NULL : comment;
}

static bool is_author(const struct ctx *c, const struct record *comment) {
    return !c->actor->read_only && record_id(comment, "created_by") == c->actor->user_id;
}

static void comment_patch(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *subject, *comment = body ? comment_asked(r, false, &subject) : NULL;
    if (!comment) {
        return;
    }
    if (!is_author(c, comment)) {
        FAIL(c, ERROR_DENIED, "comment.not_mine");
        return;
    }
    struct change_set set = change_new(c, comment->entity);
    set_words(c, &set, body);
    change_int(&set, "edited_at", c->now_ms);
    if (record_change(c, comment->id, &set)) {
        reply_comment(r, 200, comment->id);
    }
}

static bool may_remove(struct ctx *c, const struct record *comment, const struct record *subject) {
    return is_author(c, comment) || access_record(c, ACTION_DELETE, subject);
}

static void comment_delete(struct request *r) {
    struct record *subject, *comment = comment_asked(r, false, &subject);
    if (comment && !may_remove(r->c, comment, subject)) {
        FAIL(r->c, ERROR_DENIED, "comment.not_mine");
    } else if (comment) {
        record_remove(r->c, comment->entity, comment->id);
    }
}

static void restore_post(struct request *r) {
    struct record *subject, *comment = comment_asked(r, true, &subject);
    if (comment && !may_remove(r->c, comment, subject)) {
        FAIL(r->c, ERROR_DENIED, "comment.not_mine");
    } else if (comment && record_unremove(r->c, comment->entity, comment->id)) {
        reply_comment(r, 200, comment->id);
    }
}

#define COMMENT_SHAPE                                                                \
    "id:id! content:text! at:instant! edited_at:instant?! mine:boolean! by:object! " \
    "mentions:[(id:id! title:text!)]!"

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/{plural}/{id}/comments", PERMISSION_RECORD, LANE_WRITER, comment_post,
     .summary = "route.comment_add",
     .body = "about_type:text! about_id:id! content:text! mentions:[id]",
     .answer = "201 " COMMENT_SHAPE},
    {METHOD_PATCH, "/api/v1/comments/{id}", PERMISSION_RECORD, LANE_WRITER, comment_patch,
     .summary = "route.comment_change", .body = "content:text mentions:[id]",
     .answer = COMMENT_SHAPE},
    {METHOD_DELETE, "/api/v1/comments/{id}", PERMISSION_RECORD, LANE_WRITER, comment_delete,
     .summary = "route.comment_delete"},
    {METHOD_POST, "/api/v1/comments/{id}/restore", PERMISSION_RECORD, LANE_WRITER, restore_post,
     .summary = "route.comment_restore", .answer = COMMENT_SHAPE},
    {0}};

static const struct event_type event_types[] = {{"comment.added", NULL, "新增评论", "commented on"},
                                                {0}};

static const struct text texts[] = {
    {"comment.not_mine", "只能改自己的评论", "Only one's own comments can be changed"},
    {"notification.comment", "{who}评论：{text}", "{who} commented: {text}"},
    {"route.comment_add", "评论一条动态", "Comment on an entry"},
    {"route.comment_change", "修改评论", "Change a comment"},
    {"route.comment_delete", "删除评论", "Delete a comment"},
    {"route.comment_restore", "恢复评论", "Restore a comment"},
    {0}};

const struct module comment_module = {
    .name = "customer.comment",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&comment_entity, NULL},
    .routes = routes,
    .events = event_types,
    .texts = texts};
