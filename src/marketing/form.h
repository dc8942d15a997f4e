/*
 * Forms: pages where strangers say who they are and what they want.
 *
 * A form is made in the editor as a draft, and published as a version that never changes; who fills
 * it in answers that version. Its page is /f/<slug>.
 */
#ifndef GUANTONG_MARKETING_FORM_H
#define GUANTONG_MARKETING_FORM_H

#include "customer/capture_log.h"
#include "http/request.h"
#include "marketing/form_design.h"

/* A form as its visitors meet it: the published version. */
struct public_form {
    int64_t id, version;
    int64_t since;                 /* when the version was published */
    struct str name, slug, status; /* "draft" "published" "archived" */
    struct form_design *design;    /* NULL unless published; also when it cannot be read */
    const struct json *json;
};

/* By its address; NULL when there is none. */
struct public_form *public_form_find(struct ctx *c, struct str slug);
/* A version of a form, for what was answered to it. */
struct form_design *form_version(struct ctx *c, int64_t form_id, int64_t version);

/* Add to what is counted of the day. */
struct form_tally {
    int64_t form_id, version, views, submissions;
};
void form_count(struct ctx *c, const struct form_tally *tally);

/* Make the draft the next version, shown from now on. Field errors below /draft when it lacks
 * something. Rights are the caller's. Emits form.published. */
void form_publish(struct ctx *c, const struct record *form);

/* Make of a kept submission what there is to make: a lead or a touch, consent, the visitor. The
 * payload is {"values":{id: text}, "utm":{}, "referrer","page","visitor","language"}. */
void form_make(struct ctx *c, struct capture *capture);

/* form_page.c: the page. */
struct form_page {
    const struct public_form *form;
    enum language language;
    bool preview;
    const char *look; /* "light" "dark" "auto": framed in a page of that look; NULL: on its own */
    struct str token;
    const struct json *sent;    /* what was sent before, to be shown again; or NULL */
    const struct error *errors; /* what of it is wrong; or NULL */
    const char *notice;         /* text code of what else there is to say; or NULL */
    const struct json *carried; /* campaign ids, "_page", "_referrer": kept in hidden fields */
};
struct str form_page_write(struct ctx *c, const struct form_page *page);
struct str form_thanks_write(struct ctx *c, const struct form_page *page);
/* Who may frame the page, what it may load, where it may lead. */
struct str form_page_policy(struct ctx *c, const struct public_form *form);

extern const char form_script[];
extern const size_t form_script_size;
extern const char form_script_tag[];

#endif
