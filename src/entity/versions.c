#include "entity/versions.h"

#include "db/db.h"

void versions_read(struct ctx *c) {
    struct versions v = {0};
    const struct {
        const char *name;
        int64_t *value;
    } rows_of[] = {{"model", &v.model},
                   {"organization", &v.organization},
                   {"setting", &v.setting},
                   {"session", &v.session}};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT name, value FROM platform_version");
    while (db_next(&rows)) {
        struct str name = db_view(&rows, 0);
        for (size_t i = 0; i < sizeof rows_of / sizeof *rows_of; i++) {
            if (str_is(name, rows_of[i].name)) {
                *rows_of[i].value = db_int(&rows, 1);
            }
        }
    }
    v.known = !ctx_failed(c) && db_reads_only(c->db);
    c->versions = v;
}

void version_move(struct ctx *c, const char *name) {
    DB_PUT(c,
           "INSERT INTO platform_version (name, value) VALUES ($1, 1) "
           "ON CONFLICT (name) DO UPDATE SET value = platform_version.value + 1",
           name);
}

bool versions_same(const struct versions *a, const struct versions *b) {
    return a->known && b->known && a->model == b->model && a->organization == b->organization &&
           a->setting == b->setting && a->session == b->session;
}
