/*
 * guantong check: does the database hold what the program promises?
 *
 * Each finding is one line on standard output: what is wrong, how many rows, the first of them.
 * Everything is read in one snapshot and nothing is changed.
 */
#ifndef GUANTONG_APP_CHECK_H
#define GUANTONG_APP_CHECK_H

#include "db/sql.h"

struct check {
    struct ctx *c;
    int64_t findings; /* lines printed */
    int64_t orphans;  /* contents of the file store that nothing refers to: told, not wrong */
};

/* What is wrong in one way: how many, and the first of them. */
struct finding {
    int64_t n;
    struct text_buffer shown;
};
void finding_add(struct finding *f, struct str id);
/* A line, when there is any. */
void check_tell(struct check *k, struct str what, const struct finding *f);

/* The statement selects one column, an id or a name, of each row that is wrong; what says in
 * what way. */
void check_none(struct check *k, const struct sql *q, struct str what);

/* What tables promise one another. */
void check_promises(struct check *k);
/* Every record type of the model: references, owners' departments, versions, required fields,
 * options, and the events that made the records. */
void check_records(struct check *k);
/* What gave points. */
void check_scores(struct check *k);
/* Contents of attachments. */
void check_files(struct check *k);
/* Indexes and pages, by the engine's own means. */
void check_engine(struct check *k);

#endif
