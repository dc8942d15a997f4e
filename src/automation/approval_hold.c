/* See approval_hold.h. */
#include "automation/approval_hold.h"

#include "automation/approval_parts.h"
#include "automation/automation.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"

enum { PROCESSES_MOST = 50, OPEN_MOST = 50, CHAIN_MOST = 10 };

/* Whether the process has been asked about this already: by the approval at work, or by those of
 * the same change before it. */
static bool passed(struct ctx *c, int64_t process_id) {
    int64_t id = c->approval_id;
    for (int i = 0; id && i < CHAIN_MOST && !ctx_failed(c); i++) {
        struct record *approval = record_load(c, entity_named(c, "approval"), id);
        if (approval && record_id(approval, "process_id") == process_id) {
            return true;
        }
        id = approval ? record_id(approval, "previous_id") : 0;
    }
    return false;
}

/* The first field of the change that this open approval locks. */
static const struct field *locked_field(const struct json *plan, bool pending,
                                        const struct change *change) {
    struct str watched = json_text(plan, "watch_field");
    bool blocks = str_is(json_text(plan, "hold_mode"), "block");
    bool changes = str_is(json_text(plan, "trigger"), "change");
    for (int i = 0; i < change->entity->n_fields; i++) {
        const struct field *f = &change->entity->fields[i];
        bool watch = changes && (pending || blocks) && str_equal(f->name, watched);
        bool locked = watch || (pending && approval_lists(plan, "locked", f));
        if (locked && !value_equal(change->before->values[i], change->after->values[i])) {
            return f;
        }
    }
    return NULL;
}

struct open_approval {
    int64_t id, version_id;
    bool pending;
};

static size_t open_on(struct ctx *c, int64_t subject_id, struct open_approval *out) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, version_id, CASE WHEN state = 'pending' THEN 1 ELSE 0 END FROM approval "
             "WHERE subject_id = $1 AND state IN ('pending', 'returned') AND deleted_at IS NULL "
             "ORDER BY id LIMIT $2",
             subject_id, (int64_t)OPEN_MOST);
    while (db_next(&rows)) {
        out[n++] = (struct open_approval){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2)};
    }
    return n;
}

static void ask_locks(struct ctx *c, const struct change *change) {
    struct open_approval open[OPEN_MOST];
    size_t n = open_on(c, change->id, open);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct json *plan = open[i].id == c->approval_id
                                      ? NULL
                                      : approval_plan(c, open[i].version_id);
        const struct field *f = plan ? locked_field(plan, open[i].pending, change) : NULL;
        if (f) {
            FAIL(c, ERROR_CONFLICT, "approval.locked", {"process", json_text(plan, "name")},
                 {"approval_id", str_format(c->arena, "%lld", (long long)open[i].id)},
                 {"field", f->label[c->language]});
        }
    }
}

static bool holds(const struct record *process) {
    return str_is(record_text(process, "hold_mode"), "hold");
}

/* Whether this change is one the process wants to be asked about. A process whose condition names
 * what is there no more lets nothing pass. */
static bool concerned(struct ctx *c, const struct record *process, const struct change *change) {
    if (!approval_entered(c, process, change->before, change->after) || passed(c, process->id)) {
        return false;
    }
    bool applies = approval_applies(c, process, change->after);
    if (ctx_failed(c) && c->error.code == ERROR_INVALID) {
        ctx_clear_error(c);
        FAIL(c, ERROR_CONFLICT, "approval.broken", {"process", record_text(process, "name")});
    }
    return applies && !ctx_failed(c) && !approval_covers(c, process, change->after);
}

static void ask(struct ctx *c, const struct change *change) {
    struct record *processes[PROCESSES_MOST];
    bool history = c->origin == ORIGIN_REPLAY || (!change->before && c->origin != ORIGIN_LIVE);
    bool nobodys = !change->before && !access_user_id(c->actor); /* who could ask for it? */
    if (history || nobodys || !entity_is_work(change->entity) ||
        !approval_concerns(c, change->entity)) {
        return;
    }
    if (change->before) {
        ask_locks(c, change);
    }
    size_t n = ctx_failed(c) ? 0 : approval_processes(c, change->entity, processes, PROCESSES_MOST);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (holds(processes[i]) && concerned(c, processes[i], change)) {
            c->refused = change->after;
            FAIL(c, ERROR_CONFLICT, change->before ? "approval.needed" : "approval.needed_new",
                 {"process", record_text(processes[i], "name")},
                 {"process_id", str_format(c->arena, "%lld", (long long)processes[i]->id)});
        }
    }
}

/* What is to be taken back when it is refused: the watched field as it was. */
static struct str undo_of(struct ctx *c, const struct record *process,
                          const struct change *change) {
    const struct field *f = entity_field(change->entity, record_text(process, "watch_field"));
    struct change_set set = change_new(c, change->entity);
    if (!change->before || !f) {
        return STR("");
    }
    change_value(&set, f, change->before->values[f->position]);
    return approval_change_text(c, &set);
}

static int64_t requester_for(struct ctx *c, const struct record *r) {
    int64_t by = access_user_id(c->actor);
    bool owned = r->entity->flags & ENTITY_OWNED;
    return by ? by : (owned ? record_id(r, "owner_id") : 0);
}

/* Of a change that was made on trust: the approval begins now. */
static void tell(struct ctx *c, const struct change *change) {
    struct record *processes[PROCESSES_MOST];
    if (c->origin != ORIGIN_LIVE || !entity_is_work(change->entity)) {
        return;
    }
    size_t n = approval_processes(c, change->entity, processes, PROCESSES_MOST);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (!holds(processes[i]) && concerned(c, processes[i], change)) {
            approval_start(
                c, &(struct approval_request){.process = processes[i],
                                              .subject = change->after,
                                              .requester_id = requester_for(c, change->after),
                                              .undo = undo_of(c, processes[i], change)});
        }
    }
}

/* There is nothing to decide any more: nobody need look at it. */
static void gone(struct ctx *c, const struct record *r) {
    struct open_approval open[OPEN_MOST];
    size_t n = 0;
    if (entity_is_work(r->entity)) {
        n = open_on(c, r->id, open);
    }
    int64_t verb = entity_is_work(r->entity) ? approval_open_of(c, r->id) : 0;
    if (verb && n < OPEN_MOST) {
        open[n++].id = verb;
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct approval_case *k = approval_find(c, open[i].id);
        bool asked = k &&
                     str_lists(STR("pending returned"), ' ', record_text(k->approval, "state"));
        k = asked ? approval_open(c, open[i].id, "pending returned") : NULL;
        if (k) {
            approval_end_gone(c, k);
        }
    }
}

bool approval_needed(const struct error *error, int64_t *process_id) {
    struct str text = error->text ? str_from(error->text) : STR("");
    return error->code == ERROR_CONFLICT &&
           str_lists(STR("approval.needed approval.needed_new"), ' ', text) &&
           str_to_int(error->parameters[1].value, process_id);
}

static int64_t refused(const struct ctx *c) {
    int64_t process_id = 0;
    return approval_needed(&c->error, &process_id) ? process_id : 0;
}

static int64_t request(struct ctx *c, const struct gate_request *r) {
    struct record *process = record_load(c, entity_named(c, "approval_process"), r->question);
    if (!process || !r->subject) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return 0;
    }
    return approval_start(c,
                          &(struct approval_request){.process = process,
                                                     .subject = r->subject,
                                                     .requester_id = requester_for(c, r->subject),
                                                     .batch_id = r->batch_id,
                                                     .change = approval_change_text(c, r->set),
                                                     .reason = r->reason});
}

static void withdraw(struct ctx *c, int64_t id) {
    struct approval_case *k = approval_owned(c, id, "pending returned", false);
    if (k) {
        approval_withdraw(c, k, STR(""));
    }
}

const struct record_gate approval_gate = {.ask = ask,
                                          .tell = tell,
                                          .gone = gone,
                                          .refused = refused,
                                          .request = request,
                                          .withdraw = withdraw};

struct record *approval_wanted(struct ctx *c) {
    int64_t process_id = 0;
    if (!approval_needed(&c->error, &process_id)) {
        return NULL;
    }
    const struct error error = c->error;
    ctx_clear_error(c);
    struct record *process = record_load(c, entity_named(c, "approval_process"), process_id);
    if (!ctx_failed(c)) {
        c->error = error;
    }
    return process;
}

struct record *approval_tried(struct ctx *c) {
    struct record *process = approval_wanted(c);
    const struct error error = c->error;
    ctx_clear_error(c);
    db_rollback_savepoint(c->db);
    if (!process && error.code != ERROR_NONE) {
        c->error = error;
    } else if (!process) {
        FAIL(c, ERROR_CONFLICT, "approval.not_needed");
    }
    return process;
}

void approval_change_or_ask(struct ctx *c, const struct record *r, const struct change_set *set,
                            struct str reason) {
    if (ctx_failed(c)) {
        return;
    }
    db_savepoint(c);
    record_change(c, r->id, set);
    struct record *process = approval_wanted(c);
    if (!ctx_failed(c)) {
        db_release(c);
        return;
    }
    const struct error error = c->error;
    ctx_clear_error(c);
    db_rollback_savepoint(c->db);
    if (!process) {
        c->error = error;
        return;
    }
    approval_start(c, &(struct approval_request){.process = process,
                                                 .subject = r,
                                                 .requester_id = requester_for(c, r),
                                                 .change = approval_change_text(c, set),
                                                 .reason = reason});
}

static const struct text texts[] = {
    {"approval.needed", "这一步要先通过「{process}」，请提交审批",
     "This needs the approval \"{process}\" first; please request it"},
    {"approval.needed_new", "新建这样的记录要先通过「{process}」，请提交审批，通过后会自动建立",
     "Creating this needs the approval \"{process}\"; request it, it is created when approved"},
    {"approval.broken", "审批流程「{process}」的条件已失效，请管理员修改",
     "The condition of the approval process \"{process}\" is invalid; ask an administrator"},
    {"approval.locked", "「{process}」审批中，不能修改{field}",
     "{field} cannot be changed while \"{process}\" is pending"},
    {0}};

const struct module approval_hold_module = {
    .name = "automation.approval_hold", .cloud = "platform", .texts = texts};
