/*
 * What a mail says: a template's blocks made into HTML and plain text for one person.
 *
 * Blocks are a JSON array: {"type":"heading","text"} {"type":"text","text"}
 * {"type":"button","text", "url"} {"type":"image","url","alt","link"} {"type":"divider"}. Texts
 * may hold **bold**, [words](https://…), lines that begin with "- ", and merge fields:
 * {{name|朋友}} is the person's name, or 朋友 when there is none. {{owner}} is who looks after him,
 * {{company}} who writes. Whatever comes from a record is escaped.
 */
#ifndef GUANTONG_MARKETING_MAIL_CONTENT_H
#define GUANTONG_MARKETING_MAIL_CONTENT_H

#include "entity/record.h"

enum { MAIL_BLOCKS = 60, MAIL_LINKS = 100, MAIL_BLOCK_TEXT = 5000 };

struct mail_content {
    int64_t id; /* 0: a draft */
    int64_t template_id;
    struct str name, subject, preheader, topic;
    struct str blocks; /* JSON */
    enum language language;
};

/* For whom it is made. */
struct mail_reader {
    const struct record *person; /* NULL: nobody in particular; fallbacks stand in */
    int64_t send_id;             /* 0: a preview, with plain links and no pixel */
    struct str base;             /* "https://crm.example.cn" */
};

struct mail_made {
    struct str subject, html, text;
    struct str urls[MAIL_LINKS]; /* in the order of their positions */
    size_t n_urls;
};

/* c->model and c->db are used for the person's owner and the company's name. */
struct mail_made *mail_make(struct ctx *c, const struct mail_content *content,
                            const struct mail_reader *reader);

/* Whether {{name}} may stand in a mail. */
bool mail_merge_field(const struct ctx *c, struct str name);

/* Field errors for blocks that are none and for merge fields nobody knows ("/blocks/3/url"). */
void mail_content_check(struct ctx *c, const struct mail_content *content);

#endif
