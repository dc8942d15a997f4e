/* Words for what base finds wrong with phones and mails. */
#ifndef GUANTONG_BASE_TEXTS_H
#define GUANTONG_BASE_TEXTS_H

#include "base/message.h"

extern const struct text base_texts[];

#endif
