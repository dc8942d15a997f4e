/*
 * Tokens: the addresses in a mail that say which mail they are of.
 *
 * A token is kind, position and id of the mail with a MAC over them, so that nobody makes one up;
 * it holds nothing of the person. Those of addresses in HTML are base64url; a bounce's stands in
 * the local part of an address, where capitals may get lost, and is hexadecimal.
 */
#ifndef GUANTONG_MARKETING_MAIL_TOKEN_H
#define GUANTONG_MARKETING_MAIL_TOKEN_H

#include "base/str.h"

enum mail_token_kind {
    MAIL_OPEN = 'o',
    MAIL_CLICK = 'c',
    MAIL_ARRIVAL = 'a', /* handed on to the site a click leads to */
    MAIL_UNSUBSCRIBE = 'u',
    MAIL_BOUNCE = 'b'
};

struct str mail_token(struct arena *a, enum mail_token_kind kind, int64_t send_id, int position);
/* The mail's id, 0 when the token is not one of ours of that kind. position may be NULL. */
int64_t mail_token_read(struct arena *a, enum mail_token_kind kind, struct str token,
                        int *position);

#endif
