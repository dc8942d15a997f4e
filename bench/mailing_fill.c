/* People with an address who agreed to mail, for mailing_bench.mjs: mailing_fill URL PEOPLE */
#include <stdio.h>
#include <stdlib.h>

#include "app/modules.h"
#include "app/program.h"
#include "base/clock.h"
#include "db/migration.h"
#include "entity/access.h"

enum { PIECE = 10000 };

int main(int argc, char **argv) {
    struct arena arena;
    if (argc < 3) {
        fputs("usage: mailing_fill URL PEOPLE\n", stderr);
        return 2;
    }
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .actor = &actor_system, .now_ms = clock_now_ms()};
    c.db = db_open(&c, str_from(argv[1]), DB_LOADER);
    int64_t people = strtoll(argv[2], NULL, 10);
    for (int64_t from = 1; from <= people && !ctx_failed(&c); from += PIECE) {
        int64_t to = from + PIECE - 1 < people ? from + PIECE - 1 : people;
        db_begin(&c);
        DB_RUN(&c,
               "INSERT INTO person (id, created_at, updated_at, version, name, email) "
               "WITH RECURSIVE s (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM s "
               "WHERE i < $2) SELECT i, $3, $3, 1, '孙立民', 'p' || i || '@kehu.example.cn' FROM s",
               from, to, c.now_ms);
        DB_RUN(&c,
               "INSERT INTO consent (id, person_id, channel, purpose, given, version, source, at, "
               "recorded_at) SELECT id, id, 'email', 'marketing', 1, '1', 'form', $1, $1 "
               "FROM person WHERE id BETWEEN $2 AND $3",
               c.now_ms, from, to);
        db_commit(&c);
    }
    migration_analyze(&c);
    if (ctx_failed(&c)) {
        fprintf(stderr, "%s %s\n", c.error.text, c.error.internal);
        return EXIT_FAILURE;
    }
    db_close(c.db);
    arena_free(&arena);
    return EXIT_SUCCESS;
}
