/*
 * Placeholders of scripts: {{name}}, {{company}}, {{product}} … filled from a lead, a deal or an
 * account and what these refer to, as far as the actor may read it.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/text.h"
#include "entity/access.h"
#include "entity/money.h"
#include "organization/company.h"
#include "sales/script.h"

struct filling {
    struct ctx *c;
    const struct record *record;
};

/* The field's text; empty when the actor may not read it in full. */
static struct str field_text(struct ctx *c, const struct record *r, const char *name) {
    const struct field *f = r ? entity_field(r->entity, str_from(name)) : NULL;
    if (!f || record_empty(r, name) || access_field(c->actor, r->entity, f) < RIGHT_READ) {
        return STR("");
    }
    return value_to_text(c, f, r->values[f->position]);
}

/* What a reference names, if the actor may read that. */
static const struct record *referred(struct ctx *c, const struct record *r, const char *name) {
    const struct field *f = entity_field(r->entity, str_from(name));
    if (!f || !f->target || record_empty(r, name) ||
        access_field(c->actor, r->entity, f) < RIGHT_READ) {
        return NULL;
    }
    const struct record *other = record_load(c, f->target, record_id(r, name));
    return other && access_record(c, ACTION_READ, other) ? other : NULL;
}

static bool is_a(const struct filling *f, const char *entity) {
    return str_is(f->record->entity->name, entity);
}

static struct str name_of(const struct filling *f) {
    return is_a(f, "lead") ? field_text(f->c, f->record, "name")
                           : field_text(f->c, referred(f->c, f->record, "person_id"), "name");
}

static struct str company_of(const struct filling *f) {
    return is_a(f, "lead")      ? field_text(f->c, f->record, "company_name")
           : is_a(f, "account") ? field_text(f->c, f->record, "name")
                                : field_text(f->c, referred(f->c, f->record, "account_id"), "name");
}

static struct str product_of(const struct filling *f) {
    return is_a(f, "lead") ? field_text(f->c, f->record, "product_interest")
                           : field_text(f->c, referred(f->c, f->record, "product_id"), "name");
}

static struct str me_of(const struct filling *f) {
    return f->c->actor->name;
}

static struct str our_company_of(const struct filling *f) {
    return company_text(f->c, "name");
}

static struct str amount_of(const struct filling *f) {
    return field_text(f->c, f->record, "amount");
}

static struct str date_of(const struct filling *f) {
    return field_text(f->c, f->record, "expected_close_date");
}

static struct str competitor_of(const struct filling *f) {
    return field_text(f->c, f->record, "competitor");
}

static struct str city_of(const struct filling *f) {
    return is_a(f, "opportunity")
               ? field_text(f->c, referred(f->c, f->record, "account_id"), "region")
               : field_text(f->c, f->record, "region");
}

static const struct {
    const char *word, *zh, *en;
    struct str (*value)(const struct filling *f);
} words[] = {{"name", "称呼", "name", name_of},
             {"company", "客户公司", "company", company_of},
             {"product", "产品", "product", product_of},
             {"me", "我的姓名", "my name", me_of},
             {"our_company", "我们公司", "our company", our_company_of},
             {"amount", "金额", "amount", amount_of},
             {"date", "日期", "date", date_of},
             {"competitor", "对手", "competitor", competitor_of},
             {"city", "城市", "city", city_of}};

/* Unknown words are shown as they are, in brackets, so that an editor sees his mistake. */
static void put_word(const struct filling *f, struct text_buffer *out, struct str word,
                     int *missing) {
    struct str label = word, value = STR("");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_is(word, words[i].word)) {
            label = str_from(f->c->language == LANGUAGE_EN ? words[i].en : words[i].zh);
            value = words[i].value(f);
        }
    }
    if (value.n) {
        text_add(out, value);
        return;
    }
    text_add_format(out, "【%.*s】", STR_ARG(label));
    ++*missing;
}

struct str script_fill(struct ctx *c, struct str content, const struct record *record,
                       int *missing) {
    struct filling f = {c, record};
    struct text_buffer out = {.arena = c->arena};
    *missing = 0;
    while (content.n) {
        ptrdiff_t open = str_find(content, STR("{{"));
        struct str rest = open < 0 ? STR("") : str_slice(content, (size_t)open + 2, content.n);
        ptrdiff_t close = open < 0 ? -1 : str_find(rest, STR("}}"));
        if (close < 0) {
            text_add(&out, content);
            break;
        }
        text_add(&out, str_slice(content, 0, (size_t)open));
        put_word(&f, &out, str_trim(str_slice(rest, 0, (size_t)close)), missing);
        content = str_slice(rest, (size_t)close + 2, rest.n);
    }
    return text_str(&out);
}
