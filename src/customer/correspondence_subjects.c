/* Which records a mail belongs to: see correspondence.h. */
#include "customer/correspondence.h"
#include "customer/lead.h"
#include "customer/person.h"
#include "db/sql.h"
#include "entity/access.h"
#include "organization/actor.h"

enum { PARTIES_MOST = 2 * MAIL_PARTIES + 1, POINTING_MOST = 8 };

void mail_subject_add(struct mail_subjects *s, const struct entity *e, int64_t id) {
    for (size_t i = 0; i < s->n; i++) {
        if (s->items[i].entity == e && s->items[i].id == id) {
            return;
        }
    }
    if (e && id && s->n < CORRESPONDENCE_SUBJECTS) {
        s->items[s->n].entity = e;
        s->items[s->n++].id = id;
    }
}

/* Domains anybody may have an address of: not those of one company. */
static bool domain_public(struct str domain) {
    static const char *const domains[] = {
        "qq.com",       "vip.qq.com", "foxmail.com", "163.com",    "126.com",    "yeah.net",
        "vip.163.com",  "sina.com",   "sina.cn",     "sohu.com",   "aliyun.com", "139.com",
        "189.cn",       "wo.cn",      "21cn.com",    "tom.com",    "gmail.com",  "outlook.com",
        "hotmail.com",  "live.com",   "live.cn",     "icloud.com", "me.com",     "yahoo.com",
        "yahoo.com.cn", "msn.com",    "proton.me",   "gmx.de",     NULL};
    for (const char *const *d = domains; *d; d++) {
        if (str_is(domain, *d)) {
            return true;
        }
    }
    return false;
}

static struct str domain_of(struct str address) {
    ptrdiff_t at = str_find_char(address, '@');
    return at < 0 ? STR("") : str_slice(address, (size_t)at + 1, address.n);
}

static bool is_colleague(struct ctx *c, const struct mailbox *box, struct str address) {
    struct str own = domain_of(box->address);
    return (str_equal(own, domain_of(address)) && !domain_public(own)) ||
           DB_INT(c, "SELECT 1 FROM \"user\" WHERE email = $1 AND deleted_at IS NULL LIMIT 1",
                  address) ||
           DB_INT(c, "SELECT 1 FROM mailbox WHERE address = $1 LIMIT 1", address);
}

/* A record he may see is added; whether it was. */
static bool offer(struct ctx *c, struct mail_subjects *s, const struct entity *e, int64_t id) {
    const struct record *r = e && id ? record_load(c, e, id) : NULL;
    bool seen = r && access_record(c, ACTION_READ, r);
    if (seen) {
        mail_subject_add(s, e, id);
    }
    return seen;
}

/* Records of a type (which may not be in this program) with a field that holds an id; the open
 * ones alone where they have states. */
static size_t pointing(struct ctx *c, const struct entity *e, const char *field, int64_t id,
                       int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    if (!e || !entity_field(e, str_from(field))) {
        return 0;
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE ");
    sql_identifier(&q, str_from(field));
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, id);
    if (entity_field(e, STR("state"))) {
        SQL_ADD(&q, " AND state = 'open'");
    }
    SQL_ADD(&q, " AND deleted_at IS NULL ORDER BY id DESC LIMIT ");
    SQL_VALUE(&q, (int64_t)POINTING_MOST);
    sql_query(c, &rows, &q);
    while (n < POINTING_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

/* The deals of an account that name nobody: a mail of its people belongs to them. */
static void offer_deals_of(struct ctx *c, struct mail_subjects *s, int64_t account_id) {
    const struct entity *e = model_entity(c->model, STR("opportunity"));
    int64_t ids[POINTING_MOST];
    size_t n = pointing(c, e, "account_id", account_id, ids);
    for (size_t i = 0; i < n; i++) {
        const struct record *deal = record_load(c, e, ids[i]);
        if (deal && record_empty(deal, "person_id")) {
            offer(c, s, e, ids[i]);
        }
    }
}

static void person_offer(struct ctx *c, struct mail_subjects *s, int64_t person_id) {
    const struct entity *deal = model_entity(c->model, STR("opportunity"));
    const struct entity *contact = entity_named(c, "contact");
    int64_t ids[POINTING_MOST];
    size_t before = s->n;
    offer(c, s, entity_named(c, "person"), person_id);
    offer(c, s, entity_named(c, "lead"), lead_open_of(c, person_id));
    size_t n = pointing(c, deal, "person_id", person_id, ids);
    for (size_t i = 0; i < n; i++) {
        offer(c, s, deal, ids[i]);
    }
    n = pointing(c, contact, "person_id", person_id, ids);
    for (size_t i = 0; i < n; i++) {
        const struct record *r = record_load(c, contact, ids[i]);
        int64_t account = r && access_record(c, ACTION_READ, r) ? record_id(r, "account_id") : 0;
        if (offer(c, s, entity_named(c, "account"), account)) {
            offer_deals_of(c, s, account);
        }
    }
    s->person_id = s->person_id || s->n == before ? s->person_id : person_id;
}

static size_t parties_of(const struct mail_read *m, struct str *all) {
    size_t n = 0;
    if (m->from.address.n) {
        all[n++] = m->from.address;
    }
    for (size_t i = 0; i < m->n_to; i++) {
        all[n++] = m->to[i].address;
    }
    for (size_t i = 0; i < m->n_cc; i++) {
        all[n++] = m->cc[i].address;
    }
    return n;
}

struct mail_subjects correspondence_subjects(struct ctx *c, const struct mailbox *box,
                                             const struct mail_read *m) {
    struct mail_subjects s = {.outgoing = mailbox_own(c, box, m->from.address)};
    struct str all[PARTIES_MOST];
    size_t n = parties_of(m, all);
    const struct actor *before = c->actor, *user = actor_build(c, c->arena, box->user_id);
    for (size_t i = 0; i < n; i++) {
        if (mailbox_excludes(c, box, all[i])) {
            return s;
        }
    }
    c->actor = user;
    for (size_t i = 0; user && i < n && !ctx_failed(c); i++) {
        int64_t person = person_find_by_email(c, all[i]);
        if (person && !is_colleague(c, box, all[i])) {
            person_offer(c, &s, person);
        }
    }
    c->actor = before;
    return s;
}
