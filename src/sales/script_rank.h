/*
 * Which scripts fit, as pure functions: objections found in what was said, and how well a script
 * fits a case, with the reasons.
 */
#ifndef GUANTONG_SALES_SCRIPT_RANK_H
#define GUANTONG_SALES_SCRIPT_RANK_H

#include "base/str.h"

enum { SCRIPT_CUES_MOST = 8, SCRIPT_ENOUGH = 10 };

/* An objection somebody raised: what it is, the words that say so, how sure that is. */
struct script_cue {
    struct str objection, quote;
    int strength; /* 2: said outright ("太贵"), 1: talked of ("价格") */
    int64_t at;   /* when it was said */
};

/* Find objections in a text, each once, the strongest words of each. A negated cue ("不贵") and one
 * that was settled ("价格没问题") do not count. Words are cut by ICU's dictionary. */
size_t script_cues(struct arena *a, struct str text, struct script_cue *out, size_t most);

/* What is known of the record. */
struct script_case {
    struct str scene, industry;
    const struct str *tags;
    size_t n_tags;
    struct script_cue cues[SCRIPT_CUES_MOST];
    size_t n_cues;
};

/* What is known of a script. */
struct script_offer {
    struct str scene, objection, industry, tags; /* tags: names with commas between */
    int64_t judged, moved;                       /* uses that were looked at, and moved a deal */
    double base;                                 /* share that moved after any script */
    bool favourite, used_lately;                 /* lately: on this record */
};

enum script_reason {
    SCRIPT_BY_SCENE = 1,
    SCRIPT_BY_OBJECTION = 2,
    SCRIPT_BY_INDUSTRY = 4,
    SCRIPT_BY_TAG = 8,
    SCRIPT_BY_RESULT = 16,
    SCRIPT_BY_FAVOURITE = 32,
    SCRIPT_USED_LATELY = 64
};

struct script_fit {
    int points; /* 0: does not fit */
    unsigned reasons;
    size_t cue, tag; /* which of the case's */
};

/* Points: an objection raised outright 40, talked of 22; the scene 30; the industry 20, another
 * industry's script never; each tag in common 8, at most 16; results up to 12 either way, from
 * SCRIPT_ENOUGH uses on; a favourite 4; used lately on this record −25. Neither scene nor
 * objection: no fit. An objection's script without the objection raised counts half its scene. */
struct script_fit script_fit(const struct script_case *about, const struct script_offer *offer);

/* The share of uses that moved a deal, drawn to the base as by SCRIPT_ENOUGH uses of it (the mean
 * of a beta distribution with that prior). */
double script_share(int64_t moved, int64_t judged, double base);

#endif
