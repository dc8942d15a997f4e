/* Personal values shown to those who may not read them in full. */
#ifndef GUANTONG_ENTITY_MASK_H
#define GUANTONG_ENTITY_MASK_H

#include "entity/record.h"

/* 138****2647, s****n@qq.com, 孙***. */
struct str mask_text(struct arena *a, const struct field *f, struct str text);
/* The masked text; null for values that are no text. */
void mask_to_json(struct json_writer *w, const struct field *f, struct value v);

#endif
