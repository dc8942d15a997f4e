/*
 * GET /api/v1/{plural}/export?format=csv|xlsx&where=…&sort=…&fields=…
 *
 * The file is made on the slow pool, from one snapshot; then a short job of the writer notes in
 * the audit trail who took how many records out, and the file is sent.
 */
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "base/message.h"
#include "base/module.h"
#include "data/data.h"
#include "data/export.h"
#include "entity/audit.h"

struct export_made {
    const struct entity *entity;
    struct export_order order;
    char *path;
    int64_t rows;
};

static bool format_read(struct request *r, enum table_format *format) {
    struct str word = request_query(r, "format");
    *format = str_is(word, "xlsx") ? TABLE_XLSX : TABLE_CSV;
    if (word.p && !str_is(word, "csv") && !str_is(word, "xlsx")) {
        FAIL_FIELD(r->c, STR("/format"), "export.format");
        return false;
    }
    return true;
}

static char *file_make(struct ctx *c) {
    const char *folder = getenv("TMPDIR");
    char *path = (char *)(uintptr_t)str_to_c(
        c->arena, str_format(c->arena, "%s/guantong-export-XXXXXX", folder ? folder : "/tmp"));
    int fd = mkstemp(path);
    if (fd < 0) {
        ctx_fail_internal(c, "export: no temporary file %s", path);
        return NULL;
    }
    close(fd);
    return path;
}

static void export_prepare(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    struct export_made *made = ARENA_NEW(c->arena, struct export_made);
    if (!e || !format_read(r, &made->order.format) || !api_list_request(r, e, &made->order.list)) {
        return;
    }
    made->entity = e;
    struct str names = request_query(r, "fields");
    export_fields(c, &made->order, names);
    made->path = ctx_failed(c) ? NULL : file_make(c);
    if (!made->path) {
        return;
    }
    made->rows = export_write(c, &made->order, made->path);
    if (ctx_failed(c)) {
        unlink(made->path);
        return;
    }
    r->state = made;
}

static void export_get(struct request *r) {
    static const char *const mimes[] = {
        [TABLE_CSV] = "text/csv; charset=utf-8",
        [TABLE_XLSX] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
    struct ctx *c = r->c;
    const struct export_made *made = r->state;
    if (!made) {
        return;
    }
    const char *ending = made->order.format == TABLE_XLSX ? "xlsx" : "csv";
    audit_note(c, made->entity, 0, "exported",
               str_format(c->arena, "%s, %lld", ending, (long long)made->rows));
    if (ctx_failed(c)) {
        unlink(made->path);
        return;
    }
    reply_header(r, "Content-Disposition",
                 str_format(c->arena, "attachment; filename=\"%.*s.%s\"",
                            STR_ARG(made->entity->plural), ending));
    reply_file(r, mimes[made->order.format], str_from(made->path), true);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/{plural}/export", PERMISSION_RECORD, LANE_WRITER, export_get,
     .prepare = export_prepare, .summary = "route.export",
     .query = "format:text where:text sort:text fields:text deleted:boolean", .answer = "text/csv"},
    {0}};

static const struct text texts[] = {
    {"export.format", "格式须为 csv 或 xlsx", "The format is csv or xlsx"},
    {"route.export", "导出记录", "Export records"},
    {0}};

const struct module export_module = {
    .name = "data.export", .cloud = "data", .routes = routes, .texts = texts};
