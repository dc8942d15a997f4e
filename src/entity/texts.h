/* What this folder says to people. */
#ifndef GUANTONG_ENTITY_TEXTS_H
#define GUANTONG_ENTITY_TEXTS_H

#include "base/message.h"

extern const struct text entity_texts[];

#endif
