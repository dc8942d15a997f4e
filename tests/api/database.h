/* A database made once on each engine, and a copy of it for every scenario. */
#ifndef GUANTONG_TESTS_API_DATABASE_H
#define GUANTONG_TESTS_API_DATABASE_H

#include "db/db.h"

struct scratch {
    enum db_engine engine;
    struct arena arena;
    char folder[128];  /* for SQLite's files and uploads */
    struct str origin; /* URL of the database that is copied */
    struct str copy;   /* URL of the copy in use, empty when none is */
    int n;
};

/* Make the origin, run create on it. False with a message on standard error. */
bool scratch_open(struct scratch *s, enum db_engine engine, void (*create)(struct ctx *c));
/* A fresh copy; the one before must not be in use any more. False with a message. */
bool scratch_renew(struct scratch *s);
void scratch_close(struct scratch *s);

#endif
