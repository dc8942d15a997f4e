#include "data/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "data/xlsx_merge.h"
#include "data/xlsx_package.h"

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_INLINE, CELL_BOOLEAN };

/* A finished row that waits to be taken. */
struct queued_row {
    struct table_row row;
    struct queued_row *next;
};

/*
 * Parsing a chunk finishes some rows and begins one more; finished rows are queued. Cells live
 * in one of two arenas: when the queue is empty the one not in use is emptied and taken, so
 * that a row begun before keeps its cells.
 */
struct xlsx_reader {
    struct arena own; /* the reader itself is in it */
    struct xlsx_package *package;
    struct xlsx_part part;
    struct str_list sheets;
    struct xlsx_merges *merges; /* NULL when none are */
    struct arena arenas[2];
    int arena;           /* in use */
    bool row_began_here; /* the row under construction began in this arena */
    struct queued_row *first, *last;

    struct str *cells; /* of the row under construction */
    size_t columns;    /* of them that may hold something */
    int64_t line;      /* of the row, or the last one */
    bool in_row, in_value;
    size_t column, next_column;
    enum cell_type type;
    enum number_kind kind;
    struct arena value_arena;
    struct text_buffer value;
};

static struct arena *arena_in_use(struct xlsx_reader *r) {
    return &r->arenas[r->arena];
}

static void row_begin(struct xlsx_part *part, const char **attributes) {
    struct xlsx_reader *r = part->data;
    const char *reference = xlsx_attribute(attributes, "r");
    int64_t line = reference ? xlsx_number(reference, INT32_MAX) : r->line + 1;
    if (line <= r->line || r->in_row) {
        xlsx_part_damaged(part);
        return;
    }
    if (line > part->package->limits.rows) {
        FAIL(part->c, ERROR_LIMIT, "table.too_many_rows",
             {"rows", str_format(part->c->arena, "%lld", (long long)part->package->limits.rows)});
        return;
    }
    r->line = line;
    r->in_row = r->row_began_here = true;
    r->columns = r->next_column = 0;
}

/* Column of a reference such as "BC12", from 0; -1 when it is none. */
static int64_t column_of(const char *reference) {
    int64_t column = 0;
    size_t letters = 0;
    for (; reference[letters] >= 'A' && reference[letters] <= 'Z' && letters < 4; letters++) {
        column = column * 26 + (reference[letters] - 'A' + 1);
    }
    return letters && letters < 4 ? column - 1 : -1;
}

static enum cell_type type_of(const char *type) {
    if (!type || strcmp(type, "n") == 0) {
        return CELL_NUMBER;
    }
    return strcmp(type, "s") == 0           ? CELL_SHARED
           : strcmp(type, "inlineStr") == 0 ? CELL_INLINE
           : strcmp(type, "b") == 0         ? CELL_BOOLEAN
                                            : CELL_TEXT;
}

static void cell_begin(struct xlsx_part *part, const char **attributes) {
    struct xlsx_reader *r = part->data;
    const char *reference = xlsx_attribute(attributes, "r");
    int64_t column = reference ? column_of(reference) : (int64_t)r->next_column;
    int64_t style = xlsx_number(xlsx_attribute(attributes, "s"), INT32_MAX);
    if (column < 0 || !r->in_row) {
        xlsx_part_damaged(part);
        return;
    }
    r->column = (size_t)column;
    r->next_column = r->column + 1;
    r->type = type_of(xlsx_attribute(attributes, "t"));
    bool styled = style >= 0 && (size_t)style < part->package->n_styles;
    r->kind = styled ? part->package->styles[style] : NUMBER_PLAIN;
    r->value.n = 0;
}

static void sheet_begin(struct xlsx_part *part, const char *element, const char **attributes) {
    struct xlsx_reader *r = part->data;
    if (xlsx_is(element, "row")) {
        row_begin(part, attributes);
    } else if (xlsx_is(element, "c")) {
        cell_begin(part, attributes);
    } else if (r->in_row && (xlsx_is(element, "v") || xlsx_is(element, "t"))) {
        r->in_value = xlsx_is(element, "v") != (r->type == CELL_INLINE);
    } else if (xlsx_is(element, "rPh")) {
        r->in_value = false;
    }
}

static void sheet_text(struct xlsx_part *part, const char *text, int n) {
    struct xlsx_reader *r = part->data;
    if (!r->in_value) {
        return;
    }
    if (r->value.n + (size_t)n > part->package->limits.cell_bytes) {
        FAIL(part->c, ERROR_INVALID, "table.cell_too_long",
             {"line", str_format(part->c->arena, "%lld", (long long)r->line)});
        return;
    }
    text_add(&r->value, (struct str){text, (size_t)n});
}

/* "_x000D_" stands for a character XML cannot hold; carriage returns before line feeds and
 * control characters are left out. */
static struct str unescaped(struct arena *a, struct str s) {
    if (str_find(s, STR("_x")) < 0) {
        return str_copy(a, s);
    }
    struct text_buffer out = {.arena = a};
    while (s.n) {
        unsigned code = 0;
        bool escape = s.n >= 7 && str_starts(s, STR("_x")) && s.p[6] == '_';
        for (size_t i = 2; escape && i < 6; i++) {
            char ch = s.p[i];
            int digit = ch >= '0' && ch <= '9'                     ? ch - '0'
                        : (ch | 0x20) >= 'a' && (ch | 0x20) <= 'f' ? (ch | 0x20) - 'a' + 10
                                                                   : -1;
            escape = digit >= 0;
            code = code * 16 + (unsigned)(digit & 15);
        }
        if (escape && (code >= 0x20 || code == '\n' || code == '\t')) {
            text_add_character(&out, code);
        } else if (!escape) {
            text_add_char(&out, s.p[0]);
        }
        s = str_slice(s, escape ? 7 : 1, s.n);
    }
    return text_str(&out);
}

static struct str number_value(struct xlsx_reader *r, struct str value) {
    struct arena *a = arena_in_use(r);
    if (r->kind == NUMBER_PLAIN) {
        return xlsx_number_text(a, value);
    }
    char *end, *text = str_to_c(a, value);
    double serial = strtod(text, &end);
    bool valid = end != text && !*end;
    if (r->kind == NUMBER_DATE && serial >= 1 && serial < 3e6) {
        serial = (double)(int64_t)serial; /* what the reader of the sheet sees */
    }
    struct str shown = valid ? xlsx_serial_text(a, serial, r->package->from_1904) : STR("");
    return shown.n ? shown : xlsx_number_text(a, value);
}

static struct str cell_value(struct xlsx_part *part) {
    struct xlsx_reader *r = part->data;
    struct arena *a = arena_in_use(r);
    struct str value = text_str(&r->value);
    if (r->type == CELL_TEXT || r->type == CELL_INLINE) {
        return unescaped(a, value);
    }
    value = str_trim(value);
    if (!value.n) {
        return value;
    }
    if (r->type == CELL_BOOLEAN) {
        return str_is(value, "1") ? STR("TRUE") : STR("FALSE");
    }
    if (r->type == CELL_NUMBER) {
        return number_value(r, value);
    }
    int64_t index;
    if (!str_to_int(value, &index) || index < 0 || (size_t)index >= r->package->n_strings) {
        xlsx_part_damaged(part);
        return STR("");
    }
    return unescaped(a, r->package->strings[index]);
}

static void cell_end(struct xlsx_part *part) {
    struct xlsx_reader *r = part->data;
    struct str value = cell_value(part);
    if (!value.n || ctx_failed(part->c)) {
        return;
    }
    if (r->column >= part->package->limits.columns) {
        FAIL(part->c, ERROR_INVALID, "table.too_many_columns",
             {"line", str_format(part->c->arena, "%lld", (long long)r->line)});
        return;
    }
    for (; r->columns <= r->column; r->columns++) {
        r->cells[r->columns] = STR("");
    }
    r->cells[r->column] = value;
}

static void row_end(struct xlsx_reader *r) {
    struct arena *a = arena_in_use(r);
    if (r->merges) {
        xlsx_merges_fill(r->merges, r->line,
                         &(struct xlsx_cells){r->cells, &r->columns, r->package->limits.columns});
    }
    struct queued_row *queued = ARENA_NEW(a, struct queued_row);
    struct str *cells = ARENA_NEW_ARRAY(a, r->columns, struct str);
    if (r->columns) {
        memcpy(cells, r->cells, r->columns * sizeof *cells);
    }
    queued->row = (struct table_row){r->line, cells, r->columns};
    if (r->first) {
        r->last->next = queued;
    } else {
        r->first = queued;
    }
    r->last = queued;
    r->in_row = false;
}

static void sheet_end(struct xlsx_part *part, const char *element) {
    struct xlsx_reader *r = part->data;
    if (xlsx_is(element, "v") || xlsx_is(element, "t")) {
        r->in_value = false;
    } else if (xlsx_is(element, "c")) {
        cell_end(part);
    } else if (xlsx_is(element, "row")) {
        row_end(r);
    }
}

static const struct xlsx_sheet *sheet_find(const struct xlsx_package *p, struct str name) {
    for (size_t i = 0; i < p->n_sheets; i++) {
        bool wanted = name.n ? str_equal(name, p->sheets[i].name) : !p->sheets[i].hidden;
        if (wanted) {
            return &p->sheets[i];
        }
    }
    return name.n ? NULL : &p->sheets[0];
}

static void reader_start(struct ctx *c, struct xlsx_reader *r, struct str name) {
    struct xlsx_package *p = r->package;
    const struct xlsx_sheet *sheet = sheet_find(p, name);
    if (!sheet) {
        FAIL(c, ERROR_INVALID, "table.no_sheet", {"sheet", name});
        return;
    }
    r->sheets = (struct str_list){ARENA_NEW_ARRAY(&p->arena, p->n_sheets, struct str), 0};
    for (size_t i = 0; i < p->n_sheets; i++) {
        if (!p->sheets[i].hidden) {
            r->sheets.items[r->sheets.n++] = p->sheets[i].name;
        }
    }
    r->cells = ARENA_NEW_ARRAY(&p->arena, p->limits.columns, struct str);
    r->value.arena = &r->value_arena;
    r->part = (struct xlsx_part){
        .begin = sheet_begin, .end = sheet_end, .text = sheet_text, .data = r};
    char *part = str_to_c(&p->arena, sheet->part);
    r->merges = xlsx_merges_read(c, p, part);
    if (!xlsx_part_open(&r->part, c, p, part)) {
        FAIL(c, ERROR_INVALID, "table.damaged", {"part", sheet->part});
    }
}

struct xlsx_reader *xlsx_open(struct ctx *c, const char *path, struct str sheet,
                              const struct table_limits *limits) {
    if (ctx_failed(c)) {
        return NULL;
    }
    struct arena own;
    arena_init(&own);
    struct xlsx_reader *r = ARENA_NEW(&own, struct xlsx_reader);
    r->own = own;
    r->package = xlsx_package_open(c, path, limits ? limits : &table_limits_default);
    if (r->package) {
        reader_start(c, r, sheet);
    }
    if (ctx_failed(c)) {
        xlsx_close(r);
        return NULL;
    }
    return r;
}

bool xlsx_next(struct ctx *c, struct xlsx_reader *r, struct table_row *row) {
    r->part.c = c;
    while (!r->first && !ctx_failed(c)) {
        if (!r->in_row || r->row_began_here) {
            r->arena = !r->arena;
            arena_free(arena_in_use(r));
            r->row_began_here = false;
        }
        if (!xlsx_part_advance(&r->part)) {
            return false;
        }
    }
    if (ctx_failed(c)) {
        return false;
    }
    *row = r->first->row;
    r->first = r->first->next;
    return true;
}

struct str_list xlsx_sheets(const struct xlsx_reader *r) {
    return r->sheets;
}

void xlsx_close(struct xlsx_reader *r) {
    if (!r) {
        return;
    }
    xlsx_part_close(&r->part);
    xlsx_package_close(r->package);
    arena_free(&r->arenas[0]);
    arena_free(&r->arenas[1]);
    arena_free(&r->value_arena);
    struct arena own = r->own;
    arena_free(&own);
}
