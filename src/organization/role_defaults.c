/*
 * The built-in roles and what they may do until the company decides otherwise.
 *
 * Scopes are in the order read, create, update, delete, assign, export, import.
 */
#include "organization/role.h"

const struct builtin_role builtin_roles[] = {
    {"administrator", "系统管理员", "Administrator",
     "settings:manage users:manage audit:read automation:manage import:run "
     "reports:read tokens:manage webhooks:manage duplicates:review marketing:manage "
     "leads:grab pools:manage handover:make sources:manage correspondence:read "
     "records:share"},
    {"director", "总监", "Director", "reports:read audit:read correspondence:read records:share"},
    {"sales_manager", "销售经理", "Sales manager",
     "reports:read import:run automation:manage duplicates:review leads:grab pools:manage "
     "handover:make correspondence:read records:share"},
    {"sales_rep", "销售代表", "Sales representative", "reports:read leads:grab records:share"},
    {"marketer", "市场专员", "Marketer",
     "reports:read import:run automation:manage duplicates:review marketing:manage handover:make "
     "sources:manage records:share"},
    {"content", "品牌与内容", "Brand and content", "reports:read"},
    {"finance", "财务", "Finance", "reports:read"},
    {"legal", "法务", "Legal", ""},
    {"service_agent", "客服", "Service agent", "reports:read records:share"},
    {0}};

const struct role_default role_defaults[] = {{"administrator", "*", "aaaaaaa"},

                                             {"director", "*", "annnnnn"},
                                             {"director", "lead", "aaanaan"},
                                             {"director", "account", "aaanaan"},
                                             {"director", "opportunity", "aaanaan"},
                                             {"director", "activity", "aaonnan"},
                                             {"director", "task", "aaoonnn"},
                                             {"director", "saved_view", "aaoonnn"},
                                             {"director", "target", "aaaanaa"},
                                             {"director", "forecast_adjustment", "aaaanaa"},
                                             {"director", "script", "aaaannn"},

                                             {"sales_manager", "lead", "dadddda"},
                                             {"sales_manager", "person", "dadddda"},
                                             {"sales_manager", "account", "dadddda"},
                                             {"sales_manager", "contact", "dadddda"},
                                             {"sales_manager", "opportunity", "dadddda"},
                                             {"sales_manager", "activity", "dadddda"},
                                             {"sales_manager", "task", "dadddda"},
                                             {"sales_manager", "touch", "dnnnndn"},
                                             {"sales_manager", "handover", "dnnnndn"},
                                             {"sales_manager", "lead_pool", "aaaannn"},
                                             {"sales_manager", "assignment_rule", "aaaannn"},
                                             {"sales_manager", "user_leave", "aaaannn"},
                                             {"sales_manager", "handover_reason", "aaaannn"},
                                             {"sales_manager", "saved_view", "oaoonnn"},
                                             {"sales_manager", "tag", "aaaannn"},
                                             {"sales_manager", "target", "dadddda"},
                                             {"sales_manager", "forecast_adjustment", "dadddda"},
                                             {"sales_manager", "segment", "aaaannn"},
                                             {"sales_manager", "script", "aaaannn"},
                                             {"sales_manager", "letter_template", "aaaannn"},

                                             {"sales_rep", "lead", "oaonnnn"},
                                             {"sales_rep", "person", "oaonnnn"},
                                             {"sales_rep", "account", "oaonnnn"},
                                             {"sales_rep", "contact", "oaoonnn"},
                                             {"sales_rep", "opportunity", "oaonnnn"},
                                             {"sales_rep", "activity", "oaoonnn"},
                                             {"sales_rep", "task", "oaoonnn"},
                                             {"sales_rep", "touch", "onnnnnn"},
                                             {"sales_rep", "handover", "onnnnnn"},
                                             {"sales_rep", "saved_view", "oaoonnn"},
                                             {"sales_rep", "target", "onnnnnn"},
                                             {"sales_rep", "script", "aaoonnn"},

                                             {"marketer", "lead", "aaaonaa"},
                                             {"marketer", "person", "aaaonaa"},
                                             {"marketer", "account", "annnnnn"},
                                             {"marketer", "contact", "annnnnn"},
                                             {"marketer", "opportunity", "annnnnn"},
                                             {"marketer", "activity", "aaoonnn"},
                                             {"marketer", "touch", "annnnan"},
                                             {"marketer", "form", "aaaanan"},
                                             {"marketer", "campaign", "aaaaaaa"},
                                             {"marketer", "cost", "aaaanaa"},
                                             {"marketer", "handover", "annnnan"},
                                             {"marketer", "handover_reason", "aaaannn"},
                                             {"marketer", "task", "oaoonnn"},
                                             {"marketer", "saved_view", "oaoonnn"},
                                             {"marketer", "tag", "aaaannn"},
                                             {"marketer", "score_card", "aaaannn"},
                                             {"marketer", "segment", "aaaannn"},
                                             {"marketer", "mail_template", "aaaannn"},
                                             {"marketer", "mailing", "aaaannn"},
                                             {"marketer", "letter_template", "aaaannn"},
                                             {"marketer", "journey", "aaaannn"},
                                             {"marketer", "script", "annnnnn"},

                                             {"content", "lead", "nnnnnnn"},
                                             {"content", "campaign", "annnnnn"},
                                             {"content", "task", "oaoonnn"},
                                             {"content", "saved_view", "oaoonnn"},
                                             {"content", "script", "aaaannn"},

                                             {"finance", "account", "ananann"},
                                             {"finance", "contact", "annnnnn"},
                                             {"finance", "opportunity", "annnnan"},
                                             {"finance", "task", "oaoonnn"},
                                             {"finance", "saved_view", "oaoonnn"},
                                             {"finance", "target", "annnnnn"},
                                             {"finance", "campaign", "annnnnn"},
                                             {"finance", "cost", "aaaanaa"},

                                             {"legal", "account", "annnnnn"},
                                             {"legal", "opportunity", "annnnnn"},
                                             {"legal", "task", "oaoonnn"},
                                             {"legal", "saved_view", "oaoonnn"},

                                             {"service_agent", "account", "annnnnn"},
                                             {"service_agent", "contact", "aaannnn"},
                                             {"service_agent", "person", "aaannnn"},
                                             {"service_agent", "lead", "annnnnn"},
                                             {"service_agent", "opportunity", "annnnnn"},
                                             {"service_agent", "activity", "aaoonnn"},
                                             {"service_agent", "task", "oaoonnn"},
                                             {"service_agent", "saved_view", "oaoonnn"},
                                             {"service_agent", "script", "annnnnn"},
                                             {0}};

const struct role_field_default role_field_defaults[] = {
    {"administrator", "*", "*", 'w'},
    {"director", "*", "*", 'w'},
    {"sales_manager", "*", "*", 'w'},
    {"sales_rep", "*", "*", 'w'},
    {"marketer", "person", "birthday", 'r'}, /* segments ask for ages */
    {"service_agent", "person", "phone", 'r'},
    {"service_agent", "person", "email", 'r'},
    {"finance", "opportunity", "competitor", 'n'},
    {0}};
