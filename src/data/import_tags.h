/* Tags that an import put on records that were there before; in import_tags.c. */
#ifndef GUANTONG_DATA_IMPORT_TAGS_H
#define GUANTONG_DATA_IMPORT_TAGS_H

#include "data/import.h"

/* Remember what the row just written put on its record. */
void import_tags_keep(struct ctx *c, int64_t job_id, const struct import_plan *plan,
                      int64_t subject_id);
/* Take them off again, unless somebody has put them on himself since; how many were worked off. */
int64_t import_tags_undo(struct ctx *c, int64_t job_id, const struct entity *e, int64_t most);

#endif
