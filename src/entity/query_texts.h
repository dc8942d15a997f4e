/* Texts of conditions, lists and search. */
#ifndef GUANTONG_ENTITY_QUERY_TEXTS_H
#define GUANTONG_ENTITY_QUERY_TEXTS_H

#include "base/message.h"

extern const struct text query_texts[];

#endif
