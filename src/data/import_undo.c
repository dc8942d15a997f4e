/*
 * Taking an import back: merges first, then the values it filled of records that were there, then
 * what it made, newest first, so that what refers goes before what is referred to.
 *
 * A record stays when a person has changed it since, or when something that is not of the import
 * refers to it by now: a call, a task, a deal, a later capture. So does a value somebody has
 * changed since.
 */
#include "customer/tag.h"
#include "data/import_job.h"
#include "data/import_tags.h"
#include "db/news.h"
#include "db/sql.h"
#include "entity/audit.h"
#include "entity/pointer.h"

struct made {
    const struct entity *entity;
    int64_t id;
};

static size_t made_read(struct ctx *c, const struct import_job *job, struct made *made,
                        int64_t most) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT record_id, entity FROM import_record WHERE job_id = $1 "
             "ORDER BY record_id DESC LIMIT $2",
             job->id, most);
    while (db_next(&rows)) {
        struct str name = db_view(&rows, 1);
        made[n++] = (struct made){name.n ? model_entity(c->model, name) : job->entity,
                                  db_int(&rows, 0)};
    }
    return n;
}

/* Whether a person has changed the record otherwise than by this import. */
static bool changed_since(struct ctx *c, const struct import_job *job, const struct made *made) {
    struct str own = str_format(c->arena, "import:%lld:%%", (long long)job->id);
    return DB_INT(c,
                  "SELECT id FROM audit WHERE record_id = $1 AND entity = $2 "
                  "AND action IN ('updated', 'absorbed', 'restored') AND actor_id IS NOT NULL "
                  "AND (request_id IS NULL OR request_id NOT LIKE $3) LIMIT 1",
                  made->id, made->entity->name, own) != 0;
}

/* Whether anything else than what this import made refers to the record. */
static bool used_since(struct ctx *c, const struct import_job *job, const struct made *made) {
    struct sql which = sql_new(c->arena);
    SQL_ADD(&which, "NOT EXISTS (SELECT 1 FROM import_record r WHERE r.job_id = ");
    SQL_VALUE(&which, job->id);
    SQL_ADD(&which, " AND r.record_id = t.id)");
    return record_is_referred_to(c, made->entity, made->id, &which) ||
           (str_is(made->entity->name, "tag") && tag_in_use(c, made->id));
}

static void made_remove(struct ctx *c, const struct import_job *job, const struct made *made) {
    const struct record *r = made->entity ? record_load(c, made->entity, made->id) : NULL;
    if (r && !changed_since(c, job, made) && !used_since(c, job, made) && !ctx_failed(c)) {
        record_remove(c, made->entity, made->id);
    }
    DB_RUN(c, "DELETE FROM import_record WHERE job_id = $1 AND record_id = $2", job->id, made->id);
}

/* Merges that still stand, the last first; what became of the others since is somebody's decision.
 * What this gives back is no change by a person. */
static void merges_undo(struct ctx *c, const struct import_job *job) {
    struct str request_id = c->request_id;
    struct db_rows rows;
    c->request_id = audit_import_request(c->arena, job->id, 0);
    DB_QUERY(c, &rows,
             "SELECT m.loser_id, m.entity FROM import_merge m WHERE m.job_id = $1 ORDER BY "
             "(SELECT max(a.id) FROM audit a WHERE a.record_id = m.loser_id "
             "AND a.entity = m.entity AND a.action = 'merged') DESC",
             job->id);
    while (db_next(&rows)) {
        const struct entity *e = model_entity(c->model, db_view(&rows, 1));
        if (e) {
            record_unmerge(c, e, db_int(&rows, 0));
        }
        if (c->error.code == ERROR_CONFLICT || c->error.code == ERROR_ABSENT) {
            ctx_clear_error(c);
        }
    }
    DB_RUN(c, "DELETE FROM import_merge WHERE job_id = $1", job->id);
    c->request_id = request_id;
}

/* What one entry of the audit says the import filled, where it still stands. Entries come newest
 * first: what a later one gives back an earlier one may have filled. */
static void entry_undo(struct ctx *c, const struct record *r, struct str changes,
                       struct change_set *set) {
    const struct json *o = json_parse(c, changes);
    for (size_t i = 0; json_is(o, JSON_IS_OBJECT) && i < o->n; i++) {
        const struct field *f = entity_field(r->entity, o->members[i].key);
        const struct json *pair = &o->members[i].value;
        if (!f || !json_is(pair, JSON_IS_ARRAY) || pair->n != 2) {
            continue;
        }
        struct value filled = value_from_json(c, f, &pair->items[1]);
        struct value now = set->set[f->position] ? set->values[f->position]
                                                 : r->values[f->position];
        if (value_equal(filled, now)) {
            change_value(set, f, value_from_json(c, f, &pair->items[0]));
        }
    }
}

static void completion_undo(struct ctx *c, const struct import_job *job, const struct made *met) {
    const struct record *r = met->entity ? record_load(c, met->entity, met->id) : NULL;
    struct change_set set = change_new(c, r ? r->entity : job->entity);
    struct str own = str_format(c->arena, "import:%lld:%%", (long long)job->id);
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT changes FROM audit WHERE record_id = $1 AND entity = $2 "
             "AND action = 'updated' AND request_id LIKE $3 AND changes IS NOT NULL "
             "ORDER BY id DESC",
             met->id, set.entity->name, own);
    while (r && db_next(&rows)) {
        entry_undo(c, r, db_text(&rows, 0), &set);
    }
    db_done(&rows);
    if (r) {
        record_change(c, met->id, &set);
    }
    DB_RUN(c, "DELETE FROM import_completed WHERE job_id = $1 AND record_id = $2", job->id,
           met->id);
}

/* How many were worked off. */
static int64_t completions_undo(struct ctx *c, const struct import_job *job, int64_t most) {
    struct str request_id = c->request_id;
    struct db_rows rows;
    struct made *met = ARENA_NEW_ARRAY(c->arena, (size_t)most, struct made);
    int64_t n = 0;
    c->request_id = audit_import_request(c->arena, job->id, 0);
    DB_QUERY(c, &rows, "SELECT record_id, entity FROM import_completed WHERE job_id = $1 LIMIT $2",
             job->id, most);
    while (db_next(&rows)) {
        met[n++] = (struct made){model_entity(c->model, db_view(&rows, 1)), db_int(&rows, 0)};
    }
    for (int64_t i = 0; i < n && !ctx_failed(c); i++) {
        completion_undo(c, job, &met[i]);
    }
    c->request_id = request_id;
    return n;
}

void import_job_undo(struct ctx *c, struct import_job *job, int64_t most) {
    struct made *made = ARENA_NEW_ARRAY(c->arena, (size_t)most, struct made);
    c->origin = ORIGIN_IMPORT;
    merges_undo(c, job);
    bool more = completions_undo(c, job, most) == most;
    more = import_tags_undo(c, job->id, job->entity, most) == most || more;
    size_t n = more ? 0 : made_read(c, job, made, most);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        made_remove(c, job, &made[i]);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    bool done = !more && (int64_t)n < most;
    db_tell(c, NEWS_IMPORTS);
    DB_RUN(c, "UPDATE import_job SET state = $1 WHERE id = $2", done ? "undone" : "undoing",
           job->id);
}
