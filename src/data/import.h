/*
 * Imports: a spreadsheet becomes records, watched over by a person.
 *
 * A job goes from uploaded (columns guessed) over previewed (every row judged, nothing
 * written) to running, done, and perhaps undone. A plan says for each column which field it
 * fills and by which rules: values that stand for something else ("GTXPro" is "GTX Pro"),
 * values that mean unknown (-1), a currency, a scale, whether what is missing is created.
 *
 * Rows run in chunks through the writer, each row in a savepoint of its own; how far a job
 * came is written with the rows, so that after a crash it goes on where it was. Everything is of
 * origin import: rules, mail and notifications do not follow. Original author and time are kept.
 */
#ifndef GUANTONG_DATA_IMPORT_H
#define GUANTONG_DATA_IMPORT_H

#include "base/date_loose.h"
#include "base/json.h"
#include "data/import_cache.h"
#include "data/table_reader.h"
#include "entity/record.h"

enum { IMPORT_COLUMNS = 100, IMPORT_ERRORS = 4 };

/* Whose a record becomes when the file names an owner the company does not know. */
enum unknown_owner { UNKNOWN_OWNER_IMPORTER, UNKNOWN_OWNER_NOBODY, UNKNOWN_OWNER_REFUSE };

/* Which part of a name a column holds; parts fill one field together. */
enum name_part { WHOLE_NAME, GIVEN_NAME, FAMILY_NAME };

/* By what a column of activities and tasks names the record they are about. */
enum subject_by {
    SUBJECT_ANY, /* a name, number or mail of a record of whatever type */
    SUBJECT_ACCOUNT,
    SUBJECT_PERSON,
    SUBJECT_OPPORTUNITY,
    SUBJECT_LEAD,
    SUBJECT_PHONE,
    SUBJECT_EMAIL,
    SUBJECT_EXTERNAL_ID,
    SUBJECT_BYS
};

struct import_column {
    struct str header;
    enum name_part part;
    enum subject_by by;         /* of subject_id */
    const struct field *field;  /* NULL: left out */
    struct str currency;        /* of money; the company's when empty */
    int64_t scale;              /* numbers are multiplied by it; 1 */
    const struct json *replace; /* {"GTXPro":"GTX Pro","-1":null,"张伟":{"id":"7"}}, or NULL */
    bool tags;                  /* of tags, several in a cell; the field is NULL */
    bool create_missing;        /* of references: create what is not found by its title */
    bool day_first;             /* of dates: 03/05/2026 is the third of May */
    enum unknown_owner unknown_owner; /* of the owner */
};

/* A reference to a record that the same file may bring later. */
struct import_link {
    const struct field *field;
    struct str title;
};

/* A record that came to be, or was merged into another, on the way of a row. */
struct import_made {
    const struct entity *entity;
    int64_t id;
};

enum { IMPORT_LINKS = 4, IMPORT_TAGS = 20, IMPORT_MADE = IMPORT_COLUMNS + 4 };

struct import_plan {
    const struct entity *entity;
    struct import_column columns[IMPORT_COLUMNS];
    size_t n;
    struct import_cache *cache;             /* titles found so far */
    struct import_link links[IMPORT_LINKS]; /* of the row just written */
    size_t n_links;
    struct import_made made[IMPORT_MADE], merged[2]; /* by that row */
    size_t n_made, n_merged;
    int64_t tagged[IMPORT_TAGS]; /* tags that row put on its record */
    size_t n_tagged;
    struct import_made completed; /* the record that was there and was met by that row */
    bool alike;                   /* and is one of several that nothing tells apart */
    bool namesakes;               /* that row's own name does not say which record is meant */
    bool trial;                   /* a preview: nothing is made */
    int64_t job_id;               /* whose rows they are */
    struct import_cache *met;     /* in a preview: deals that earlier rows were about */
    struct import_told *told;     /* while it runs: what earlier rows told of leads */
    struct error remarks;         /* field errors that do not refuse the row just written */
    struct str unknown_owner;     /* as that row names him; empty when he is known */
    const struct zone *zone;      /* the company's, in the plan of a job */
    int64_t author_id;            /* who imports: owner and author where the file names none */
    bool careful; /* rows are written behind savepoints, as one was refused half-written */
};

/* Field a header means, or NULL: by the field's names, then by common synonyms. */
const struct field *import_guess(struct ctx *c, const struct entity *e, struct str header);

/* Whether several columns of a file may fill the field together: a mobile beside a landline, a city
 * beside its province, notes beside what was asked. */
bool import_joins(const struct entity *e, const struct field *f);

/* How many cells of a row name fields, each field once. */
size_t import_headers_understood(struct ctx *c, const struct entity *e,
                                 const struct table_row *row);

/* A plan from headers alone. */
struct import_plan *import_plan_guess(struct ctx *c, const struct entity *e,
                                      const struct str *headers, size_t n);
/* Fields for columns whose header says nothing, by the cells of some rows. */
void import_plan_guess_cells(struct ctx *c, struct import_plan *plan,
                             const struct table_row *samples, size_t n);
/* With what a person decided, {"mapping":[{"column","field","rules":{…}}]}; field errors for
 * unknown fields and rules. */
void import_plan_apply(struct ctx *c, struct import_plan *plan, const struct json *decided);
/* What the column fills: a field, "subject_id.account", "tags"; empty, or null, for nothing. */
struct str import_column_name(struct arena *a, const struct import_column *column);
void import_column_put(struct json_writer *w, const struct import_column *column);
/* The plan's decisions as JSON, to be kept. */
struct str import_plan_json(struct ctx *c, const struct import_plan *plan);

enum import_verdict { IMPORT_CREATE, IMPORT_MERGE, IMPORT_REFUSE, IMPORT_SKIP };

/* Fails with "import.no_column" or "import.no_reach" when no row could be taken in, because no
 * column fills a field, or none of leads a phone or a mail. */
void import_plan_require(struct ctx *c, const struct import_plan *plan);

/* Whether the failure of c is a row's own, its verdict; others end the work. */
bool import_is_verdict(const struct ctx *c);

/* Blank rows, repeated headers and total rows are none of the data. */
bool import_row_is_noise(const struct import_plan *plan, const struct table_row *row);

/* Forget what the plan holds of the row before. */
void import_row_begin(struct import_plan *plan);

/* Write one row; field errors say why it is refused. *id is the record made or joined. */
enum import_verdict import_row(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                               int64_t *id);

/* The value of a cell by the column's rules: VALUE_NULL for unknown. References and options are
 * looked up; a failure is a field error at the column's header. */
struct value import_value(struct ctx *c, struct import_plan *plan, size_t column, struct str cell);

static inline enum date_order import_date_order(const struct import_plan *plan, size_t column) {
    return plan->columns[column].day_first ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
}

#endif
