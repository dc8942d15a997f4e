/* Invented people and companies. Numbers lie in the numbering plan and begin their middle part with
 * 00, addresses end in .example (RFC 2606), so that whoever looks sees that they are made up. */
#ifndef GUANTONG_SAMPLE_NAMES_H
#define GUANTONG_SAMPLE_NAMES_H

#include "base/str.h"
#include "sample/draw.h"

struct str name_person(struct arena *a, struct draw *d);
struct str name_phone(struct arena *a, struct draw *d);

/* A company of a city and a trade; mark is the word of its own in letters, for its domain. */
struct company_name {
    struct str full;  /* 无锡天工精密机械有限公司 */
    struct str brief; /* as people write it: 无锡天工精密机械, 天工精密 … */
    const char *mark; /* tiangong */
};
struct company_name name_company(struct arena *a, struct draw *d, const char *city,
                                 const char *trade);

/* s.li@tiangong.example */
struct str name_email(struct arena *a, struct draw *d, struct str person, const char *mark);
struct str name_private_email(struct arena *a, struct draw *d, struct str person);

/* decides: whether it is one whose word counts. */
struct str name_job_title(struct draw *d, bool *decides);

#endif
