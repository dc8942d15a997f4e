/*
 * Secrets of the outside world in the database: sealed with the program's key, which is no part of
 * the database; and texts this program signs to know them again.
 */
#ifndef GUANTONG_CONNECTOR_SECRET_BOX_H
#define GUANTONG_CONNECTOR_SECRET_BOX_H

#include "base/context.h"
#include "base/crypto.h"

/* Set once at start. */
void secret_box_key(const struct secret_key *key);

bool secret_box_ready(void);

/* Text for a column; the empty text stays empty. ERROR_INTERNAL without a key. */
struct str secret_box_seal(struct ctx *c, struct str plain);
/* ERROR_INTERNAL when it was sealed with another key. */
struct str secret_box_open(struct ctx *c, struct str sealed);

/* 32 hexadecimal digits that only this program makes of a text, for one purpose. */
struct str secret_box_sign(struct ctx *c, const char *purpose, struct str text);

#endif
