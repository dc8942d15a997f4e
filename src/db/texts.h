/* The words of the database's errors. */
#ifndef GUANTONG_DB_TEXTS_H
#define GUANTONG_DB_TEXTS_H

#include "base/message.h"

extern const struct text database_texts[];

#endif
