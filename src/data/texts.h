/* Words for what reading and writing tables reports. */
#ifndef GUANTONG_DATA_TEXTS_H
#define GUANTONG_DATA_TEXTS_H

#include "base/message.h"

extern const struct text data_texts[];

#endif
