/* Imports over REST: upload, decide, preview, start, progress, refused rows, undo. */
#include "base/message.h"
#include "base/module.h"
#include "data/data.h"
#include "data/import_job.h"
#include "data/import_preview.h"
#include "db/db.h"
#include "entity/access.h"
#include "http/route.h"

enum { LIST_PAGE = 50, SHOWN_SAMPLES = 5 };

static const struct entity *entity_to_import(struct request *r) {
    struct ctx *c = r->c;
    struct str name = request_form(r, "entity");
    if (!name.p) {
        name = request_query(r, "entity");
    }
    const struct entity *e = model_entity(c->model, name.p ? name : STR(""));
    if (!e || e->flags & (ENTITY_INTERNAL | ENTITY_APPEND)) {
        FAIL_FIELD(c, STR("/entity"), "role.entity");
        return NULL;
    }
    if (access_scope(c->actor, e, ACTION_IMPORT) == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return NULL;
    }
    return e;
}

static void upload_look(struct request *r) {
    const struct entity *e = entity_to_import(r);
    if (e && r->upload.n) {
        struct str name = r->upload_name.n ? r->upload_name : request_query(r, "file_name");
        struct str sheet = request_query(r, "sheet");
        r->state = import_file_look(r->c, e, r->upload, name.p ? name : STR(""),
                                    sheet.p ? sheet : STR(""));
    } else if (e) {
        FAIL_FIELD(r->c, STR("/file"), "field.required");
    }
}

static void columns_json(struct ctx *c, struct json_writer *w, const struct import_file *file,
                         const struct import_plan *plan) {
    json_key(w, "columns");
    json_begin_array(w);
    for (size_t i = 0; i < plan->n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "column", json_put_int, (int64_t)i);
        JSON_MEMBER(w, "header", json_put_str, plan->columns[i].header);
        json_key(w, "sample");
        json_begin_array(w);
        for (size_t s = 0; file && s < file->n_samples && s < SHOWN_SAMPLES; s++) {
            json_put_str(w, table_cell(&file->samples[s], i));
        }
        json_end_array(w);
        json_key(w, "field");
        import_column_put(w, &plan->columns[i]);
        json_end_object(w);
    }
    json_end_array(w);
    (void)c;
}

/* An upload, or another sheet of one: what is in it and what its columns are taken for. */
static void file_reply(struct request *r, int status, int64_t id, const struct import_file *file) {
    struct ctx *c = r->c;
    struct import_job *job = ctx_failed(c) ? NULL : import_job_find(c, id);
    if (!job) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    JSON_MEMBER(&w, "entity", json_put_str, file->entity->name);
    JSON_MEMBER(&w, "charset", json_put_c, file->charset);
    JSON_MEMBER(&w, "format", json_put_c, file->format);
    JSON_MEMBER(&w, "sheet", json_put_str, file->sheet);
    json_key(&w, "sheets");
    json_begin_array(&w);
    for (size_t i = 0; i < file->sheets.n; i++) {
        json_put_str(&w, file->sheets.items[i]);
    }
    json_end_array(&w);
    columns_json(c, &w, file, import_job_plan(c, job));
    json_end_object(&w);
    reply_json(r, status, &w);
}

static void upload_post(struct request *r) {
    struct ctx *c = r->c;
    const struct import_file *file = r->state;
    if (!file) {
        return;
    }
    int64_t id = import_job_create(c, file);
    r->upload_kept = id && !ctx_failed(c);
    file_reply(r, 201, id, file);
}

static void sheet_look(struct request *r) {
    const struct json *body = request_json(r);
    struct import_job *job = body ? import_job_find(r->c, request_id(r, "id")) : NULL;
    if (job) {
        r->state = import_file_look(r->c, job->entity, job->path, job->file_name,
                                    json_text(body, "sheet"));
    }
}

static void sheet_put(struct request *r) {
    const struct import_file *file = r->state;
    struct import_job *job = file ? import_job_find(r->c, request_id(r, "id")) : NULL;
    if (job) {
        import_job_resheet(r->c, job, file);
        file_reply(r, 200, job->id, file);
    }
}

static void preview_get(struct request *r) {
    struct ctx *c = r->c;
    struct import_job *job = import_job_find(c, request_id(r, "id"));
    struct table_reader *t = job ? import_job_open(c, job) : NULL;
    if (!t) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    import_preview(c, &w, import_job_plan(c, job), t);
    table_close(t);
    reply_json(r, 200, &w);
}

static void mapping_put(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct import_job *job = import_job_find(c, request_id(r, "id"));
    if (!job || !body) {
        return;
    }
    struct import_plan *plan = import_job_plan(c, job);
    if (!str_is(job->state, "uploaded")) {
        FAIL(c, ERROR_CONFLICT, "import.state");
    }
    import_plan_apply(c, plan, body);
    if (!ctx_failed(c)) {
        import_job_decide(c, job, plan);
    }
    job = import_job_find(c, job->id);
    if (job) {
        struct json_writer w = json_writer(c->arena);
        import_job_json(c, &w, job);
        reply_json(r, 200, &w);
    }
}

static void job_reply(struct request *r) {
    struct import_job *job = import_job_find(r->c, request_id(r, "id"));
    if (job) {
        struct json_writer w = json_writer(r->c->arena);
        import_job_json(r->c, &w, job);
        reply_json(r, 200, &w);
    }
}

static void start_post(struct request *r) {
    struct import_job *job = import_job_find(r->c, request_id(r, "id"));
    if (job) {
        import_job_start(r->c, job);
        job_reply(r);
    }
}

static void undo_post(struct request *r) {
    struct import_job *job = import_job_find(r->c, request_id(r, "id"));
    if (!job) {
        return;
    }
    if (!str_is(job->state, "done") && !str_is(job->state, "failed")) {
        FAIL(r->c, ERROR_CONFLICT, "import.state");
        return;
    }
    import_job_undo(r->c, job, IMPORT_UNDO_FIRST);
    job_reply(r);
}

static void list_get(struct request *r) {
    struct ctx *c = r->c;
    struct db_rows rows;
    int64_t ids[LIST_PAGE];
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT id FROM import_job WHERE author_id = $1 ORDER BY id DESC LIMIT $2",
             c->actor->user_id, (int64_t)LIST_PAGE);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct import_job *job = import_job_find(c, ids[i]);
        if (job) {
            import_job_json(c, &w, job);
        }
    }
    reply_list_end(r, &w);
}

/* A cell of the error file: text, quoted, and never a formula when opened. */
static void csv_cell(struct text_buffer *out, struct str s) {
    bool formula = s.n && (s.p[0] == '=' || s.p[0] == '+' || s.p[0] == '-' || s.p[0] == '@' ||
                           s.p[0] == '\t');
    text_add_c(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < s.n; i++) {
        text_add_c(out, s.p[i] == '"' ? "\"" : "");
        text_add_char(out, s.p[i]);
    }
    text_add_char(out, '"');
}

/* "reason; reason" of the messages kept with a row. */
static struct str said_of(struct ctx *c, struct str kept) {
    const struct json *errors = json_parse(c, kept);
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = 0; errors && i < errors->n; i++) {
        text_add_c(&out, i ? "; " : "");
        text_add(&out, import_said(c, &errors->items[i]));
    }
    return text_str(&out);
}

/* Rows of a job's file with what is said of them in front, to be mended and imported again. */
static void rows_file(struct request *r, const struct import_job *job, const char *sql,
                      const char *why) {
    struct ctx *c = r->c;
    struct text_buffer out = {.arena = c->arena};
    struct db_rows rows;
    struct db_value id = db_from_int(job->id);
    const struct json *mapping = json_get(json_parse(c, job->plan), "mapping");
    text_add_c(&out, "\xEF\xBB\xBF");
    csv_cell(&out, message_words(c->language, why));
    for (size_t i = 0; mapping && i < mapping->n; i++) {
        text_add_char(&out, ',');
        csv_cell(&out, json_text(&mapping->items[i], "header"));
    }
    text_add_c(&out, "\r\n");
    db_query_values(c, &rows, sql, &id, 1);
    while (db_next(&rows)) {
        const struct json *cells = json_parse(c, db_text(&rows, 0));
        csv_cell(&out, said_of(c, db_text(&rows, 1)));
        for (size_t i = 0; cells && i < cells->n; i++) {
            text_add_char(&out, ',');
            csv_cell(&out, cells->items[i].text);
        }
        text_add_c(&out, "\r\n");
    }
    reply_text(r, 200, "text/csv; charset=utf-8", text_str(&out));
}

static void errors_get(struct request *r) {
    struct import_job *job = import_job_find(r->c, request_id(r, "id"));
    if (job) {
        reply_header(r, "Content-Disposition", STR("attachment; filename=\"errors.csv\""));
        rows_file(r, job,
                  "SELECT cells, errors FROM import_refusal WHERE job_id = $1 ORDER BY line",
                  "import.why");
    }
}

static void remarks_get(struct request *r) {
    struct import_job *job = import_job_find(r->c, request_id(r, "id"));
    if (job) {
        reply_header(r, "Content-Disposition", STR("attachment; filename=\"remarks.csv\""));
        rows_file(r, job, "SELECT cells, errors FROM import_remark WHERE job_id = $1 ORDER BY line",
                  "import.remark");
    }
}

#define FILE_SHAPE                                                              \
    "id:id! entity:text! charset:text format:text! sheet:text! sheets:[text]! " \
    "columns:[object]!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/imports", "import:run", LANE_INLINE, list_get,
     .summary = "route.import_list", .answer = "data:[object]!"},
    {METHOD_POST, "/api/v1/imports", "import:run", LANE_WRITER, upload_post, .prepare = upload_look,
     .flags = ROUTE_UPLOAD, .summary = "route.import_upload",
     .query = "entity:text! file_name:text sheet:text", .answer = "201 " FILE_SHAPE},
    {METHOD_PUT, "/api/v1/imports/{id}/sheet", "import:run", LANE_WRITER, sheet_put,
     .prepare = sheet_look, .summary = "route.import_sheet", .body = "sheet:text!",
     .answer = FILE_SHAPE},
    {METHOD_GET, "/api/v1/imports/{id}", "import:run", LANE_INLINE, job_reply,
     .summary = "route.import_get",
     .answer = "id:id! entity:text! state:text! done:integer! created:integer! "
               "merged:integer! remarked:integer! refused:integer! skipped:integer! "
               "failure:text?!"},
    {METHOD_PUT, "/api/v1/imports/{id}/mapping", "import:run", LANE_WRITER, mapping_put,
     .summary = "route.import_mapping", .body = "object", .answer = "object"},
    {METHOD_GET, "/api/v1/imports/{id}/preview", "import:run", LANE_SLOW, preview_get,
     .summary = "route.import_preview", .answer = "rows:[object]! counts:object! dirt:[object]!"},
    {METHOD_POST, "/api/v1/imports/{id}/start", "import:run", LANE_WRITER, start_post,
     .summary = "route.import_start", .answer = "id:id! state:text!"},
    {METHOD_POST, "/api/v1/imports/{id}/undo", "import:run", LANE_WRITER, undo_post,
     .summary = "route.import_undo", .answer = "id:id! state:text!"},
    {METHOD_GET, "/api/v1/imports/{id}/errors.csv", "import:run", LANE_SLOW, errors_get,
     .summary = "route.import_errors", .answer = "text/csv"},
    {METHOD_GET, "/api/v1/imports/{id}/remarks.csv", "import:run", LANE_SLOW, remarks_get,
     .summary = "route.import_remarks", .answer = "text/csv"},
    {0}};

static const struct text texts[] = {
    {"import.remark", "说明", "Remark"},
    {"import.why", "没有导入的原因", "Why it was not imported"},
    {"route.import_list", "我的导入", "My imports"},
    {"route.import_upload", "上传要导入的文件", "Upload a file to import"},
    {"route.import_sheet", "换一个工作表", "Take another sheet"},
    {"route.import_get", "导入的进度", "Progress of an import"},
    {"route.import_mapping", "确定列的对应", "Decide what the columns mean"},
    {"route.import_preview", "导入预览", "Preview of an import"},
    {"route.import_start", "开始导入", "Start an import"},
    {"route.import_undo", "撤销导入", "Undo an import"},
    {"route.import_remarks", "已导入但需留意的行", "Rows that were imported with a remark"},
    {"route.import_errors", "没有导入的行", "Rows that were not imported"},
    {0}};

static const struct permission permissions[] = {{"import:run", "导入数据", "Import data"}, {0}};

const struct module import_routes_module = {.name = "data.import_routes",
                                            .cloud = "data",
                                            .routes = routes,
                                            .texts = texts,
                                            .permissions = permissions};
