/* Mail addresses. */
#ifndef GUANTONG_BASE_EMAIL_H
#define GUANTONG_BASE_EMAIL_H

#include "base/str.h"

enum email_reason {
    EMAIL_RIGHT,
    EMAIL_EMPTY,
    EMAIL_SYNTAX,
    EMAIL_DISPOSABLE, /* a domain of throw-away addresses */
    EMAIL_PLACEHOLDER /* test@test.com, 123456@qq.com */
};

struct email {
    enum email_reason reason;
    struct str address; /* lower case, half-width; empty unless right */
};

/* An address: dot-atom before the @, a domain of at least two labels after it. What address books
 * put around it is left away: Li Lei <li@y.cn>, mailto:, quotes, a full stop at its end. Of several
 * parted by ; , 、 or 。, the first right one; when one of them is none, all are none. */
struct email email_parse(struct arena *a, struct str text);
/* Text code of a reason: "email.syntax" …; NULL for EMAIL_RIGHT. */
const char *email_reason_text(enum email_reason reason);
/* s****n@qq.com: first and last character of the local part stay when it has more than two. */
struct str email_mask(struct arena *a, struct str address);

#endif
