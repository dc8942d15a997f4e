/*
 * The thread that seals the audit trail while a server runs.
 *
 * It looks once a second at what the log has got, reads and digests it on a connection of its own,
 * a batch at a time, and hands the writer one row to store. It gives way to everybody: while
 * there is much to seal it rests after each batch for several times as long as that took, so that
 * under a flood it lags, and catches up by and by. Of several processes on one database one seals;
 * that two would do no harm is seen to by audit_seal_store. What a stop leaves over, the next
 * start seals.
 */
#ifndef GUANTONG_ORGANIZATION_AUDIT_SEALER_H
#define GUANTONG_ORGANIZATION_AUDIT_SEALER_H

#include "base/context.h"

struct audit_sealer;
struct writer;

/* NULL with an error in c when there is no thread for it. */
struct audit_sealer *audit_sealer_start(struct ctx *c, struct writer *w, struct str url);
/* Seals some of what is left first; before the writer stops. */
void audit_sealer_stop(struct audit_sealer *s);

#endif
