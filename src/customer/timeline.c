/*
 * The timeline: everything that happened to a lead, person, account or deal, newest first.
 *
 * It is put together when read, from where things are kept: activities, tasks, captures
 * (touches), approvals, mails with customers (correspondence.h), files, changes of state (audit),
 * and visits of the person's browsers with how it is known that they are his (visitor.h; a lead and
 * a deal show those of their person too). With an entry stand its files and comments, when they
 * hang on one of these records. A person's shows their leads' and deals' too, an account's those of
 * its deals and leads, a deal's those of the leads that came to it; of these only what the reader
 * may see.
 * Nothing is copied when a lead converts.
 *
 * Whoever may read the record and the kind of entry at all sees what others did there: a rep who
 * takes over a lead needs what his predecessor wrote. Kinds a role may not read are left out.
 */
#include "customer/timeline.h"

#include <stdlib.h>

#include "automation/approval_story.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/comment.h"
#include "customer/correspondence.h"
#include "customer/customer.h"
#include "customer/file.h"
#include "customer/visitor.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"

enum { PAGE = 40 };

/* What the page is made of: the records whose history it shows, and where it begins. */
struct timeline {
    struct ctx *c;
    struct timeline_subject subjects[TIMELINE_SUBJECTS];
    size_t n_subjects;
    int64_t before; /* entries earlier than this instant */
    bool activities, tasks, captures, changes, files, letters, approvals;
    struct timeline_subject head; /* the record itself */
    int64_t visitor_of;           /* the person whose visits are shown, 0: none are */
    int64_t mails_of;             /* the person whose mails and journeys are shown, likewise */
};

struct entry {
    int64_t at, id;
    const char *kind; /* "activity" "task" "capture" "change" "visit" "mail" "journey" "file"
                      * "approval" */
    struct str type, text;
    int64_t actor_id;
    struct timeline_subject subject;
    struct str data; /* JSON object */
    bool closed;     /* a mail he may not read: what is said about it neither */
};

struct entries {
    struct entry *items;
    size_t n, capacity;
};

static void entry_add(struct ctx *c, struct entries *list, const struct entry *e) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        struct entry *grown = ARENA_NEW_ARRAY(c->arena, capacity, struct entry);
        for (size_t i = 0; i < list->n; i++) {
            grown[i] = list->items[i];
        }
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->n++] = *e;
}

static void subject_add(struct timeline *t, const struct entity *e, int64_t id) {
    for (size_t i = 0; i < t->n_subjects; i++) {
        if (t->subjects[i].id == id) {
            return;
        }
    }
    if (e && id && t->n_subjects < TIMELINE_SUBJECTS) {
        t->subjects[t->n_subjects++] = (struct timeline_subject){e, id};
    }
}

/* Records of another type that point here, newest first, as far as the reader may see them. */
static void subjects_pointing(struct timeline *t, const char *entity, const char *field,
                              int64_t id) {
    struct ctx *c = t->c;
    const struct entity *e = entity_named(c, entity);
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT r.id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " r WHERE r.");
    sql_identifier(&q, str_from(field));
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, id);
    SQL_ADD(&q, " AND r.deleted_at IS NULL AND ");
    access_where(c, &q, e, ACTION_READ, "r");
    SQL_ADD(&q, " ORDER BY r.id DESC LIMIT 20");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        subject_add(t, e, db_int(&rows, 0));
    }
}

static void subjects_find(struct timeline *t, const struct record *head) {
    struct str name = head->entity->name;
    subject_add(t, head->entity, head->id);
    if (str_is(name, "opportunity")) {
        struct record *lead = record_load(t->c, entity_named(t->c, "lead"),
                                          record_id(head, "lead_id"));
        if (lead && access_record(t->c, ACTION_READ, lead)) {
            subject_add(t, lead->entity, lead->id);
        }
        subjects_pointing(t, "lead", "opportunity_id", head->id);
    } else if (str_is(name, "person")) {
        subjects_pointing(t, "lead", "person_id", head->id);
        subjects_pointing(t, "opportunity", "person_id", head->id);
    } else if (str_is(name, "account")) {
        subjects_pointing(t, "opportunity", "account_id", head->id);
        subjects_pointing(t, "lead", "account_id", head->id);
    }
}

/* Where a visit was: in words, and the coordinates a browser gave (× 10⁶). */
static void put_place(struct json_writer *w, const struct db_rows *rows, int first) {
    if (!db_null(rows, first)) {
        JSON_MEMBER(w, "place", json_put_str, db_view(rows, first));
    }
    if (!db_null(rows, first + 1) && !db_null(rows, first + 2)) {
        JSON_MEMBER(w, "latitude", json_put_real, (double)db_int(rows, first + 1) / 1e6);
        JSON_MEMBER(w, "longitude", json_put_real, (double)db_int(rows, first + 2) / 1e6);
    }
}

static void add_activities(struct timeline *t, struct entries *list,
                           const struct timeline_subject *s) {
    struct ctx *c = t->c;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, occurred_at, type, content, owner_id, outcome, duration_seconds, place, "
             "latitude, longitude, mentions, original_owner "
             "FROM activity WHERE subject_type = $1 AND subject_id = $2 AND occurred_at < $3 "
             "AND deleted_at IS NULL ORDER BY occurred_at DESC LIMIT $4",
             s->entity->name, s->id, t->before, (int64_t)PAGE);
    while (db_next(&rows)) {
        struct json_writer w = json_writer(c->arena);
        json_begin_object(&w);
        JSON_MEMBER(&w, "outcome", json_put_str, db_text(&rows, 5));
        JSON_MEMBER(&w, "duration_seconds", json_put_int, db_int(&rows, 6));
        put_place(&w, &rows, 7);
        mentions_put(c, &w, db_text(&rows, 10));
        if (!db_null(&rows, 11)) {
            JSON_MEMBER(&w, "original_owner", json_put_str, db_view(&rows, 11));
        }
        json_end_object(&w);
        entry_add(c, list,
                  &(struct entry){.id = db_int(&rows, 0),
                                  .at = db_int(&rows, 1),
                                  .kind = "activity",
                                  .type = db_text(&rows, 2),
                                  .text = db_text(&rows, 3),
                                  .actor_id = db_int(&rows, 4),
                                  .subject = *s,
                                  .data = json_str(&w)});
    }
}

static void add_tasks(struct timeline *t, struct entries *list, const struct timeline_subject *s) {
    struct ctx *c = t->c;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, created_at, status, title, owner_id, due_at FROM task "
             "WHERE subject_type = $1 AND subject_id = $2 AND created_at < $3 "
             "AND deleted_at IS NULL ORDER BY created_at DESC LIMIT $4",
             s->entity->name, s->id, t->before, (int64_t)PAGE);
    while (db_next(&rows)) {
        struct json_writer w = json_writer(c->arena);
        json_begin_object(&w);
        json_key(&w, "due_at");
        if (db_null(&rows, 5)) {
            json_put_null(&w);
        } else {
            json_put_instant(&w, db_int(&rows, 5));
        }
        json_end_object(&w);
        entry_add(c, list,
                  &(struct entry){.id = db_int(&rows, 0),
                                  .at = db_int(&rows, 1),
                                  .kind = "task",
                                  .type = db_text(&rows, 2),
                                  .text = db_text(&rows, 3),
                                  .actor_id = db_int(&rows, 4),
                                  .subject = *s,
                                  .data = json_str(&w)});
    }
}

static void add_captures(struct timeline *t, struct entries *list,
                         const struct timeline_subject *s) {
    struct ctx *c = t->c;
    struct db_rows rows;
    if (!str_is(s->entity->name, "lead")) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT id, created_at, source, campaign FROM touch WHERE lead_id = $1 "
             "AND created_at < $2 AND deleted_at IS NULL ORDER BY created_at DESC LIMIT $3",
             s->id, t->before, (int64_t)PAGE);
    while (db_next(&rows)) {
        entry_add(c, list,
                  &(struct entry){.id = db_int(&rows, 0),
                                  .at = db_int(&rows, 1),
                                  .kind = "capture",
                                  .type = db_text(&rows, 2),
                                  .text = db_text(&rows, 3),
                                  .subject = *s,
                                  .data = STR("{}")});
    }
}

static void add_approvals(struct timeline *t, struct entries *list,
                          const struct timeline_subject *s) {
    struct approval_happening *all;
    size_t n = approval_story(t->c, s->id, t->before, PAGE, &all);
    for (size_t i = 0; i < n; i++) {
        entry_add(t->c, list,
                  &(struct entry){.id = all[i].id,
                                  .at = all[i].at,
                                  .kind = "approval",
                                  .type = str_from(all[i].type),
                                  .text = all[i].text,
                                  .actor_id = all[i].actor_id,
                                  .subject = *s,
                                  .data = all[i].data});
    }
}

/* Those that stand on the record itself; others stand with their entry. */
static void add_files(struct timeline *t, struct entries *list, const struct timeline_subject *s) {
    struct ctx *c = t->c;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, created_at, name, created_by, mime FROM file "
             "WHERE subject_type = $1 AND subject_id = $2 AND created_at < $3 "
             "AND about_id IS NULL AND deleted_at IS NULL ORDER BY created_at DESC LIMIT $4",
             s->entity->name, s->id, t->before, (int64_t)PAGE);
    while (db_next(&rows)) {
        entry_add(c, list,
                  &(struct entry){.id = db_int(&rows, 0),
                                  .at = db_int(&rows, 1),
                                  .kind = "file",
                                  .type = db_text(&rows, 4),
                                  .text = db_text(&rows, 2),
                                  .actor_id = db_int(&rows, 3),
                                  .subject = *s,
                                  .data = STR("{}")});
    }
}

/* Changes of what people follow: state, stage, owner. The whole history has its own place. */
static bool change_shown(struct ctx *c, const struct entity *e, struct str changes,
                         struct json_writer *w) {
    static const char *const shown[] = {"status", "stage_id", "state", "owner_id", "amount"};
    const struct json *all = changes.n ? json_parse(c, changes) : NULL;
    bool any = false;
    json_begin_object(w);
    for (size_t i = 0; all && i < sizeof shown / sizeof *shown; i++) {
        const struct json *change = json_get(all, shown[i]);
        const struct field *f = entity_field(e, str_from(shown[i]));
        if (change && f && access_field(c->actor, e, f) >= RIGHT_READ) {
            json_key(w, shown[i]);
            json_put_json(w, change);
            any = true;
        }
    }
    json_end_object(w);
    return any;
}

static void add_changes(struct timeline *t, struct entries *list,
                        const struct timeline_subject *s) {
    struct ctx *c = t->c;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, at, action, changes, actor_id FROM audit WHERE entity = $1 "
             "AND record_id = $2 AND at < $3 AND action IN ('created', 'updated') "
             "ORDER BY id DESC LIMIT $4",
             s->entity->name, s->id, t->before, (int64_t)PAGE);
    while (db_next(&rows)) {
        struct json_writer w = json_writer(c->arena);
        bool any = change_shown(c, s->entity, db_text(&rows, 3), &w);
        if (any || str_is(db_view(&rows, 2), "created")) {
            entry_add(c, list,
                      &(struct entry){.id = db_int(&rows, 0),
                                      .at = db_int(&rows, 1),
                                      .kind = "change",
                                      .type = db_text(&rows, 2),
                                      .actor_id = db_int(&rows, 4),
                                      .subject = *s,
                                      .data = json_str(&w)});
        }
    }
}

static struct str visit_data(struct ctx *c, const struct visit *v) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "pages", json_put_int, v->pages);
    JSON_MEMBER(&w, "dwell_seconds", json_put_int, (v->dwell_ms + 500) / 1000);
    JSON_MEMBER(&w, "touch", json_put_raw, v->touch);
    JSON_MEMBER(&w, "device", json_put_str, v->link->device);
    JSON_MEMBER(&w, "link_id", json_put_id, v->link->id);
    JSON_MEMBER(&w, "how", json_put_str, v->link->how);
    json_end_object(&w);
    return json_str(&w);
}

/* The moment at which it became known whose browser it is. */
static void add_identification(struct timeline *t, struct entries *list,
                               const struct visitor_link *link) {
    if (!link->removed_at && link->at < t->before) {
        entry_add(t->c, list,
                  &(struct entry){.id = link->id,
                                  .at = link->at,
                                  .kind = "visit",
                                  .type = STR("identified"),
                                  .text = link->how,
                                  .actor_id = link->actor_id,
                                  .subject = t->head,
                                  .data = STR("{}")});
    }
}

static void add_visits(struct timeline *t, struct entries *list) {
    size_t n;
    struct visitor_links links = visitor_links(t->c, t->visitor_of);
    struct visit *visits = person_visits(t->c, &links, t->before, PAGE + 1, &n);
    for (size_t i = 0; i < n; i++) {
        entry_add(t->c, list,
                  &(struct entry){.id = visits[i].id,
                                  .at = visits[i].began_at,
                                  .kind = "visit",
                                  .type = STR("session"),
                                  .subject = t->head,
                                  .data = visit_data(t->c, &visits[i])});
    }
    for (size_t i = 0; i < links.n; i++) {
        add_identification(t, list, &links.items[i]);
    }
}

/* What reached the person and what he did with it: the events are the whole story, and their
 * payloads hold no more than ids and names of what was sent. */
static void add_mails(struct timeline *t, struct entries *list) {
    struct ctx *c = t->c;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, occurred_at, type, payload FROM event WHERE person_id = $1 "
             "AND (type >= 'mail.' AND type < 'mail/' OR type >= 'journey.' AND type < 'journey/') "
             "AND occurred_at < $2 ORDER BY seq DESC LIMIT $3",
             t->mails_of, t->before, (int64_t)PAGE);
    while (db_next(&rows)) {
        struct str type = db_text(&rows, 2), payload = db_text(&rows, 3);
        entry_add(c, list,
                  &(struct entry){.id = db_int(&rows, 0),
                                  .at = db_int(&rows, 1),
                                  .kind = str_starts(type, STR("mail.")) ? "mail" : "journey",
                                  .type = type,
                                  .text = json_text(json_parse(c, payload), "name"),
                                  .subject = t->head,
                                  .data = payload});
    }
}

static bool entry_known(const struct entries *list, int64_t id) {
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].id == id) {
            return true;
        }
    }
    return false;
}

/* A mail hangs on a person and on his leads and deals: it is shown once. */
static void add_letters(struct timeline *t, struct entries *list,
                        const struct timeline_subject *s) {
    size_t n;
    struct mail_entry *mails = correspondence_of(t->c, s->entity, s->id, t->before, &n);
    for (size_t i = 0; i < n; i++) {
        if (!entry_known(list, mails[i].id)) {
            entry_add(
                t->c, list,
                &(struct entry){.id = mails[i].id,
                                .at = mails[i].at,
                                .kind = "mail",
                                .type = mails[i].outgoing ? STR("letter.out") : STR("letter.in"),
                                .text = mails[i].text,
                                .actor_id = mails[i].user_id,
                                .subject = *s,
                                .data = mails[i].data,
                                .closed = !mails[i].open});
        }
    }
}

static int newest_first(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int by_time = (x->at < y->at) - (x->at > y->at);
    return by_time ? by_time : (x->id < y->id) - (x->id > y->id);
}

static struct entries timeline_read(struct timeline *t) {
    struct entries list = {0};
    for (size_t i = 0; i < t->n_subjects && !ctx_failed(t->c); i++) {
        const struct timeline_subject *s = &t->subjects[i];
        if (t->activities) {
            add_activities(t, &list, s);
        }
        if (t->tasks) {
            add_tasks(t, &list, s);
        }
        if (t->captures) {
            add_captures(t, &list, s);
        }
        if (t->files) {
            add_files(t, &list, s);
        }
        if (t->changes) {
            add_changes(t, &list, s);
        }
        if (t->approvals) {
            add_approvals(t, &list, s);
        }
        if (t->letters) {
            add_letters(t, &list, s);
        }
    }
    if (t->visitor_of && !ctx_failed(t->c)) {
        add_visits(t, &list);
    }
    if (t->mails_of && !ctx_failed(t->c)) {
        add_mails(t, &list);
    }
    if (list.n) {
        qsort(list.items, list.n, sizeof *list.items, newest_first);
    }
    return list;
}

static struct str subject_title(struct ctx *c, const struct timeline_subject *s) {
    struct str title = {0};
    list_titles(c, s->entity, &s->id, 1, &title);
    return title;
}

/* What hangs on the entries of a page. */
struct hanging {
    struct file_rows *files;
    struct comment_rows *comments;
};

static struct hanging hanging_read(const struct timeline *t, const struct entry *entries,
                                   size_t n) {
    int64_t *ids = ARENA_NEW_ARRAY(t->c->arena, n, int64_t);
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        if (!entries[i].closed) {
            ids[open++] = entries[i].id;
        }
    }
    struct timeline_part part = {
        .ids = ids, .n = open, .subjects = t->subjects, .n_subjects = t->n_subjects};
    return (struct hanging){files_of_entries(t->c, &part), comments_of_entries(t->c, &part)};
}

static void entry_json(struct ctx *c, struct json_writer *w, const struct entry *e,
                       struct str actor, const struct hanging *hanging) {
    struct str subject = subject_title(c, &e->subject);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, e->id);
    JSON_MEMBER(w, "at", json_put_instant, e->at);
    JSON_MEMBER(w, "kind", json_put_c, e->kind);
    JSON_MEMBER(w, "type", json_put_str, e->type);
    JSON_MEMBER(w, "text", json_put_str, e->text);
    json_key(w, "actor");
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, e->actor_id);
    JSON_MEMBER(w, "title", json_put_str, actor);
    json_end_object(w);
    json_key(w, "subject");
    json_begin_object(w);
    JSON_MEMBER(w, "entity", json_put_str, e->subject.entity->name);
    JSON_MEMBER(w, "id", json_put_id, e->subject.id);
    JSON_MEMBER(w, "title", json_put_str, subject);
    json_end_object(w);
    json_key(w, "data");
    json_put_raw(w, e->data);
    json_key(w, "files");
    files_put(c, w, hanging->files, e->kind, e->id);
    json_key(w, "comments");
    comments_put(c, w, hanging->comments, e->kind, e->id);
    json_end_object(w);
}

static void page_json(struct timeline *t, struct json_writer *w, const struct entries *list) {
    struct ctx *c = t->c;
    size_t n = list->n < PAGE ? list->n : PAGE;
    int64_t *actors = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    struct str *names = ARENA_NEW_ARRAY(c->arena, n, struct str);
    for (size_t i = 0; i < n; i++) {
        actors[i] = list->items[i].actor_id;
    }
    list_titles(c, entity_named(c, "user"), actors, n, names);
    struct hanging hanging = hanging_read(t, list->items, n);
    json_begin_object(w);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        entry_json(c, w, &list->items[i], names[i], &hanging);
    }
    json_end_array(w);
    json_key(w, "next");
    json_put_id(w, list->n > PAGE ? list->items[PAGE - 1].at : 0);
    json_end_object(w);
}

static bool kind_wanted(struct str kinds, const char *kind) {
    return !kinds.n || str_lists(kinds, ',', str_from(kind));
}

static bool readable(const struct ctx *c, const char *entity) {
    return access_scope(c->actor, entity_named(c, entity), ACTION_READ) != SCOPE_NONE;
}

/* The person whose visits belong on the record's timeline; 0 when there is none. */
static int64_t visitor_of(const struct record *head) {
    struct str name = head->entity->name;
    bool refers = str_is(name, "lead") || str_is(name, "opportunity");
    return str_is(name, "person") ? head->id : refers ? record_id(head, "person_id") : 0;
}

struct record *timeline_head(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = model_plural(c->model, request_path(r, "plural"));
    if (!e || !(e->flags & ENTITY_TIMELINE) || !access_cloud_on(c->actor, e->cloud)) {
        FAIL(c, ERROR_ABSENT, "route.absent");
        return NULL;
    }
    return record_read(c, e, request_id(r, "id"));
}

size_t timeline_subjects(struct ctx *c, const struct record *head,
                         struct timeline_subject *subjects) {
    struct timeline t = {.c = c};
    subjects_find(&t, head);
    for (size_t i = 0; i < t.n_subjects; i++) {
        subjects[i] = t.subjects[i];
    }
    return t.n_subjects;
}

bool timeline_holds(const struct timeline_part *part, struct str type, int64_t id) {
    for (size_t i = 0; i < part->n_subjects; i++) {
        if (part->subjects[i].id == id && str_equal(part->subjects[i].entity->name, type)) {
            return true;
        }
    }
    return false;
}

/* The record type whose right to read the kind of entry wants; NULL: none besides the record's. */
static const char *wanted_by(struct str kind) {
    static const struct {
        const char *kind, *entity;
    } wants[] = {{"activity", "activity"}, {"task", "task"},      {"capture", "touch"},
                 {"mail", "person"},       {"journey", "person"}, {NULL, NULL}};
    size_t i = 0;
    while (wants[i].kind && !str_is(kind, wants[i].kind)) {
        i++;
    }
    return wants[i].entity;
}

bool timeline_shows(struct ctx *c, struct str kind) {
    const char *entity = wanted_by(kind);
    return !entity || readable(c, entity);
}

/* One that stands on the record, and that he may read. */
static bool has_letter(struct ctx *c, const struct record *subject, int64_t id) {
    return DB_INT(c,
                  "SELECT 1 FROM correspondence_link WHERE subject_type = $1 AND "
                  "subject_id = $2 AND mail_id = $3",
                  subject->entity->name, subject->id, id) &&
           correspondence_open(c, id);
}

bool timeline_has(struct ctx *c, const struct record *subject, struct str kind, int64_t id) {
    struct str type = subject->entity->name;
    if (!timeline_shows(c, kind)) {
        return false;
    }
    if (str_is(kind, "activity")) {
        return DB_INT(c,
                      "SELECT 1 FROM activity WHERE id = $1 AND subject_type = $2 AND "
                      "subject_id = $3 AND deleted_at IS NULL",
                      id, type, subject->id);
    }
    if (str_is(kind, "task")) {
        return DB_INT(c,
                      "SELECT 1 FROM task WHERE id = $1 AND subject_type = $2 AND "
                      "subject_id = $3 AND deleted_at IS NULL",
                      id, type, subject->id);
    }
    if (str_is(kind, "file")) {
        return DB_INT(c,
                      "SELECT 1 FROM file WHERE id = $1 AND subject_type = $2 AND "
                      "subject_id = $3 AND deleted_at IS NULL",
                      id, type, subject->id);
    }
    if (str_is(kind, "capture")) {
        return DB_INT(c, "SELECT 1 FROM touch WHERE id = $1 AND lead_id = $2", id, subject->id);
    }
    if (str_is(kind, "mail")) {
        return has_letter(c, subject, id) ||
               DB_INT(c, "SELECT 1 FROM event WHERE id = $1 AND person_id = $2", id,
                      visitor_of(subject));
    }
    return false;
}

static void timeline_get(struct request *r) {
    struct ctx *c = r->c;
    struct str kinds = request_query(r, "kinds");
    struct record *head = timeline_head(r);
    if (!head) {
        return;
    }
    struct timeline t = {.c = c,
                         .before = request_query_int(r, "cursor", INT64_MAX),
                         .activities = kind_wanted(kinds, "activity") && readable(c, "activity"),
                         .tasks = kind_wanted(kinds, "task") && readable(c, "task"),
                         .captures = kind_wanted(kinds, "capture") && readable(c, "touch"),
                         .changes = kind_wanted(kinds, "change"),
                         .files = kind_wanted(kinds, "file"),
                         .approvals = kind_wanted(kinds, "approval"),
                         .letters = kind_wanted(kinds, "mail")};
    t.head = (struct timeline_subject){head->entity, head->id};
    if (kind_wanted(kinds, "mail") && readable(c, "person")) {
        t.mails_of = visitor_of(head);
    }
    if (kind_wanted(kinds, "visit") && readable(c, "person")) {
        t.visitor_of = visitor_of(head);
    }
    subjects_find(&t, head);
    struct entries list = timeline_read(&t);
    struct json_writer w = json_writer(c->arena);
    page_json(&t, &w, &list);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}/{id}/timeline", PERMISSION_RECORD, LANE_INLINE, timeline_get,
     .summary = "route.timeline", .query = "kinds:text cursor:text",
     .answer = "data:[(id:id! at:instant! kind:text! type:text! text:text! "
               "actor:object! subject:object! data:object! files:[object]! "
               "comments:[object]!)]! next:text?!"},
    {0}};

static const struct text texts[] = {{"route.timeline", "时间线", "Timeline"}, {0}};

const struct module timeline_module = {
    .name = "customer.timeline", .cloud = "customer", .routes = routes, .texts = texts};
