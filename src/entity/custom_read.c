#include "entity/custom.h"

#include "db/db.h"

/* [{"code":"a","zh":"甲","en":"A","tone":"idle"}], checked when it was written. */
static void options_read(struct ctx *c, struct arena *a, struct custom_field *f, struct str text) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *list = text.n ? json_parse(&scratch, text) : NULL;
    if (!json_is(list, JSON_IS_ARRAY)) {
        return;
    }
    f->options = ARENA_NEW_ARRAY(a, list->n, struct field_option);
    for (size_t i = 0; i < list->n; i++) {
        const struct json *o = &list->items[i];
        struct str tone = json_text(o, "tone");
        f->options[f->n_options++] = (struct field_option){
            str_copy(a, json_text(o, "code")),
            {str_copy(a, json_text(o, "zh")), str_copy(a, json_text(o, "en"))},
            tone.n ? str_copy(a, tone) : STR("idle")};
    }
}

static unsigned flag_if(const struct db_rows *rows, int column, unsigned flag) {
    return db_int(rows, column) ? flag : 0;
}

static void read_objects(struct ctx *c, struct arena *a, struct custom_rows *out) {
    struct db_rows rows;
    out->objects = ARENA_NEW_ARRAY(a, CUSTOM_OBJECTS, struct custom_object);
    DB_QUERY(c, &rows,
             "SELECT name, plural, label_zh, label_en FROM custom_object "
             "WHERE deleted_at IS NULL ORDER BY id");
    while (out->n_objects < CUSTOM_OBJECTS && db_next(&rows)) {
        out->objects[out->n_objects++] = (struct custom_object){
            str_copy(a, db_view(&rows, 0)),
            str_copy(a, db_view(&rows, 1)),
            {str_copy(a, db_view(&rows, 2)), str_copy(a, db_view(&rows, 3))}};
    }
    db_done(&rows);
}

static void read_fields(struct ctx *c, struct arena *a, struct custom_rows *out) {
    struct db_rows rows;
    size_t n = (size_t)DB_INT(c, "SELECT count(*) FROM custom_field WHERE deleted_at IS NULL");
    out->fields = ARENA_NEW_ARRAY(a, n, struct custom_field);
    DB_QUERY(c, &rows,
             "SELECT entity_name, name, label_zh, label_en, type, options, required, indexed, "
             "personal, listed, target, max_length FROM custom_field "
             "WHERE deleted_at IS NULL ORDER BY id");
    while (out->n_fields < n && db_next(&rows)) {
        struct custom_field *f = &out->fields[out->n_fields];
        if (!field_type_find(db_view(&rows, 4), &f->type)) {
            continue;
        }
        f->entity_name = str_copy(a, db_view(&rows, 0));
        f->name = str_copy(a, db_view(&rows, 1));
        f->label[LANGUAGE_ZH] = str_copy(a, db_view(&rows, 2));
        f->label[LANGUAGE_EN] = str_copy(a, db_view(&rows, 3));
        options_read(c, a, f, db_text(&rows, 5));
        f->flags = flag_if(&rows, 6, FIELD_REQUIRED) | flag_if(&rows, 7, FIELD_INDEXED) |
                   flag_if(&rows, 8, FIELD_PERSONAL) | flag_if(&rows, 9, FIELD_LISTED);
        f->target = str_copy(a, db_view(&rows, 10));
        f->max_length = (int)db_int(&rows, 11);
        out->n_fields++;
    }
    db_done(&rows);
}

struct custom_rows custom_read(struct ctx *c, struct arena *a) {
    struct custom_rows rows = {0};
    read_objects(c, a, &rows);
    read_fields(c, a, &rows);
    return rows;
}
