/*
 * Leads created through the program, as production runs it.
 *
 * The company of company.h, with a rule that gives new leads without an owner to twenty
 * representatives in turn, and the program serving it in a process of its own: rights, duplicate
 * check, audit, events, rules, notifications and the search index are on. The bodies are those of
 * a form: name, company, phone, mail, source, place, title and a note. Every fiftieth has the
 * phone of the one before.
 */
#ifndef GUANTONG_BENCH_CREATES_H
#define GUANTONG_BENCH_CREATES_H

#include "child.h"
#include "company.h"
#include "load.h"

enum { CREATES_PEOPLE = 20, CREATES_DIGITS = 7, CREATES_NUMBERS = 10000000 };

struct creates {
    struct company company;
    const char *program, *url;
    char files[4096];
    const char *token; /* of who creates */
    bool unowned;      /* the leads are left to the rule */
    int64_t first;     /* number of the first lead; each run has numbers of its own */
    const char *people[CREATES_PEOPLE]; /* tokens of those the rule gives to */
};

/* Make or open the database and the rule. Ends the process when that fails. */
void creates_open(struct creates *b, const char *build, const char *url, int64_t leads);
/* A text that stays when the company is closed. */
const char *creates_keep(struct str s);
/* Start the program with a limit to what it commits at once. */
struct child creates_serve(const struct creates *b, int batch);
/* For load_run, whose data is the struct creates: the lead's number is in its name, of
 * CREATES_DIGITS digits as in "孙立民 0001234". Ends the process when a number has more. */
size_t creates_write(void *data, int64_t i, int connection, char text[LOAD_REQUEST]);

#endif
