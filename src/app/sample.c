#include "app/sample.h"

#include "app/sample_approval.h"
#include "app/sample_campaign.h"
#include "app/sample_capture.h"
#include "app/sample_grading.h"
#include "app/sample_journey.h"
#include "app/sample_letter.h"
#include "app/sample_mailing.h"
#include "app/sample_performance.h"
#include "app/sample_pool.h"
#include "app/sample_scoring.h"
#include "app/sample_script.h"
#include "app/sample_segment.h"
#include "sample/sample.h"

/*
 * What parts of the program set up for the company: forms, pools, segments, score cards … Each is a
 * function of a file sample_<part>.c, called once, after two years have been made, as the system,
 * at the present, with origin import. It finds the people, teams and products it needs by query
 * (logins and codes of sample/company.c and truth.c), writes by the ordinary verbs, and sends
 * nothing. What it makes belongs to the sample and goes when the sample is removed.
 */
/* clang-format off */
static void (*const configure[])(struct ctx *c) = {
    sample_scoring,
    sample_performance,
    sample_segment,
    sample_pool,
    sample_campaign,
    sample_capture,
    sample_journey,
    sample_mailing,
    sample_letter,
    sample_approval,
    sample_script,
    sample_grading,
};
/* clang-format on */

void sample_company(struct ctx *c, struct str password_hash) {
    const struct ctx caller = *c;
    c->recorded_ms = c->now_ms;
    sample_open(c);
    sample_make(c, SAMPLE_SEED, password_hash);
    c->origin = ORIGIN_IMPORT;
    for (size_t i = 0; i < sizeof configure / sizeof *configure && !ctx_failed(c); i++) {
        if (configure[i]) {
            configure[i](c);
        }
    }
    sample_close(c);
    c->origin = caller.origin;
    c->recorded_ms = caller.recorded_ms;
}
