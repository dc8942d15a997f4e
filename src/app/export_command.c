/* guantong export RECORD_TYPE FILE: as an administrator's export in the browser, without one. */
#include <stdio.h>

#include "app/command.h"
#include "data/export.h"
#include "db/db.h"
#include "entity/audit.h"
#include "organization/actor.h"

struct order {
    struct export_order export;
    int64_t rows;
    struct str file;
};

static int64_t first_administrator(struct ctx *c) {
    return DB_INT(c, "SELECT min(u.id) FROM \"user\" u JOIN user_role ur ON ur.user_id = u.id "
                     "JOIN role r ON r.id = ur.role_id WHERE r.code = 'administrator' "
                     "AND u.active = 1 AND u.deleted_at IS NULL");
}

static void run_export(struct program *p, struct ctx *c, struct order *o) {
    const struct entity *e = model_entity(c->model, command_word(p, 0));
    if (!e) {
        FAIL(c, ERROR_INVALID, "role.entity");
        return;
    }
    c->actor = actor_build(c, &p->arena, first_administrator(c));
    o->export.list = (struct list_request){.entity = e};
    export_fields(c, &o->export, STR(""));
    o->rows = export_write(c, &o->export, str_to_c(&p->arena, o->file));
}

/* The snapshot is over when the audit trail learns of it. */
static void run_note(struct ctx *c, void *data) {
    const struct order *o = data;
    audit_note(c, o->export.list.entity, 0, "exported",
               str_format(c->arena, "%.*s, %lld", STR_ARG(o->file), (long long)o->rows));
}

static void write_file(struct program *p, struct ctx *c, struct order *o) {
    c->db = db_open(c, p->settings.db, DB_READER);
    if (!c->db) {
        return;
    }
    db_begin(c);
    program_prepare_context(c);
    run_export(p, c, o);
    db_commit(c);
    db_close(c->db);
    c->db = NULL;
}

int command_export(struct program *p) {
    struct order o = {.file = command_word(p, 1)};
    bool xlsx = str_ends(o.file, STR(".xlsx"));
    if (!o.file.n || (!xlsx && !str_ends(o.file, STR(".csv")))) {
        return command_usage("export");
    }
    o.export.format = xlsx ? TABLE_XLSX : TABLE_CSV;
    struct ctx c = program_context(p);
    write_file(p, &c, &o);
    if (!ctx_failed(&c)) {
        program_transaction(p, &c, run_note, &o);
    }
    if (ctx_failed(&c)) {
        program_complain(&c);
        return 1;
    }
    printf("%lld records\n", (long long)o.rows);
    return 0;
}
