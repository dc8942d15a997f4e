/* The approval processes there are: every change of a record asks. */
#include "automation/approval_process.h"
#include "entity/record_memory.h"

static struct record_memory kept = RECORD_MEMORY("approval_process", 200);

static bool is_of(const struct record *process, const struct entity *e) {
    return str_equal(record_text(process, "entity_name"), e->name);
}

/* Without memory. */
static size_t processes_read(struct ctx *c, const struct entity *e, struct record **out,
                             size_t limit) {
    struct sql which = sql_new(c->arena);
    SQL_ADD(&which, "enabled = 1 AND entity_name = ");
    SQL_VALUE(&which, e->name);
    return records_in_order(c, entity_named(c, "approval_process"), &which, out, limit);
}

size_t approval_processes(struct ctx *c, const struct entity *e, struct record **out,
                          size_t limit) {
    if (!record_memory_enter(c, &kept)) {
        return ctx_failed(c) ? 0 : processes_read(c, e, out, limit);
    }
    size_t n = 0;
    for (size_t i = 0; i < kept.n && n < limit; i++) {
        if (is_of(kept.records[i], e) && record_int(kept.records[i], "enabled")) {
            out[n++] = record_keep(c->arena, kept.records[i]);
        }
    }
    record_memory_leave(&kept);
    return n;
}

bool approval_concerns(struct ctx *c, const struct entity *e) {
    if (!record_memory_enter(c, &kept)) {
        return !ctx_failed(c) && DB_INT(c,
                                        "SELECT 1 FROM approval_process WHERE entity_name = $1 "
                                        "AND deleted_at IS NULL LIMIT 1",
                                        e->name);
    }
    bool any = false;
    for (size_t i = 0; i < kept.n && !any; i++) {
        any = is_of(kept.records[i], e);
    }
    record_memory_leave(&kept);
    return any;
}
