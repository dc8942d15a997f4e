/*
 * Import jobs: the rows of import_job, and what is done with them.
 *
 * State: uploaded → running → done or failed, → undoing → undone. A job belongs to who uploaded it.
 */
#ifndef GUANTONG_DATA_IMPORT_JOB_H
#define GUANTONG_DATA_IMPORT_JOB_H

#include "data/import.h"

struct import_job {
    int64_t id;
    const struct entity *entity;
    struct str path, file_name, plan, state; /* plan: JSON of the decisions */
    struct str sheet;                        /* of a workbook; empty: the first one */
    struct str failure;                      /* why it broke off: a text code */
    int64_t author_id;
    int64_t done_line;   /* last line whose fate is written */
    int64_t header_line; /* where the columns are named; data begin behind it */
    int64_t rows, created, merged, refused, skipped;
    int64_t remarked; /* of those created or merged: with a remark */
};

enum { IMPORT_SAMPLES = 50 };

enum { IMPORT_HEADER_ROWS = 20 }; /* titles and blank rows stand above the headers */

/* What is known of a file from its first rows, read before the transaction. */
struct import_file {
    const struct entity *entity;
    struct str path, name;
    struct str sheet; /* of a workbook: the one whose headers are understood best */
    struct str_list sheets;
    const char *format, *charset;
    struct table_row headers, samples[IMPORT_SAMPLES];
    size_t n_samples;
};

/* Look into a file, of a workbook into the sheet named (empty: the one that is understood best);
 * fails with "table.…" or "import.empty". */
struct import_file *import_file_look(struct ctx *c, const struct entity *e, struct str path,
                                     struct str name, struct str sheet);
/* Record the file as a job; the plan is guessed, or remembered from the same headers. */
int64_t import_job_create(struct ctx *c, const struct import_file *file);
/* Take another sheet of a job's workbook, as import_file_look found it; what was decided on the one
 * before is forgotten. */
void import_job_resheet(struct ctx *c, const struct import_job *job,
                        const struct import_file *file);
/* NULL with ERROR_ABSENT when there is none, or it is somebody else's. */
struct import_job *import_job_find(struct ctx *c, int64_t id);
/*
 * One process works on a job at a time: on PostgreSQL it holds a lock in the session of c, which
 * ends with the process. What guards correctness is the line the job has come to (IMPORT_MOVED).
 */
bool import_job_lease(struct ctx *c, int64_t id);
void import_job_release(struct ctx *c, int64_t id);
/* The oldest that is running or being undone and was not leased, leased; NULL when none. */
struct import_job *import_job_running(struct ctx *c);
/* The file of a job, opened behind its headers; NULL with a failure. */
struct table_reader *import_job_open(struct ctx *c, const struct import_job *job);
struct import_plan *import_job_plan(struct ctx *c, const struct import_job *job);
/* Keep what a person decided; the next file with the same headers begins with it. */
void import_job_decide(struct ctx *c, const struct import_job *job, const struct import_plan *plan);
/* Fails when no row could be taken in (import_plan_require). */
void import_job_start(struct ctx *c, struct import_job *job);

/* Rows of a chunk, kept apart from the reader. */
struct import_rows {
    struct table_row *rows;
    size_t n;
    bool last;    /* the file ends here */
    size_t least; /* are written even when somebody waits */
};

/* Write a chunk: each row or nothing of it, the fate of refused ones, and how far it came. Origin
 * and request of the context are set by it. How many rows were written: when somebody waits for
 * the connection it ends early, after the least. Fails with ERROR_CONFLICT IMPORT_MOVED when the
 * job is not where *job says: another process works on it. */
#define IMPORT_MOVED "import.moved"
size_t import_job_chunk(struct ctx *c, struct import_job *job, struct import_plan *plan,
                        const struct import_rows *rows);
/* A copy of a row in an arena, for the reader forgets it. */
struct table_row import_row_copy(struct arena *a, const struct table_row *row);
/* What was kept of an error, in the reader's language. */
struct str import_said(const struct ctx *c, const struct json *error);
void import_job_fail(struct ctx *c, int64_t id, const char *text);
enum { IMPORT_UNDO_FIRST = 200, IMPORT_UNDO_MOST = 2000 };
/* Take back up to this many of what the job made (import_undo.c). The runner goes on until nothing
 * is left. */
void import_job_undo(struct ctx *c, struct import_job *job, int64_t most);

void import_job_json(struct ctx *c, struct json_writer *w, const struct import_job *job);

extern const struct module import_module;

#endif
