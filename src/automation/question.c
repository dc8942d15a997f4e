/*
 * A question to a colleague about a record: words of the asker in the colleague's inbox, with
 * the way to the record. The notification holds nothing of the record itself, and only
 * who may read the record can be asked.
 */
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "entity/access.h"
#include "entity/record.h"
#include "http/route.h"
#include "organization/actor.h"

enum { WORDS_MOST = 500 };

/* A question about what somebody may not see would only puzzle them. */
static bool may_read(struct ctx *c, int64_t user_id, const struct record *about) {
    const struct actor *asker = c->actor;
    const struct actor *colleague = actor_build(c, c->arena, user_id);
    c->actor = colleague;
    bool may = colleague && access_record(c, ACTION_READ, about);
    c->actor = asker;
    return may;
}

static void question_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    if (!body) {
        return;
    }
    const struct entity *e = model_entity(c->model, json_text(body, "entity"));
    struct str words = str_trim(json_text(body, "text"));
    int64_t colleague = json_id(body, "user_id");
    if (!e || (e->flags & ENTITY_INTERNAL)) {
        FAIL_FIELD(c, STR("/entity"), "role.entity");
    }
    if (!words.n || text_length(words) > WORDS_MOST) {
        FAIL_FIELD(c, STR("/text"), "field.required");
    }
    if (!ctx_failed(c) && !user_active(c, colleague)) {
        FAIL_FIELD(c, STR("/user_id"), "reference.absent");
    }
    const struct record *about = ctx_failed(c) ? NULL : record_read(c, e, json_id(body, "id"));
    if (about && !may_read(c, colleague, about) && !ctx_failed(c)) {
        FAIL_FIELD(c, STR("/user_id"), "question.may_not_read");
    }
    if (about && !ctx_failed(c)) {
        notify(c, &(struct notification){.user_id = colleague,
                                         .code = "notification.question",
                                         .parameters = {{"who", c->actor->name}, {"text", words}},
                                         .subject_type = e->name,
                                         .subject_id = about->id});
    }
}

static const struct route routes[] = {{METHOD_POST, "/api/v1/questions", PERMISSION_SIGNED_IN,
                                       LANE_WRITER, question_post, .summary = "route.question",
                                       .body = "entity:text! id:id! user_id:id! text:text!"},
                                      {0}};

static const struct text texts[] = {
    {"notification.question", "{who}问你：{text}", "{who} asks you: {text}"},
    {"question.may_not_read", "这位同事看不到这条记录，请先共享或换人",
     "This colleague may not see the record: share it first, or ask somebody else"},
    {"route.question", "就一条记录问同事", "Ask a colleague about a record"},
    {0}};

const struct module question_module = {
    .name = "automation.question", .cloud = "platform", .routes = routes, .texts = texts};
