/*
 * Any bytes as a condition on a deal: it is refused with field errors, or its SQL runs and it can
 * be put into words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "entity_fixture.h"

#include "base/text.h"
#include "entity/condition.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static struct ctx *context(void) {
    static struct ctx *c;
    if (!c) {
        static struct database_fixture f;
        static void *state = &f;
        database_open(&f, DB_SQLITE);
        c = entity_fixture(&state);
    }
    return c;
}

static void run(struct ctx *c, const struct condition *condition) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM deal d WHERE ");
    condition_sql(c, &q, condition, "d");
    sql_int(c, &q);
    if (ctx_failed(c)) {
        fprintf(stderr, "%s: %s\n", c->error.text, c->error.internal);
        abort();
    }
    must(text_valid(condition_words(c, condition)));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    struct ctx *c = context();
    struct arena_mark mark = arena_mark(c->arena);
    struct str text = {(const char *)bytes, n};
    const struct condition *condition = condition_parse_text(c, entity_named(c, "deal"), text);
    must(!condition == ctx_failed(c));
    must(condition || c->error.code == ERROR_INVALID);
    if (condition) {
        run(c, condition);
    }
    ctx_clear_error(c);
    arena_reset(c->arena, mark);
    return 0;
}
