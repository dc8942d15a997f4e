/*
 * A column of tags: "VIP；展会观众" puts both on the record of the row, new or known.
 *
 * Tags that are not there yet are made when the importer may make tags, else the row says so in a
 * remark; no row is refused for its tags. What a record that was there before got is kept, so that
 * undoing the import takes it off again.
 */
#include "data/import_tags.h"
#include "base/text.h"
#include "customer/tag.h"
#include "data/import_parts.h"
#include "entity/access.h"

enum { TAG_NAME = 30 };

static const char *const separators[] = {"；", ";", "，", ",", "、", "|"};

/* The part of the rest before the first separator, trimmed. */
static struct str part_cut(struct str *rest) {
    size_t end = rest->n, behind = rest->n;
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        ptrdiff_t at = str_find(*rest, str_from(separators[i]));
        if (at >= 0 && (size_t)at < end) {
            end = (size_t)at;
            behind = end + str_from(separators[i]).n;
        }
    }
    struct str part = text_trim(str_slice(*rest, 0, end));
    *rest = str_slice(*rest, behind, rest->n);
    return part;
}

static int64_t tag_made(struct ctx *c, struct import_plan *plan, struct str name) {
    const struct entity *e = entity_named(c, "tag");
    struct change_set set = change_new(c, e);
    if (access_scope(c->actor, e, ACTION_CREATE) == SCOPE_NONE || text_length(name) > TAG_NAME) {
        return 0;
    }
    change_text(&set, "name", name);
    struct record *made = record_insert(c, &set);
    import_row_made(plan, e, made ? made->id : 0);
    return made ? made->id : 0;
}

static void remark(struct ctx *c, struct import_plan *plan, size_t column, const char *text,
                   struct str value) {
    struct str pointer = str_format(c->arena, "/%.*s", STR_ARG(plan->columns[column].header));
    import_remark(
        c, plan,
        &(struct field_error){.pointer = pointer, .text = text, .parameters = {{"value", value}}});
}

static void tag_named(struct ctx *c, struct import_plan *plan, size_t column, struct str name,
                      int64_t subject_id) {
    int64_t id = import_cache_get(plan->cache, column, name);
    if (id < 0) {
        id = tag_find(c, name);
        id = id ? id : tag_made(c, plan, name);
        import_cache_put(plan->cache, column, name, ctx_failed(c) ? 0 : id);
    }
    if (!id) {
        remark(c, plan, column, "import.no_tag", name);
        return;
    }
    bool put = tag_put(
        c, &(struct tagging){
               .tag_id = id, .entity = plan->entity, .subject_id = subject_id, .source = "import"});
    if (put) {
        plan->tagged[plan->n_tagged++] = id;
    }
}

void import_row_tags(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                     int64_t subject_id) {
    const struct record *r = NULL;
    for (size_t i = 0; i < plan->n && !ctx_failed(c); i++) {
        struct str rest = plan->columns[i].tags ? import_text(plan, i, table_cell(row, i))
                                                : STR("");
        r = rest.n && !r ? record_load(c, plan->entity, subject_id) : r;
        while (rest.n && r && !ctx_failed(c)) {
            struct str name = part_cut(&rest);
            if (!name.n || !access_record(c, ACTION_UPDATE, r)) {
                continue;
            }
            if (plan->n_tagged == IMPORT_TAGS) {
                remark(c, plan, i, "import.many_tags", name);
                break;
            }
            tag_named(c, plan, i, name, subject_id);
        }
    }
}

void import_tags_keep(struct ctx *c, int64_t job_id, const struct import_plan *plan,
                      int64_t subject_id) {
    for (size_t i = 0; i < plan->n_tagged; i++) {
        DB_RUN(c,
               "INSERT INTO import_tagging (job_id, subject_id, tag_id) VALUES ($1, $2, $3) "
               "ON CONFLICT DO NOTHING",
               job_id, subject_id, plan->tagged[i]);
    }
}

int64_t import_tags_undo(struct ctx *c, int64_t job_id, const struct entity *e, int64_t most) {
    struct taken {
        int64_t subject_id, tag_id;
    } *taken = ARENA_NEW_ARRAY(c->arena, (size_t)most, struct taken);
    struct db_rows rows;
    int64_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT i.subject_id, i.tag_id, COALESCE(t.source, '') FROM import_tagging i "
             "LEFT JOIN tagging t ON t.tag_id = i.tag_id AND t.subject_type = $2 AND "
             "t.subject_id = i.subject_id WHERE i.job_id = $1 LIMIT $3",
             job_id, e->name, most);
    while (db_next(&rows)) {
        bool ours = str_is(db_view(&rows, 2), "import");
        taken[n++] = (struct taken){db_int(&rows, 0), ours ? db_int(&rows, 1) : -db_int(&rows, 1)};
    }
    for (int64_t i = 0; i < n && !ctx_failed(c); i++) {
        int64_t tag_id = taken[i].tag_id < 0 ? -taken[i].tag_id : taken[i].tag_id;
        if (taken[i].tag_id > 0) { /* nobody has put it on by hand since */
            tag_take(c, &(struct tagging){.tag_id = tag_id,
                                          .entity = e,
                                          .subject_id = taken[i].subject_id,
                                          .source = "import"});
        }
        DB_RUN(c,
               "DELETE FROM import_tagging WHERE job_id = $1 AND subject_id = $2 AND tag_id = $3",
               job_id, taken[i].subject_id, tag_id);
    }
    return n;
}
