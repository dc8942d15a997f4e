/*
 * The settings of the process: what an operator decides before it starts. (What a company
 * decides while it runs is in the database.)
 *
 * One row of a table in settings.c describes each: its name, kind, default, bounds and help.
 * A setting comes from the first of: the flag --name=value (or --name value), the variable
 * GUANTONG_NAME, the line "name = value" of the file named by --config or GUANTONG_CONFIG,
 * the default. Words that are no flags (the command and its arguments) are handed through.
 */
#ifndef GUANTONG_BASE_SETTINGS_H
#define GUANTONG_BASE_SETTINGS_H

#include "base/log.h"

struct settings {
    struct str listen;           /* address to bind */
    int64_t port;                /* 0 takes a free one */
    struct str dns;              /* name server to ask, empty: the system's */
    struct str private_hosts;    /* that may be called though their address is not public */
    struct str base_url;         /* how people reach us, "https://crm.example.cn"; may be empty */
    struct str trusted_proxies;  /* addresses, separated by commas, whose X-Forwarded-* count */
    struct str db;               /* path of an SQLite file, or postgres://… */
    struct str files;            /* folder for attachments and imported files */
    struct str secret_key_file;  /* 32 bytes that encrypt stored secrets; made when absent */
    struct str sample;           /* of a new database: "none" or "full" */
    int64_t node;                /* of the ids, 0 … 1023; -1 leases one from the database */
    int64_t threads;             /* that answer requests */
    int64_t slow_threads;        /* for exports, exact counts, reports */
    int64_t writer_batch;        /* writes of one commit at most */
    int64_t connections_max;     /* open at once */
    int64_t body_max;            /* bytes of a request, imported files apart */
    int64_t import_max;          /* bytes of an imported file */
    int64_t requests_per_minute; /* of one token, or one user signed in; 0 is no limit */
    int64_t session_hours;       /* without use until a session ends */
    struct str log_level_word;
    enum log_level log_level;
    struct str config; /* file the rest may be read from; empty for none */

    bool help;            /* --help was asked for */
    struct str words[16]; /* what was no flag, in order: "serve" … */
    size_t n_words;
};

/*
 * Read all settings. argv[0] is skipped; environment is as environ. False with *problem set
 * to one sentence for the operator (unknown name, not a number, out of range, unreadable
 * file). Texts live in the arena.
 */
bool settings_load(struct settings *s, struct arena *a, int argc, char **argv, struct str *problem);

/* The table as text for --help: a line each with bounds and default. serving: those too that
 * mean something to the server alone. */
struct str settings_help(struct arena *a, bool serving);

/* The settings in force as lines "name = value", secrets blotted out. */
struct str settings_describe(struct arena *a, const struct settings *s);

#endif
