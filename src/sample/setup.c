#include "sample/setup.h"

#include "sample/sample.h"

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
        configure[i](c);
    }
    sample_close(c);
    c->origin = caller.origin;
    c->recorded_ms = caller.recorded_ms;
}
