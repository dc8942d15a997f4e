#include "data/import_told.h"

enum { ROOM_FIRST = 1024 };

/* A row, or a moment, and the number of the one or how many rows of the other; key 0: free. */
struct told_row {
    uint64_t key;
    int64_t number;
};

void import_told_init(struct import_told *told) {
    *told = (struct import_told){0};
    arena_init(&told->arena);
}

void import_told_free(struct import_told *told) {
    arena_free(&told->arena);
}

static uint64_t hash_text(uint64_t hash, struct str text) { /* FNV-1a */
    for (size_t i = 0; i < text.n; i++) {
        hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(1099511628211);
    }
    return (hash ^ 0xFF) * UINT64_C(1099511628211);
}

static struct told_row *place_of(const struct import_told *told, uint64_t key) {
    size_t i = (size_t)(key ^ key >> 32) & (told->room - 1);
    while (told->rows[i].key && told->rows[i].key != key) {
        i = (i + 1) & (told->room - 1);
    }
    return &told->rows[i];
}

static void grow(struct import_told *told) {
    struct import_told more = *told;
    more.room = told->room ? 2 * told->room : ROOM_FIRST;
    more.rows = ARENA_NEW_ARRAY(&more.arena, more.room, struct told_row);
    for (size_t i = 0; i < told->room; i++) {
        if (told->rows[i].key) {
            *place_of(&more, told->rows[i].key) = told->rows[i];
        }
    }
    *told = more;
}

static int64_t *number_of(struct import_told *told, uint64_t key) {
    if (2 * told->n >= told->room) {
        grow(told);
    }
    struct told_row *row = place_of(told, key | 1);
    told->n += !row->key;
    row->key = key | 1;
    return &row->number;
}

int64_t import_told_number(struct import_told *told, struct str moment,
                           const struct table_row *row) {
    uint64_t of_moment = hash_text(UINT64_C(14695981039346656037), moment), of_row = of_moment;
    if (!told) {
        return 1;
    }
    for (size_t i = 0; i < row->n; i++) {
        of_row = hash_text(of_row, row->cells[i]);
    }
    int64_t number = *number_of(told, of_row);
    if (!number) {
        number = ++*number_of(told, of_moment);
        *number_of(told, of_row) = number;
    }
    return number;
}
