#include "entity/model_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/sql.h"
#include "entity/money.h"

enum { SYSTEM_PLAIN = SYSTEM_OWNER_ID, TEXT_LENGTH = 200, LONG_TEXT_LENGTH = 20000 };

static const struct field_definition system_fields[SYSTEM_FIELDS + 1] = {
    {"id", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_SYSTEM, "编号", "ID", "group.system"},
    {"created_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_SYSTEM | FIELD_LISTED, "创建时间",
     "Created", "group.system"},
    {"created_by", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_SYSTEM, "创建人", "Created by",
     "group.system", .target = "user"},
    {"updated_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_SYSTEM, "更新时间", "Updated",
     "group.system"},
    {"updated_by", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_SYSTEM, "更新人", "Updated by",
     "group.system", .target = "user"},
    {"version", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_SYSTEM, "版本", "Version", "group.system"},
    {"deleted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_SYSTEM, "删除时间", "Deleted",
     "group.system"},
    {"owner_id", FIELD_REFERENCE, FIELD_SYSTEM | FIELD_LISTED, "负责人", "Owner", "group.system",
     .target = "user"},
    {"owner_department_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_SYSTEM, "负责部门",
     "Owner's department", "group.system", .target = "department"},
    {0}};

/* Every custom type begins with its name. */
static const struct field_definition custom_object_fields[] = {
    {"name", FIELD_TEXT,
     FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED | FIELD_INDEXED, "名称", "Name",
     "group.basic"},
    {0}};

/* Names of targets and standard values, until all entities are there to be pointed at. */
struct pending {
    struct str target, standard;
};

struct builder {
    const struct model_source *source;
    struct model *model;
    struct arena *a;
    struct entity *entities;
    struct pending **pending; /* by entity and field */
};

static _Noreturn void definition_wrong(struct str entity, struct str field, const char *why) {
    fprintf(stderr, "guantong: %.*s.%.*s %s\n", STR_ARG(entity), STR_ARG(field), why);
    abort();
}

static bool name_valid(struct str name) {
    bool valid = name.n > 0 && name.n <= 60 && name.p[0] >= 'a' && name.p[0] <= 'z';
    for (size_t i = 0; i < name.n && valid; i++) {
        char ch = name.p[i];
        valid = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
    }
    return valid;
}

static int length_limit(enum field_type type, int given) {
    return given ? given : type == FIELD_LONG_TEXT ? LONG_TEXT_LENGTH : TEXT_LENGTH;
}

/* The next field of the entity, with its name and type; the caller fills in the rest. */
static struct field *field_add(struct builder *b, struct entity *e, struct str name,
                               enum field_type type) {
    if (!name_valid(name) || entity_field(e, name)) {
        definition_wrong(e->name, name, "is no name, or stands twice");
    }
    struct field *f = (struct field *)&e->fields[e->n_fields];
    f->name = name;
    f->json_key = str_format(b->a, "\"%.*s\":", STR_ARG(name));
    f->type = type;
    f->position = e->n_fields++;
    f->column = e->n_columns;
    e->n_columns += type == FIELD_MONEY ? 2 : 1;
    if (type == FIELD_MONEY) {
        f->currency_column = str_format(b->a, "%.*s_currency", STR_ARG(name));
        f->min = -MONEY_MOST;
        f->max = MONEY_MOST;
    }
    return f;
}

static void options_copy(struct builder *b, struct field *f, const struct option *options) {
    size_t n = 0;
    while (options && options[n].code) {
        n++;
    }
    struct field_option *copy = ARENA_NEW_ARRAY(b->a, n, struct field_option);
    for (size_t i = 0; i < n; i++) {
        copy[i] = (struct field_option){str_from(options[i].code),
                                        {str_from(options[i].zh), str_from(options[i].en)},
                                        str_from(options[i].tone)};
    }
    f->options = copy;
    f->n_options = n;
}

static void fields_standard(struct builder *b, struct entity *e, const struct field_definition *d,
                            size_t limit) {
    for (size_t i = 0; i < limit && d[i].name; i++) {
        struct field *f = field_add(b, e, str_from(d[i].name), d[i].type);
        f->flags = d[i].flags;
        f->label[LANGUAGE_ZH] = str_from(d[i].zh);
        f->label[LANGUAGE_EN] = str_from(d[i].en);
        f->group = str_from(d[i].group ? d[i].group : "group.basic");
        f->max_length = length_limit(f->type, d[i].max_length);
        if (d[i].min || d[i].max) {
            f->min = d[i].min;
            f->max = d[i].max;
        }
        options_copy(b, f, d[i].options);
        if (f->type == FIELD_OPTION && !f->n_options) {
            definition_wrong(e->name, f->name, "has no options");
        }
        b->pending[e->position][f->position] = (struct pending){str_from(d[i].target),
                                                                str_from(d[i].standard)};
    }
}

static void options_copy_custom(struct builder *b, struct field *f,
                                const struct custom_field *from) {
    struct field_option *copy = ARENA_NEW_ARRAY(b->a, from->n_options, struct field_option);
    for (size_t i = 0; i < from->n_options; i++) {
        const struct field_option *o = &from->options[i];
        copy[i] = (struct field_option){str_copy(b->a, o->code),
                                        {str_copy(b->a, o->label[0]), str_copy(b->a, o->label[1])},
                                        str_copy(b->a, o->tone)};
    }
    f->options = copy;
    f->n_options = from->n_options;
}

static void fields_custom(struct builder *b, struct entity *e) {
    const struct custom_rows *rows = &b->source->custom;
    for (size_t i = 0; i < rows->n_fields; i++) {
        const struct custom_field *from = &rows->fields[i];
        if (!str_equal(from->entity_name, e->name) || entity_field(e, from->name)) {
            continue;
        }
        struct field *f = field_add(b, e, str_copy(b->a, from->name), from->type);
        f->flags = from->flags | FIELD_CUSTOM;
        f->label[LANGUAGE_ZH] = str_copy(b->a, from->label[LANGUAGE_ZH]);
        f->label[LANGUAGE_EN] = str_copy(b->a, from->label[LANGUAGE_EN]);
        f->group = STR("group.custom");
        f->max_length = length_limit(f->type, from->max_length);
        options_copy_custom(b, f, from);
        b->pending[e->position][f->position] = (struct pending){
            .target = str_copy(b->a, from->target)};
    }
}

static size_t definition_fields(const struct field_definition *d) {
    size_t n = 0;
    while (d[n].name) {
        n++;
    }
    return n;
}

/* Room for the fields that fields_standard and fields_custom add. */
static void fields_room(struct builder *b, struct entity *e, const struct field_definition *own) {
    size_t n = SYSTEM_FIELDS + definition_fields(own) + b->source->custom.n_fields;
    e->fields = ARENA_NEW_ARRAY(b->a, n, struct field);
    b->pending[e->position] = ARENA_NEW_ARRAY(b->a, n, struct pending);
}

static void title_choose(struct entity *e) {
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        e->title = f->flags & FIELD_TITLE && !e->title ? f : e->title;
        e->subtitle = f->flags & FIELD_SUBTITLE && !e->subtitle ? f : e->subtitle;
    }
    for (int i = 0; i < e->n_fields && !e->title; i++) {
        const struct field *f = &e->fields[i];
        e->title = f->type == FIELD_TEXT && !(f->flags & FIELD_HIDDEN) ? f : NULL;
    }
    e->title = e->title ? e->title : &e->fields[SYSTEM_ID];
    for (int i = 0; i < e->n_fields; i++) {
        struct str name = e->fields[i].name;
        bool ours = name.n == e->title->name.n + 3 && str_starts(name, e->title->name) &&
                    str_ends(name, STR("_en")) && e->fields[i].type == FIELD_TEXT;
        e->title_en = ours ? &e->fields[i] : e->title_en;
    }
}

static void entity_fill(struct builder *b, struct entity *e, const struct field_definition *own) {
    fields_room(b, e, own);
    fields_standard(b, e, system_fields, e->flags & ENTITY_OWNED ? SYSTEM_FIELDS : SYSTEM_PLAIN);
    fields_standard(b, e, own, definition_fields(own));
    fields_custom(b, e);
    title_choose(e);
}

static struct entity *entity_add(struct builder *b, struct str name) {
    if (!name_valid(name) || model_entity(b->model, name)) {
        definition_wrong(name, STR("*"), "is no name of a record type, or stands twice");
    }
    struct entity *e = &b->entities[b->model->n_entities];
    e->position = b->model->n_entities++;
    e->name = e->table = name;
    e->model_version = b->model->version;
    return e;
}

static void entities_standard(struct builder *b) {
    for (size_t i = 0; i < b->source->n_definitions; i++) {
        const struct entity_definition *d = b->source->definitions[i].definition;
        struct entity *e = entity_add(b, str_from(d->name));
        e->plural = str_from(d->plural);
        e->label[LANGUAGE_ZH] = str_from(d->zh);
        e->label[LANGUAGE_EN] = str_from(d->en);
        e->flags = d->flags;
        e->definition = d;
        e->cloud = str_from(b->source->definitions[i].cloud);
        entity_fill(b, e, d->fields);
    }
}

static void entities_custom(struct builder *b) {
    for (size_t i = 0; i < b->source->custom.n_objects; i++) {
        const struct custom_object *o = &b->source->custom.objects[i];
        if (model_entity(b->model, o->name) || model_plural(b->model, o->plural)) {
            continue;
        }
        struct entity *e = entity_add(b, str_copy(b->a, o->name));
        e->plural = str_copy(b->a, o->plural);
        e->label[LANGUAGE_ZH] = str_copy(b->a, o->label[LANGUAGE_ZH]);
        e->label[LANGUAGE_EN] = str_copy(b->a, o->label[LANGUAGE_EN]);
        e->flags = ENTITY_OWNED | ENTITY_SEARCHED | ENTITY_CUSTOM;
        e->cloud = STR("platform");
        entity_fill(b, e, custom_object_fields);
    }
}

static const struct value *standard_value(struct builder *b, const struct entity *e,
                                          const struct field *f, struct str text) {
    bool boolean = f->type == FIELD_BOOLEAN && !(f->flags & FIELD_SYSTEM);
    if (!text.n && !boolean) {
        return NULL;
    }
    struct ctx scratch = {.arena = b->a};
    struct value *v = ARENA_NEW(b->a, struct value);
    *v = value_from_text(&scratch, f, text.n ? text : STR("0"));
    if (ctx_failed(&scratch) || v->kind == VALUE_NULL) {
        definition_wrong(e->name, f->name, "has a standard value it could not hold");
    }
    return v;
}

static void fields_resolve(struct builder *b) {
    for (int i = 0; i < b->model->n_entities; i++) {
        struct entity *e = &b->entities[i];
        for (int p = 0; p < e->n_fields; p++) {
            struct field *f = (struct field *)&e->fields[p];
            const struct pending *pending = &b->pending[i][p];
            f->target = f->type == FIELD_REFERENCE ? model_entity(b->model, pending->target) : NULL;
            f->standard = standard_value(b, e, f, pending->standard);
        }
    }
}

static bool opens(const struct field *f, const struct entity *e) {
    return f->flags & (FIELD_OPENS | FIELD_PARENT) && f->target == e;
}

static void openings_find(struct builder *b, struct entity *e) {
    int n = 0;
    for (int pass = 0; pass < 2; pass++) {
        struct opening *list = ARENA_NEW_ARRAY(b->a, (size_t)n, struct opening);
        n = 0;
        for (int i = 0; i < b->model->n_entities; i++) {
            const struct entity *from = &b->entities[i];
            for (int p = 0; p < from->n_fields; p++) {
                const struct field *f = &from->fields[p];
                if (opens(f, e) && pass) {
                    list[n] = (struct opening){from, f, f->flags & FIELD_PARENT};
                }
                n += opens(f, e);
            }
        }
        e->opened_by = list;
    }
    e->n_opened_by = n;
    if (n && !(e->flags & ENTITY_OWNED)) {
        definition_wrong(e->name, STR("*"), "is opened, but nobody can own it");
    }
}

static void statements_write(struct builder *b, struct entity *e) {
    struct sql select = sql_new(b->a), insert = sql_new(b->a), present = sql_new(b->a);
    SQL_ADD(&select, "SELECT ");
    record_columns(&select, e, "");
    SQL_ADD(&select, " FROM ");
    sql_identifier(&select, e->table);
    SQL_ADD(&select, " WHERE id = $1");
    SQL_ADD(&present, "SELECT 1 FROM ");
    sql_identifier(&present, e->table);
    SQL_ADD(&present, " WHERE id = $1 AND deleted_at IS NULL");
    SQL_ADD(&insert, "INSERT INTO ");
    sql_identifier(&insert, e->table);
    SQL_ADD(&insert, " (");
    record_columns(&insert, e, "");
    SQL_ADD(&insert, ") VALUES (");
    for (int i = 1; i <= e->n_columns; i++) {
        sql_literal(&insert, i > 1 ? ", $" : "$");
        sql_number(&insert, i);
    }
    SQL_ADD(&insert, ")");
    e->select_sql = str_to_c(b->a, text_str(&select.text));
    e->present_sql = str_to_c(b->a, text_str(&present.text));
    e->insert_sql = str_to_c(b->a, text_str(&insert.text));
}

struct model *model_build(const struct model_source *source) {
    struct arena arena;
    arena_init(&arena);
    struct model *m = ARENA_NEW(&arena, struct model);
    size_t n = source->n_definitions + source->custom.n_objects;
    struct builder b = {.source = source, .model = m, .a = &arena};
    m->version = source->version;
    m->entities = b.entities = ARENA_NEW_ARRAY(&arena, n, struct entity);
    b.pending = ARENA_NEW_ARRAY(&arena, n, struct pending *);
    entities_standard(&b);
    entities_custom(&b);
    fields_resolve(&b);
    for (int i = 0; i < m->n_entities; i++) {
        openings_find(&b, &b.entities[i]);
        statements_write(&b, &b.entities[i]);
    }
    m->arena = arena;
    return m;
}
