#include "data/xlsx_merge.h"

#include <stdlib.h>
#include <string.h>

enum { MERGES_MOST = 20000, CHUNK = 1 << 16, REFERENCE = 64 };

struct merge {
    int64_t first, last; /* lines */
    size_t column;
    struct str value;
};

struct xlsx_merges {
    struct arena *arena; /* the package's */
    struct merge *all;   /* by their first lines */
    size_t n, begun;     /* those before have begun */
    struct merge **open; /* and reach the next line or farther */
    size_t n_open;
};

/* "BC12": column from 0 and line; false when it is none. */
static bool place_read(struct str *rest, size_t *column, int64_t *line) {
    size_t letters = 0, at = 0;
    *column = 0;
    *line = 0;
    while (at < rest->n && rest->p[at] >= 'A' && rest->p[at] <= 'Z' && letters < 3) {
        *column = *column * 26 + (size_t)(rest->p[at++] - 'A') + 1;
        letters++;
    }
    size_t digits = at;
    while (at < rest->n && rest->p[at] >= '0' && rest->p[at] <= '9' && at - digits < 9) {
        *line = *line * 10 + (rest->p[at++] - '0');
    }
    bool right = letters && at > digits;
    *column -= letters > 0;
    *rest = str_slice(*rest, at, rest->n);
    return right;
}

/* What stands behind "mergeCell ": ref="A4:A6". */
static void merge_add(struct xlsx_merges *m, struct str attributes) {
    ptrdiff_t at = str_find(attributes, STR("ref="));
    size_t column, other;
    int64_t first, last;
    if (at < 0 || m->n == MERGES_MOST) {
        return;
    }
    struct str rest = str_slice(attributes, (size_t)at + 5, attributes.n);
    bool right = place_read(&rest, &column, &first) && str_starts(rest, STR(":"));
    rest = str_slice(rest, rest.n > 0, rest.n);
    if (right && place_read(&rest, &other, &last) && other == column && last > first) {
        m->all[m->n++] = (struct merge){first, last, column, STR("")};
    }
}

/* Add the merges in a stretch of the part. How many bytes at its end may be the begin of one. */
static size_t merges_scan(struct xlsx_merges *m, struct str text, bool whole) {
    static const struct str mark = STR("mergeCell ");
    ptrdiff_t at;
    while ((at = str_find(text, mark)) >= 0) {
        size_t behind = (size_t)at + mark.n;
        if (!whole && text.n - behind < REFERENCE) {
            return text.n - (size_t)at;
        }
        size_t end = behind + REFERENCE < text.n ? behind + REFERENCE : text.n;
        merge_add(m, str_slice(text, behind, end));
        text = str_slice(text, behind, text.n);
    }
    return text.n < mark.n ? text.n : mark.n;
}

static int by_first(const void *x, const void *y) {
    const struct merge *a = x, *b = y;
    return a->first < b->first ? -1 : a->first > b->first;
}

struct xlsx_merges *xlsx_merges_read(struct ctx *c, struct xlsx_package *p, const char *part) {
    char *buffer = ARENA_NEW_ARRAY(c->arena, CHUNK + 2 * REFERENCE, char);
    zip_file_t *file = zip_fopen(p->archive, part, ZIP_FL_NOCASE);
    struct xlsx_merges *m = ARENA_NEW(&p->arena, struct xlsx_merges);
    m->all = ARENA_NEW_ARRAY(c->arena, MERGES_MOST, struct merge);
    int64_t unpacked = 0;
    size_t kept = 0;
    zip_int64_t n = 0;
    while (file && (n = zip_fread(file, buffer + kept, CHUNK)) > 0) {
        size_t all = kept + (size_t)n;
        unpacked += n;
        if (unpacked > p->limits.unpacked) {
            break; /* reading its rows says so */
        }
        kept = merges_scan(m, (struct str){buffer, all}, false);
        memmove(buffer, buffer + all - kept, kept);
    }
    merges_scan(m, (struct str){buffer, kept}, true);
    if (file) {
        zip_fclose(file);
    }
    if (!m->n) {
        return NULL;
    }
    struct merge *found = m->all;
    m->arena = &p->arena;
    m->all = ARENA_NEW_ARRAY(&p->arena, m->n, struct merge);
    memcpy(m->all, found, m->n * sizeof *found);
    m->open = ARENA_NEW_ARRAY(&p->arena, m->n, struct merge *);
    qsort(m->all, m->n, sizeof *m->all, by_first);
    return m;
}

static void value_give(const struct merge *merge, const struct xlsx_cells *row) {
    if (merge->column >= row->most || !merge->value.n) {
        return;
    }
    for (; *row->n <= merge->column; ++*row->n) {
        row->cells[*row->n] = STR("");
    }
    if (!row->cells[merge->column].n) {
        row->cells[merge->column] = merge->value;
    }
}

void xlsx_merges_fill(struct xlsx_merges *m, int64_t line, const struct xlsx_cells *row) {
    size_t kept = 0;
    for (size_t i = 0; i < m->n_open; i++) {
        if (m->open[i]->last >= line) {
            value_give(m->open[i], row);
            m->open[kept++] = m->open[i];
        }
    }
    m->n_open = kept;
    for (; m->begun < m->n && m->all[m->begun].first <= line; m->begun++) {
        struct merge *merge = &m->all[m->begun];
        if (merge->first == line && merge->column < *row->n) {
            merge->value = str_copy(m->arena, row->cells[merge->column]);
            m->open[m->n_open++] = merge;
        }
    }
}
