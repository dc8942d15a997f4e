/*
 * A row of leads, through the door all leads come in by: lead_take_in cleans, refuses and joins
 * what is known.
 */
#include "base/company.h"
#include "customer/lead.h"
#include "data/import_parts.h"
#include "data/import_told.h"

int64_t import_lead_time(const struct import_plan *plan, size_t column,
                         const struct table_row *row) {
    struct str cell = import_text(plan, column, table_cell(row, column));
    struct date_read read;
    return cell.n && date_read(cell, import_date_order(plan, column), &read)
               ? date_read_instant(&read, plan->zone)
               : 0;
}

/* A row on its way to being an intake. */
struct lead_reading {
    struct import_plan *plan;
    const struct table_row *row;
    struct lead_intake in;
    struct change_set more;
};

void import_lead_text(struct arena *a, const struct import_plan *plan, size_t column,
                      const struct table_row *row, struct lead_intake *in) {
    const struct field *f = plan->columns[column].field;
    struct str *text = f ? lead_intake_text(in, f->name) : NULL;
    struct str more = import_text(plan, column, table_cell(row, column));
    if (!text || !more.n) {
        return;
    }
    *text = import_joined(a, &plan->columns[column], *text, more);
}

void import_lead_left_empty(struct ctx *c, struct import_plan *plan, const struct lead_intake *in,
                            const struct lead_clean *clean) {
    const struct {
        const char *pointer, *text;
        struct str told, kept;
    } texts[] = {{"/phone", "import.no_phone", in->phone, clean->phone},
                 {"/email", "import.no_email", in->email, clean->email},
                 {"/region", "import.no_region", in->region, clean->region}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct str told = text_trim(texts[i].told);
        if (!texts[i].kept.n && !name_is_blank(told)) {
            import_remark(c, plan,
                          &(struct field_error){.pointer = str_from(texts[i].pointer),
                                                .text = texts[i].text,
                                                .parameters = {{"value", told}}});
        }
    }
}

/* The texts of an intake as they are, its people and times, and any other field by its type. */
static void lead_column(struct ctx *c, struct lead_reading *r, size_t column) {
    const struct field *f = r->plan->columns[column].field;
    struct str cell = table_cell(r->row, column);
    if (lead_intake_text(&r->in, f->name)) {
        import_lead_text(c->arena, r->plan, column, r->row, &r->in);
    } else if (str_is(f->name, "created_at")) {
        r->in.created_at = import_lead_time(r->plan, column, r->row);
    } else if (str_is(f->name, "created_by")) {
        r->in.author = import_text(r->plan, column, cell);
        r->in.created_by = import_value(c, r->plan, column, cell).integer;
    } else if (str_is(f->name, "owner_id")) {
        r->in.owner_id = import_value(c, r->plan, column, cell).integer;
    } else {
        struct value v = import_value(c, r->plan, column, cell);
        if (v.kind != VALUE_NULL) {
            change_value(&r->more, f, v);
        }
    }
}

/* What else than values came of it: records on the way, merges, and what to look at. */
static void lead_made(struct ctx *c, struct import_plan *plan, const struct intake_result *result) {
    const struct entity *person = entity_named(c, "person");
    import_row_made(plan, person, result->person_created ? result->person_id : 0);
    import_row_made(plan, plan->entity, result->verdict == INTAKE_CREATED ? result->lead_id : 0);
    import_row_made(plan, entity_named(c, "touch"), result->touch_id);
    if (result->merged_person_id) {
        plan->merged[plan->n_merged++] = (struct import_made){person, result->merged_person_id};
    }
    if (result->merged_lead_id) {
        plan->merged[plan->n_merged++] = (struct import_made){plan->entity, result->merged_lead_id};
    }
    if (result->review) {
        struct field_error what = {.pointer = STR("/phone"), .text = result->review};
        what.parameters[0] = result->review_names[0];
        what.parameters[1] = result->review_names[1];
        import_remark(c, plan, &what);
    }
}

/* Whose inquiry, when and from where. */
static struct str moment_of(struct arena *a, const struct lead_intake *in) {
    struct str phone = str_trim(in->phone), email = str_trim(in->email);
    return str_format(a, "%.*s\x1F%.*s\x1F%lld\x1F%.*s", STR_ARG(phone), STR_ARG(email),
                      (long long)in->created_at, STR_ARG(in->source));
}

enum import_verdict import_lead_row(struct ctx *c, struct import_plan *plan,
                                    const struct table_row *row, int64_t *id) {
    struct lead_reading r = {plan, row, {.payload = STR("{}")}, change_new(c, plan->entity)};
    struct lead_intake *in = &r.in;
    in->more = &r.more;
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->columns[i].field) {
            lead_column(c, &r, i);
        }
    }
    if (in->created_at) {
        in->telling = import_told_number(plan->told, moment_of(c->arena, in), row);
    }
    in->owner = plan->unknown_owner;
    if (!in->owner_id && !in->owner.n) {
        in->owner_id = in->created_by ? in->created_by : plan->author_id;
    }
    struct intake_result result = lead_take_in(c, in);
    *id = result.lead_id;
    if (result.verdict == INTAKE_TOUCHED || result.verdict == INTAKE_KNOWN) {
        plan->remarks = (struct error){0}; /* the lead that is there has its owner */
    }
    if (result.verdict == INTAKE_CREATED) {
        import_lead_left_empty(c, plan, in, &result.clean);
    }
    lead_made(c, plan, &result);
    return result.verdict == INTAKE_CREATED   ? IMPORT_CREATE
           : result.verdict == INTAKE_REFUSED ? IMPORT_REFUSE
                                              : IMPORT_MERGE;
}
