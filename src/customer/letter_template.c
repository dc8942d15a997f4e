/*
 * Templates of mails from one person to another: texts that salespeople write again and again.
 * {{name}}, {{company_name}} and any other field of the record stand for what it holds, as far as
 * the writer may read it; {{me}} is who writes. (What goes to many is marketing's mail_template.)
 */
#include "base/module.h"
#include "customer/correspondence.h"
#include "customer/customer.h"
#include "entity/definition.h"

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"subject", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED, "主题", "Subject", "group.basic",
     .max_length = 200},
    {"body", FIELD_LONG_TEXT, FIELD_REQUIRED, "正文", "Text", "group.basic", .max_length = 10000},
    {0}};

static const struct entity_definition letter_template_entity = {.name = "letter_template",
                                                                .plural = "letter_templates",
                                                                .zh = "往来邮件模板",
                                                                .en = "Letter template",
                                                                .flags = ENTITY_SETTING,
                                                                .fields = fields};

const struct module letter_template_module = {
    .name = "customer.letter_template",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&letter_template_entity, NULL}};
