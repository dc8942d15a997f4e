/* The texts of this folder: problems with requests, told to people. */
#ifndef GUANTONG_HTTP_TEXTS_H
#define GUANTONG_HTTP_TEXTS_H

#include "base/message.h"

extern const struct text http_texts[];

#endif
