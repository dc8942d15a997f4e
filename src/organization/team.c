/*
 * Teams: people who work together across departments. "Team" rights reach the records of
 * the members of one's teams.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/organization.h"
#include "organization/version.h"

static const struct field_definition team_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"leader_id", FIELD_REFERENCE, FIELD_LISTED, "组长", "Leader", "group.basic", .target = "user"},
    {"region", FIELD_TEXT, FIELD_LISTED, "区域", "Region", "group.basic"},
    {0}};

static const struct field_definition member_fields[] = {
    {"team_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_LISTED | FIELD_IMMUTABLE | FIELD_TITLE,
     "团队", "Team", "group.basic", .target = "team"},
    {"user_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_LISTED | FIELD_IMMUTABLE | FIELD_INDEXED,
     "成员", "Member", "group.basic", .target = "user"},
    {0}};

static void team_wrote(struct ctx *c, const struct change *change) {
    (void)change;
    organization_changed(c);
}

static void team_trash(struct ctx *c, const struct record *record) {
    (void)record;
    organization_changed(c);
}

static const struct entity_definition team_entity = {.name = "team",
                                                     .plural = "teams",
                                                     .zh = "团队",
                                                     .en = "Team",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = team_fields,
                                                     .wrote = team_wrote,
                                                     .trash = team_trash};

static const struct entity_definition member_entity = {
    .name = "team_member",
    .plural = "team_members",
    .zh = "团队成员",
    .en = "Team member",
    .flags = ENTITY_SETTING,
    .fields = member_fields,
    .indexes = (const struct index_definition[]){{"team_id, user_id", .unique = true,
                                                  .where = "deleted_at IS NULL"},
                                                 {0}},
    .wrote = team_wrote,
    .trash = team_trash};

const struct module team_module = {
    .name = "organization.team",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&team_entity, &member_entity, NULL}};
