/*
 * The sample company 华岳工控: a maker of industrial controls of sixty people, with a shop for spare
 * parts, in a believable state: two years with growth, season and noise, ending today. Drawn from
 * the parameters of truth.h by a seed; on one day it is the same company on every machine.
 *
 * It is history, written through the ordinary verbs with origin import: nothing is sent to
 * anybody, times and authors are those of the story, and what follows from the log is what the
 * program itself would have made.
 */
#ifndef GUANTONG_SAMPLE_SAMPLE_H
#define GUANTONG_SAMPLE_SAMPLE_H

#include "base/context.h"
#include "base/module.h"

enum { SAMPLE_SEED = 5 };

/* Make it in the caller's transaction, in a database with a standard pipeline; everybody gets the
 * password of this hash. */
void sample_make(struct ctx *c, uint64_t seed, struct str password_hash);

/* Around it all, what is configured afterwards included: what is made between them is the
 * sample's, and goes with it (removal.h). Nobody else may be at work in the database. */
void sample_open(struct ctx *c);
void sample_close(struct ctx *c);

extern const struct module sample_module;
extern const struct module sample_routes_module;

#endif
