/*
 * Definitions of record types: the const tables from which the model is built.
 *
 *     static const struct field_definition fields[] = {
 *         {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "名称", "Name", "group.basic"},
 *         {0}};
 *     static const struct entity_definition brand = {
 *         .name = "brand", .plural = "brands", .zh = "品牌", .en = "Brand", .fields = fields};
 */
#ifndef GUANTONG_ENTITY_DEFINITION_H
#define GUANTONG_ENTITY_DEFINITION_H

#include "base/context.h"

enum field_type {
    FIELD_TEXT = 1,  /* one line, TEXT */
    FIELD_LONG_TEXT, /* TEXT */
    FIELD_BOOLEAN,   /* BIGINT 0/1 */
    FIELD_INTEGER,   /* BIGINT */
    FIELD_QUANTITY,  /* BIGINT × 10⁶; JSON decimal string */
    FIELD_MONEY,     /* two columns: name BIGINT minor units, name_currency TEXT */
    FIELD_DATE,      /* TEXT YYYY-MM-DD */
    FIELD_INSTANT,   /* BIGINT ms UTC */
    FIELD_OPTION,    /* TEXT code of one of options */
    FIELD_REFERENCE, /* BIGINT id of a record of target; without a target its type stands in
                      * another field (subject_type for subject_id) */
    FIELD_PHONE,     /* TEXT, 11 digits or E.164 */
    FIELD_EMAIL,     /* TEXT, lower case */
    FIELD_REGION,    /* TEXT, official 省+市 */
    FIELD_URL,       /* TEXT, http or https */
    FIELD_JSON       /* TEXT, a JSON value */
};

enum field_flag {
    FIELD_REQUIRED = 1 << 0,
    FIELD_UNIQUE = 1 << 1,    /* among records not in the trash */
    FIELD_READ_ONLY = 1 << 2, /* written by verbs, not by PATCH */
    FIELD_IMMUTABLE = 1 << 3, /* set at creation only */
    FIELD_TITLE = 1 << 4,     /* what people call the record */
    FIELD_SUBTITLE = 1 << 5,  /* tells namesakes apart in search results */
    FIELD_SEARCHED = 1 << 6,  /* in global search */
    FIELD_LISTED = 1 << 7,    /* a column of the list unless the user chose others */
    FIELD_INDEXED = 1 << 8,
    FIELD_PERSONAL = 1 << 9, /* shown masked to those without the full right */
    FIELD_HIDDEN = 1 << 10,  /* never leaves the server */
    FIELD_CUSTOM = 1 << 11,  /* added by the company */
    FIELD_SYSTEM = 1 << 12,  /* one of enum system_field */
    FIELD_SHARE = 1 << 13,   /* a part of one, which people read and write in percent */
    FIELD_OPENS = 1 << 14,   /* who may read it may read what it refers to, if nobody owns that */
    FIELD_PARENT = 1 << 15   /* who may read it may read what it belongs to, whoever owns that */
};

struct option {
    const char *code, *zh, *en;
    const char *tone; /* "ok" "warn" "bad" "info" "idle", "ring" for an untouched info */
};

struct field_definition {
    const char *name; /* column name; NULL ends a list */
    enum field_type type;
    unsigned flags;
    const char *zh, *en;
    const char *group;            /* text code of the group on the record page */
    const struct option *options; /* FIELD_OPTION; ends with a NULL code */
    const char *target;           /* FIELD_REFERENCE: entity name */
    int max_length;               /* characters; 0: 200 for one line, 20,000 for long text */
    int64_t min, max;     /* as stored (× 10⁶, minor units); both 0: none, of money MONEY_MOST */
    const char *standard; /* value when a new record leaves it out, as text */
};

struct index_definition {
    const char *columns; /* "owner_id, created_at"; NULL ends a list */
    bool unique;
    const char *where; /* "deleted_at IS NULL", or NULL */
};

enum entity_flag {
    ENTITY_OWNED = 1 << 0,
    ENTITY_SEARCHED = 1 << 1, /* in global search */
    ENTITY_TIMELINE = 1 << 2, /* has a timeline; activities and tasks may hang on it */
    ENTITY_INTERNAL = 1 << 3, /* no REST of its own */
    ENTITY_SETTING = 1 << 4,  /* reference data: everyone signed in may read, few may write */
    ENTITY_CUSTOM = 1 << 5,
    ENTITY_APPEND = 1 << 6,   /* no update, no trash through REST */
    ENTITY_WORKED_ON = 1 << 7 /* reference data that people work on as on records (products) */
};

struct change; /* entity/record.h */
struct change_set;
struct record;

struct entity_definition {
    const char *name, *plural, *zh, *en;
    unsigned flags;
    const struct field_definition *fields;
    const struct index_definition *indexes;
    /* SQL for the titles of at most $2 records that name a field ($1, for LIKE) elsewhere than in
     * JSON of reference data. Such a field of the company's own is not taken away. */
    const char *naming;
    /* Before a create or update is written: check, fill, normalise change->after; report
     * through FAIL_FIELD. */
    void (*check)(struct ctx *c, struct change *change);
    /* After it was written, in the same transaction. */
    void (*wrote)(struct ctx *c, const struct change *change);
    /* Before a record goes to the trash: fail to forbid. May be NULL, as all hooks. */
    void (*trash)(struct ctx *c, const struct record *record);
    /* After it came back from the trash. */
    void (*restored)(struct ctx *c, const struct record *record);
    /* References were moved from loser to winner and loser is in the trash; join what else
     * belongs together. Fields it changes in the winner (record_change) are taken back by an
     * unmerge, the rest is not. Rows a unique index kept from moving still point at loser. */
    void (*merged)(struct ctx *c, struct record *winner, const struct record *loser);
    /* Make a change that holds fields people set by a verb (a stage): as the verb does, with the
     * actor's rights. NULL: such fields cannot be set, the others are by record_update. */
    struct record *(*enact)(struct ctx *c, int64_t id, const struct change_set *in);
    /* The merge was taken back: undo what merged did elsewhere. */
    void (*unmerged)(struct ctx *c, struct record *winner, const struct record *loser);
};

#endif
