#include "data/export.h"

#include "entity/access.h"
#include "entity/condition.h"
#include "entity/mask.h"
#include "entity/money.h"
#include "entity/references.h"

struct export {
    struct ctx *c;
    const struct export_order *order;
    unsigned char *rights; /* enum field_right by column */
    struct references titles;
    struct table_cell *cells;
    size_t n_cells;
};

static enum field_right right_of(struct ctx *c, const struct entity *e, const struct field *f) {
    return f->flags & FIELD_HIDDEN ? RIGHT_NONE : access_field(c->actor, e, f);
}

static bool usual_column(const struct field *f) {
    return !(f->flags & FIELD_SYSTEM) ||
           (f->position != SYSTEM_VERSION && f->position != SYSTEM_DELETED_AT);
}

static void all_fields(struct ctx *c, struct export_order *o) {
    const struct entity *e = o->list.entity;
    for (int i = 0; i < e->n_fields; i++) {
        if (usual_column(&e->fields[i]) && right_of(c, e, &e->fields[i]) != RIGHT_NONE) {
            o->fields[o->n_fields++] = &e->fields[i];
        }
    }
}

void export_fields(struct ctx *c, struct export_order *o, struct str names) {
    const struct entity *e = o->list.entity;
    struct str name;
    o->fields = ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, const struct field *);
    o->n_fields = 0;
    if (!names.n) {
        all_fields(c, o);
        return;
    }
    while (str_cut(&names, ',', &name)) {
        const struct field *f = entity_field(e, str_trim(name));
        if (!f || right_of(c, e, f) == RIGHT_NONE || o->n_fields == (size_t)e->n_fields) {
            FAIL_FIELD(c, STR("/fields"), "field.unknown");
            return;
        }
        o->fields[o->n_fields++] = f;
    }
}

static struct table_cell *cell_add(struct export *x) {
    return &x->cells[x->n_cells++];
}

static void text_cell(struct export *x, struct str text) {
    *cell_add(x) = (struct table_cell){.kind = text.n ? CELL_TEXT : CELL_EMPTY, .text = text};
}

static void number_cell(struct export *x, struct str digits) {
    *cell_add(x) = (struct table_cell){.kind = CELL_NUMBER, .text = digits};
}

static void money_cells(struct export *x, struct value v) {
    int digits = currency_digits(v.text);
    number_cell(x, decimal_format(x->c->arena, v.integer, digits < 0 ? 2 : digits));
    text_cell(x, v.text);
}

static void date_cell(struct export *x, struct str text) {
    struct table_cell cell = {.kind = CELL_DATE};
    if (date_parse(text, &cell.date)) {
        *cell_add(x) = cell;
    } else {
        text_cell(x, text);
    }
}

/* The title of the record referred to; its id when the actor may not see it. */
static void reference_cell(struct export *x, const struct record *r, const struct field *f) {
    int64_t id = r->values[f->position].integer;
    const struct reference *found = references_find(&x->titles, reference_target(x->c, r, f), id);
    text_cell(x, found && found->title.n ? found->title
                                         : str_format(x->c->arena, "%lld", (long long)id));
}

static void value_cell(struct export *x, const struct record *r, const struct field *f) {
    struct value v = r->values[f->position];
    switch (f->type) {
    case FIELD_BOOLEAN:
        *cell_add(x) = (struct table_cell){.kind = CELL_BOOLEAN, .boolean = v.integer != 0};
        break;
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
        number_cell(x, value_to_text(x->c, f, v));
        break;
    case FIELD_MONEY:
        money_cells(x, v);
        break;
    case FIELD_DATE:
        date_cell(x, v.text);
        break;
    case FIELD_INSTANT:
        *cell_add(x) = (struct table_cell){.kind = CELL_INSTANT, .instant = v.integer};
        break;
    case FIELD_REFERENCE:
        if (f->flags & FIELD_SYSTEM && f->position == SYSTEM_ID) {
            text_cell(x, value_to_text(x->c, f, v));
        } else {
            reference_cell(x, r, f);
        }
        break;
    default:
        text_cell(x, value_to_text(x->c, f, v));
    }
}

static void empty_cells(struct export *x, const struct field *f) {
    *cell_add(x) = (struct table_cell){.kind = CELL_EMPTY};
    if (f->type == FIELD_MONEY) {
        *cell_add(x) = (struct table_cell){.kind = CELL_EMPTY};
    }
}

static void record_cells(struct export *x, const struct record *r) {
    x->n_cells = 0;
    for (size_t i = 0; i < x->order->n_fields; i++) {
        const struct field *f = x->order->fields[i];
        struct value v = r->values[f->position];
        bool masked = x->rights[i] == RIGHT_MASKED;
        if (v.kind == VALUE_NULL || (masked && v.kind != VALUE_TEXT)) {
            empty_cells(x, f);
        } else if (masked) {
            text_cell(x, mask_text(x->c->arena, f, v.text));
        } else {
            value_cell(x, r, f);
        }
    }
}

static void header_cells(struct export *x) {
    struct ctx *c = x->c;
    for (size_t i = 0; i < x->order->n_fields; i++) {
        const struct field *f = x->order->fields[i];
        text_cell(x, f->label[c->language]);
        if (f->type == FIELD_MONEY) {
            text_cell(x, str_format(c->arena, "%.*s%s", STR_ARG(f->label[c->language]),
                                    c->language == LANGUAGE_EN ? " currency" : "币种"));
        }
    }
}

static void page_titles(struct export *x, const struct list_page *page) {
    x->titles = (struct references){.arena = x->c->arena};
    for (size_t i = 0; i < page->n; i++) {
        for (size_t f = 0; f < x->order->n_fields; f++) {
            const struct field *field = x->order->fields[f];
            bool told = field->type == FIELD_REFERENCE && x->rights[f] >= RIGHT_READ;
            references_add(&x->titles,
                           told ? reference_target(x->c, page->records[i], field) : NULL,
                           page->records[i]->values[field->position].integer);
        }
    }
    references_resolve(x->c, &x->titles);
}

/* Page after page; the cursor of the next one outlives the page in an arena of its own. */
static int64_t pages_write(struct export *x, struct list_request *list, struct table_writer *w) {
    struct ctx *c = x->c;
    struct arena cursors[2];
    int64_t n = 0;
    arena_init(&cursors[0]);
    arena_init(&cursors[1]);
    for (int turn = 0; !ctx_failed(c); turn = !turn) {
        struct arena_mark mark = arena_mark(c->arena);
        struct list_request request = *list; /* its plan goes with the page */
        struct list_page page = list_read(c, &request);
        page_titles(x, &page);
        for (size_t i = 0; i < page.n && !ctx_failed(c); i++, n++) {
            record_cells(x, page.records[i]);
            table_write(c, w, x->cells, x->n_cells);
        }
        arena_free(&cursors[turn]);
        bool more = page.next.p != NULL && !ctx_failed(c);
        list->cursor = more ? str_copy(&cursors[turn], page.next) : STR("");
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
        if (!more) {
            break;
        }
    }
    arena_free(&cursors[0]);
    arena_free(&cursors[1]);
    return n;
}

int64_t export_write(struct ctx *c, struct export_order *o, const char *path) {
    const struct entity *e = o->list.entity;
    struct list_request list = o->list;
    struct export x = {.c = c, .order = o};
    enum scope may = access_scope(c->actor, e, ACTION_EXPORT);
    if (may == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    /* Whoever may export more than he may read exports what he may read. */
    list.action = may <= access_scope(c->actor, e, ACTION_READ) ? ACTION_EXPORT : ACTION_READ;
    list.limit = LIST_LIMIT;
    list.cursor = STR("");
    x.rights = ARENA_NEW_ARRAY(c->arena, o->n_fields, unsigned char);
    x.cells = ARENA_NEW_ARRAY(c->arena, 2 * o->n_fields, struct table_cell);
    for (size_t i = 0; i < o->n_fields; i++) {
        x.rights[i] = (unsigned char)right_of(c, e, o->fields[i]);
    }
    struct table_writer *w = table_create(c, path, o->format, e->label[c->language],
                                          condition_zone(c));
    if (!w) {
        return 0;
    }
    header_cells(&x);
    table_write(c, w, x.cells, x.n_cells);
    int64_t n = pages_write(&x, &list, w);
    table_finish(c, w);
    return n;
}
