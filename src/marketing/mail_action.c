/*
 * The action "send a mail": to the person a record is about, by a rule or a journey's step.
 */
#include "automation/action.h"
#include "base/message.h"
#include "base/module.h"
#include "marketing/mail.h"
#include "marketing/marketing.h"

/* The record itself, or whom it names. */
static int64_t person_of(const struct record *r) {
    return str_is(r->entity->name, "person")           ? r->id
           : entity_field(r->entity, STR("person_id")) ? record_id(r, "person_id")
                                                       : 0;
}

/* A rule's mail is one for its event and person. */
static struct str key_of(struct ctx *c, const struct action_call *call, int64_t person_id) {
    return call->key.n
               ? call->key
               : str_format(c->arena, "automation:%lld:%lld:%lld", (long long)call->rule_id,
                            (long long)(call->event ? call->event->id : 0), (long long)person_id);
}

static void send(struct ctx *c, const struct action_call *call) {
    int64_t person = person_of(call->record);
    if (!person) {
        FAIL(c, ERROR_INVALID, "mail.nobody");
        return;
    }
    mail_send(c, &(struct mail_request){.key = key_of(c, call, person),
                                        .template_id = json_id(call->parameters, "template_id"),
                                        .person_id = person,
                                        .source = call->key.n ? STR("journey") : STR("automation"),
                                        .source_id = call->rule_id,
                                        .step = call->step});
}

static const struct action_kind send_mail_action = {
    .name = "send_mail",
    .zh = "发邮件",
    .en = "Send a mail",
    .parameters = (const struct action_parameter[]){{"template_id", "mail_template", true,
                                                     "邮件模板", "Mail template"},
                                                    {0}},
    .run = send};

static const struct text texts[] = {
    {"mail.nobody", "这条记录没有对应的人", "This record is about no person"}, {0}};

const struct module mail_action_module = {
    .name = "marketing.mail_action",
    .cloud = "marketing",
    .actions = (const struct action_kind *const[]){&send_mail_action, NULL},
    .texts = texts};
