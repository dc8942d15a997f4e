#include "customer/likeness.h"

#include <stdlib.h>

#include "base/company.h"
#include "base/text.h"
#include "db/sql.h"

enum { DRAWN_MOST = 200000 };

/* How a field's value is made comparable, or cut down to a part of a key. */
enum part {
    WHOLE,
    FIRST_ONE,  /* characters */
    FIRST_FOUR, /* of the company key */
    AFTER_TWO,  /* of the company key: without the town in front */
    LAST_EIGHT, /* digits */
    FIRST_EIGHT,
    SOUND,   /* pinyin */
    ACCOUNT, /* of a mail address, before the @ */
    HOST     /* of a web address */
};

struct likeness_key {
    int first;
    enum part first_part;
    int second; /* -1: the first alone */
    enum part second_part;
};

enum { NAME, PHONE, EMAIL, EMPLOYER, WECHAT, BIRTHDAY, REGION, PERSON_FIELDS };

static const struct linkage_field person_fields[PERSON_FIELDS] = {
    [NAME] = {"name", LINKAGE_TEXT, NAME},
    [PHONE] = {"phone", LINKAGE_NUMBER, PHONE},
    [EMAIL] = {"email", LINKAGE_TEXT, EMAIL},
    [EMPLOYER] = {"company_name", LINKAGE_TEXT, EMPLOYER},
    [WECHAT] = {"wechat", LINKAGE_EXACT, WECHAT},
    [BIRTHDAY] = {"birthday", LINKAGE_NUMBER, BIRTHDAY},
    [REGION] = {"region", LINKAGE_EXACT, REGION},
};

static const struct likeness_key person_keys[] = {
    {PHONE, WHOLE, -1, WHOLE},
    {PHONE, LAST_EIGHT, -1, WHOLE},
    {PHONE, FIRST_EIGHT, NAME, FIRST_ONE},
    {EMAIL, ACCOUNT, -1, WHOLE},
    {WECHAT, WHOLE, -1, WHOLE},
    {NAME, WHOLE, EMPLOYER, FIRST_FOUR},
    {NAME, SOUND, EMPLOYER, FIRST_FOUR},
    {NAME, WHOLE, EMPLOYER, AFTER_TWO},
    {NAME, WHOLE, BIRTHDAY, WHOLE},
    {NAME, WHOLE, REGION, WHOLE},
    {EMPLOYER, WHOLE, NAME, FIRST_ONE},
};

enum { TITLE, LINE, SITE, CODE, PLACE, STREET, ACCOUNT_FIELDS };

static const struct linkage_field account_fields[ACCOUNT_FIELDS] = {
    [TITLE] = {"name", LINKAGE_TEXT, TITLE},    [LINE] = {"phone", LINKAGE_NUMBER, LINE},
    [SITE] = {"website", LINKAGE_TEXT, SITE},   [CODE] = {"credit_code", LINKAGE_NUMBER, CODE},
    [PLACE] = {"region", LINKAGE_EXACT, PLACE}, [STREET] = {"address", LINKAGE_TEXT, STREET},
};

static const struct likeness_key account_keys[] = {
    {TITLE, WHOLE, -1, WHOLE}, {TITLE, FIRST_FOUR, -1, WHOLE}, {TITLE, AFTER_TWO, -1, WHOLE},
    {TITLE, SOUND, -1, WHOLE}, {LINE, WHOLE, -1, WHOLE},       {SITE, HOST, -1, WHOLE},
    {CODE, WHOLE, -1, WHOLE},  {CODE, LAST_EIGHT, -1, WHOLE},
};

static const struct likeness_kind person_kind = {"person",
                                                 {person_fields, PERSON_FIELDS},
                                                 person_keys,
                                                 sizeof person_keys / sizeof *person_keys};
static const struct likeness_kind account_kind = {"account",
                                                  {account_fields, ACCOUNT_FIELDS},
                                                  account_keys,
                                                  sizeof account_keys / sizeof *account_keys};

const struct likeness_kind *const likeness_kinds[] = {&person_kind, &account_kind, NULL};

const struct likeness_kind *likeness_kind_of(struct str entity) {
    for (const struct likeness_kind *const *k = likeness_kinds; *k; k++) {
        if (str_is(entity, (*k)->entity)) {
            return *k;
        }
    }
    return NULL;
}

/* The records read, and their values as they are compared. */
struct subjects {
    struct ctx *c;
    const struct likeness_kind *kind;
    int64_t *ids;
    struct str *values; /* schema.n of each */
    uint32_t n;
};

static const struct str *values_of(const struct subjects *s, uint32_t i) {
    return s->values + (size_t)i * (size_t)s->kind->schema.n;
}

/* "www.example.cn" of "https://www.example.cn/about". */
static struct str host_of(struct str url) {
    ptrdiff_t at = str_find(url, STR("://"));
    url = at >= 0 ? str_slice(url, (size_t)at + 3, url.n) : url;
    at = str_find_char(url, '/');
    return at >= 0 ? str_slice(url, 0, (size_t)at) : url;
}

static struct str account_of(struct str email) {
    ptrdiff_t at = str_find_char(email, '@');
    return at >= 0 ? str_slice(email, 0, (size_t)at) : email;
}

/* What follows the first two characters, when that is a name still. */
static struct str after_two(struct str key) {
    struct str town = text_truncate(key, 2), rest = str_slice(key, town.n, key.n);
    return text_length(rest) >= 3 ? rest : STR("");
}

static struct str part_of(struct arena *a, struct str value, enum part part) {
    switch (part) {
    case FIRST_ONE:
        return text_truncate(value, 1);
    case FIRST_FOUR:
        return text_truncate(value, 4);
    case AFTER_TWO:
        return after_two(value);
    case LAST_EIGHT:
        return value.n > 8 ? str_slice(value, value.n - 8, value.n) : STR("");
    case FIRST_EIGHT:
        return value.n > 8 ? str_slice(value, 0, 8) : STR("");
    case SOUND:
        return text_pinyin(a, value).full;
    case ACCOUNT:
        return account_of(value);
    case HOST:
        return host_of(value);
    default:
        return value;
    }
}

/* Each Chinese character with its sound behind it, so that names that only sound alike, as one
 * writes them down on the phone, are nearly equal: 思源 and 思远 are "思si源yuan" and "思si远yuan". */
static struct str sounded(struct arena *a, struct str name) {
    struct text_buffer out = {.arena = a};
    struct str rest = text_search_key(a, name), before = rest;
    uint32_t character;
    while (text_next(&rest, &character)) {
        struct str letter = str_slice(before, 0, before.n - rest.n);
        text_add(&out, letter);
        text_add(&out, letter.n > 1 ? text_pinyin(a, letter).full : STR(""));
        before = rest;
    }
    return text_str(&out);
}

/* Companies without their legal form, people with their sound, all without regard to case. */
static struct str comparable(struct arena *a, const struct likeness_kind *kind, int field,
                             struct str text) {
    if (field == (kind == &account_kind ? TITLE : EMPLOYER)) {
        return company_key(a, text);
    }
    return kind == &person_kind && field == NAME ? sounded(a, text) : text_search_key(a, text);
}

static int64_t records_there(struct subjects *s) {
    struct sql q = sql_new(s->c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_identifier(&q, entity_named(s->c, s->kind->entity)->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL LIMIT ");
    sql_number(&q, LIKENESS_RECORDS);
    SQL_ADD(&q, ") x");
    return sql_int(s->c, &q);
}

struct sql likeness_select(struct ctx *c, const struct likeness_kind *kind) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id");
    for (int i = 0; i < kind->schema.n; i++) {
        SQL_ADD(&q, ", COALESCE(");
        sql_identifier(&q, str_from(kind->schema.fields[i].name));
        SQL_ADD(&q, ", '')");
    }
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, entity_named(c, kind->entity)->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL");
    return q;
}

void likeness_values(struct arena *a, const struct likeness_kind *kind, const struct db_rows *rows,
                     struct str *values) {
    for (int i = 0; i < kind->schema.n; i++) {
        struct str text = db_view(rows, i + 1);
        values[i] = text.n ? str_copy(a, comparable(a, kind, i, text)) : STR("");
    }
}

size_t likeness_keys(struct arena *a, const struct likeness_kind *kind, linkage_record values,
                     uint64_t *keys) {
    size_t n = 0;
    for (size_t k = 0; k < kind->n_keys; k++) {
        const struct likeness_key *key = &kind->keys[k];
        struct arena_mark mark = arena_mark(a);
        struct str first = part_of(a, values[key->first], key->first_part);
        struct str second = key->second < 0 ? STR("-")
                                            : part_of(a, values[key->second], key->second_part);
        if (first.n && second.n) {
            keys[n++] = linkage_hash((int)k, first, second);
        }
        arena_reset(a, mark);
    }
    return n;
}

static void subjects_read(struct subjects *s) {
    struct arena *a = s->c->arena;
    struct db_rows rows;
    struct sql q = likeness_select(s->c, s->kind);
    size_t fields = (size_t)s->kind->schema.n;
    size_t most = (size_t)records_there(s);
    s->ids = ARENA_NEW_ARRAY(a, most + 1, int64_t);
    s->values = ARENA_NEW_ARRAY(a, (most + 1) * fields, struct str);
    SQL_ADD(&q, " ORDER BY id DESC LIMIT ");
    sql_number(&q, (int64_t)most);
    sql_query(s->c, &rows, &q);
    while (db_next(&rows)) {
        likeness_values(a, s->kind, &rows, s->values + s->n * fields);
        s->ids[s->n++] = db_int(&rows, 0);
    }
}

static struct linkage_pairs candidates(const struct subjects *s) {
    struct arena *a = s->c->arena;
    size_t n = 0, most = (size_t)s->n * s->kind->n_keys;
    struct linkage_key *keys = ARENA_NEW_ARRAY(a, most + 1, struct linkage_key);
    for (uint32_t i = 0; i < s->n; i++) {
        uint64_t own[LIKENESS_KEYS];
        size_t n_own = likeness_keys(a, s->kind, values_of(s, i), own);
        for (size_t k = 0; k < n_own; k++) {
            keys[n++] = (struct linkage_key){own[k], i};
        }
    }
    return linkage_candidates(a, keys, n);
}

static int likelier(const void *x, const void *y) {
    const struct likeness_pair *p = x, *q = y;
    int order = (p->probability < q->probability) - (p->probability > q->probability);
    return order ? order : (p->a > q->a) - (p->a < q->a);
}

static struct linkage_levels *compare_all(const struct subjects *s, struct linkage_pairs pairs) {
    struct linkage_levels *levels = ARENA_NEW_ARRAY(s->c->arena, pairs.n + 1,
                                                    struct linkage_levels);
    for (size_t i = 0; i < pairs.n; i++) {
        levels[i] = linkage_compare(&s->kind->schema, values_of(s, pairs.items[i].a),
                                    values_of(s, pairs.items[i].b));
    }
    return levels;
}

/* As many pairs as there are, or DRAWN_MOST; the same each time. */
static struct linkage_pairs drawn(const struct subjects *s) {
    uint64_t state = 1, all = (uint64_t)s->n * (s->n - 1) / 2;
    struct linkage_pairs pairs = {.n = s->n < 2 ? 0 : all < DRAWN_MOST ? (size_t)all : DRAWN_MOST};
    pairs.items = ARENA_NEW_ARRAY(s->c->arena, pairs.n + 1, struct linkage_pair);
    for (size_t i = 0; i < pairs.n; i++) {
        pairs.items[i] = linkage_draw(&state, s->n);
    }
    return pairs;
}

static int by_hash(const void *x, const void *y) {
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static uint64_t hash_of(const struct subjects *s, uint32_t record, int field) {
    struct str value = values_of(s, record)[field];
    return value.n ? linkage_hash(field, value, STR("")) >> 1 : 0;
}

/* Where the first of n sorted hashes stands that is not below this one. */
static size_t place_of(const uint64_t *sorted, size_t n, uint64_t hash) {
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        bool below = sorted[low + half] < hash;
        low += below ? half + 1 : 0;
        n = below ? n - half - 1 : half;
    }
    return low;
}

static size_t hashes_equal(const uint64_t *sorted, size_t n, uint64_t hash) {
    return place_of(sorted, n, hash + 1) - place_of(sorted, n, hash);
}

/* What the values that each pair agrees on add for being rare. */
static double *rarities(const struct subjects *s, const struct linkage_model *model,
                        struct linkage_pairs pairs, const struct linkage_levels *levels) {
    struct arena *a = s->c->arena;
    double *out = ARENA_NEW_ARRAY(a, pairs.n + 1, double);
    uint64_t *sorted = ARENA_NEW_ARRAY(a, s->n + 1, uint64_t);
    for (int f = 0; f < s->kind->schema.n; f++) {
        for (uint32_t i = 0; i < s->n; i++) {
            sorted[i] = hash_of(s, i, f);
        }
        qsort(sorted, s->n, sizeof *sorted, by_hash);
        for (size_t i = 0; i < pairs.n; i++) {
            size_t n = hashes_equal(sorted, s->n, hash_of(s, pairs.items[i].a, f));
            out[i] += linkage_rarity(&s->kind->schema, model, f, levels[i],
                                     (struct linkage_frequency){n, s->n});
        }
    }
    return out;
}

struct likeness_search likeness_find(struct ctx *c, const struct likeness_kind *kind) {
    struct subjects s = {.c = c, .kind = kind};
    struct likeness_search found = {0};
    subjects_read(&s);
    if (ctx_failed(c)) {
        return found;
    }
    struct linkage_pairs alike = candidates(&s), any = drawn(&s);
    struct linkage_levels *levels = compare_all(&s, alike);
    struct linkage_evidence evidence = {s.n, levels, alike.n, compare_all(&s, any), any.n};
    found.model = linkage_fit(c->arena, &kind->schema, &evidence);
    double *rarity = rarities(&s, &found.model, alike, levels);
    linkage_settle(&kind->schema, &found.model, &evidence, rarity);
    found.pairs = ARENA_NEW_ARRAY(c->arena, alike.n + 1, struct likeness_pair);
    found.records = s.n;
    found.compared = (int64_t)alike.n;
    found.skipped = (int64_t)alike.skipped;
    found.all = s.n < LIKENESS_RECORDS;
    for (size_t i = 0; i < alike.n; i++) {
        double probability = linkage_probability(&kind->schema, &found.model, levels[i], rarity[i]);
        int64_t a = s.ids[alike.items[i].a], b = s.ids[alike.items[i].b];
        if (probability > 0.5) {
            found.pairs[found.n++] = (struct likeness_pair){a < b ? a : b, a < b ? b : a,
                                                            probability, rarity[i], levels[i]};
        }
    }
    qsort(found.pairs, found.n, sizeof *found.pairs, likelier);
    return found;
}
