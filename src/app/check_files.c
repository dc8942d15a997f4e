/* Contents of attachments: each row's is there and whole; what no row names is told. */
#include <stdio.h>

#include "app/check.h"
#include "db/file_store.h"

enum { AT_ONCE = 200, SHOWN = 5 };

struct kept {
    int64_t id, size;
    struct str hash;
};

static size_t rows_read(struct ctx *c, int64_t after, struct kept kept[AT_ONCE]) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, size, hash FROM file WHERE id > $1 UNION ALL SELECT id, size, hash FROM "
             "correspondence_file WHERE id > $1 ORDER BY id LIMIT $2",
             after, (int64_t)AT_ONCE);
    while (n < AT_ONCE && db_next(&rows)) {
        kept[n++] = (struct kept){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2)};
    }
    db_done(&rows);
    return n;
}

static void orphan_count(void *data, struct str hash) {
    struct check *k = data;
    if (!ctx_failed(k->c) && !DB_INT(k->c, "SELECT 1 FROM file WHERE hash = $1 LIMIT 1", hash) &&
        !DB_INT(k->c, "SELECT 1 FROM correspondence_file WHERE hash = $1 LIMIT 1", hash)) {
        k->orphans++;
    }
}

void check_files(struct check *k) {
    struct ctx *c = k->c;
    struct kept kept[AT_ONCE];
    int64_t last = 0, broken = 0;
    for (size_t n = AT_ONCE; n == AT_ONCE && !ctx_failed(c);) {
        struct arena_mark mark = arena_mark(c->arena);
        n = rows_read(c, last, kept);
        for (size_t i = 0; i < n; i++) {
            last = kept[i].id;
            if (!file_store_sound(c->arena, kept[i].hash, kept[i].size) && broken++ < SHOWN) {
                printf("file %lld: its content is missing or damaged (%.*s)\n",
                       (long long)kept[i].id, STR_ARG(kept[i].hash));
            }
        }
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    if (broken) {
        printf("attachments without a sound content: %lld\n", (long long)broken);
        k->findings++;
    }
    for (unsigned part = 0; part < FILE_STORE_PARTS && !ctx_failed(c); part++) {
        file_store_each(c->arena, part, orphan_count, k);
    }
    if (k->orphans) {
        printf("%lld contents that no attachment names; the server removes them a day after they "
               "came\n",
               (long long)k->orphans);
    }
}
