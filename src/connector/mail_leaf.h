/* The leaves of a mail's tree, between its reader (mail_read.c) and the reader of reports. */
#ifndef GUANTONG_CONNECTOR_MAIL_LEAF_H
#define GUANTONG_CONNECTOR_MAIL_LEAF_H

#include "connector/mail_read.h"

enum { MAIL_LEAVES = 60 };

struct mail_leaf {
    struct str type; /* "text/plain", lower case; "message/rfc822": text is its head */
    struct str text;
};

struct mail_tree {
    struct mail_leaf leaves[MAIL_LEAVES];
    size_t n;
    struct str return_path, failed_recipients; /* of the head */
};

/* What the mail reports, if it is a report; m's head is read. */
void mail_return_read(struct arena *a, const struct mail_tree *tree, struct mail_read *m);

#endif
