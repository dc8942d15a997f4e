/*
 * Reports of mail servers: a mail could not be delivered (RFC 3464), or its receiver complained
 * (RFC 5965); and the many that follow neither, told by who wrote them and by their words, in
 * English and Chinese (qmail, Exchange, QQ, 163).
 */
#include <string.h>

#include "base/text.h"
#include "connector/mail.h"
#include "connector/mail_leaf.h"

enum { SAID_MOST = 300, TOKEN = 40 };

/* The value of a field in lines "Name: value", folded lines joined by a blank. */
static struct str field(struct arena *a, struct str lines, const char *name) {
    struct str line, rest = lines;
    size_t n = str_from(name).n;
    while (str_cut(&rest, '\n', &line)) {
        if (line.n <= n || line.p[n] != ':' ||
            !str_equal(str_lower(a, str_slice(line, 0, n)), str_from(name))) {
            continue;
        }
        struct text_buffer out = {.arena = a};
        text_add(&out, str_trim(str_slice(line, n + 1, line.n)));
        while (rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t') && str_cut(&rest, '\n', &line)) {
            text_add_char(&out, ' ');
            text_add(&out, str_trim(line));
        }
        return text_str(&out);
    }
    return STR("");
}

/* "rfc822; a@b.cn" or "<a@b.cn>". */
static struct str address_of(struct arena *a, struct str value) {
    ptrdiff_t semicolon = str_find_char(value, ';');
    value = str_trim(str_slice(value, (size_t)(semicolon + 1), value.n));
    ptrdiff_t from = str_find_char(value, '<'), to = str_find_char(value, '>');
    if (from >= 0 && to > from) {
        value = str_slice(value, (size_t)from + 1, (size_t)to);
    }
    ptrdiff_t end = str_find_char(value, ',');
    value = str_trim(str_slice(value, 0, end < 0 ? value.n : (size_t)end));
    return str_find_char(value, '@') > 0 && value.n <= 254 ? str_lower(a, value) : STR("");
}

static bool is_hex(char b) {
    return (b >= '0' && b <= '9') || ((b | 0x20) >= 'a' && (b | 0x20) <= 'f');
}

/* Runs of forty hexadecimal digits with "+" and "@" around them, or behind our own field. */
static void tokens_find(struct str text, struct mail_report *report) {
    for (size_t i = 0; i + TOKEN < text.n && report->n_tokens < MAIL_TOKENS; i++) {
        if (text.p[i] != '+' && text.p[i] != ' ') {
            continue;
        }
        size_t n = 0;
        while (i + 1 + n < text.n && n <= TOKEN && is_hex(text.p[i + 1 + n])) {
            n++;
        }
        if (n == TOKEN) {
            report->tokens[report->n_tokens++] = str_slice(text, i + 1, i + 1 + TOKEN);
            i += TOKEN;
        }
    }
}

static const struct mail_leaf *leaf_of(const struct mail_tree *tree, const char *type) {
    for (size_t i = 0; i < tree->n; i++) {
        if (str_is(tree->leaves[i].type, type)) {
            return &tree->leaves[i];
        }
    }
    return NULL;
}

/* The first group of the report that is about a receiver and says it failed, or the first. */
static struct str group_of(struct arena *a, struct str report) {
    struct str found = STR(""), rest = report;
    while (rest.n) {
        ptrdiff_t end = str_find(rest, STR("\n\n"));
        ptrdiff_t other = str_find(rest, STR("\r\n\r\n"));
        end = end < 0 || (other >= 0 && other < end) ? other : end;
        struct str group = str_slice(rest, 0, end < 0 ? rest.n : (size_t)end + 1);
        rest = end < 0 ? STR("") : str_trim(str_slice(rest, (size_t)end + 1, rest.n));
        struct str action = str_lower(a, field(a, group, "action"));
        if (str_is(action, "failed")) {
            return group;
        }
        found = action.n && !found.n ? group : found;
    }
    return found;
}

static struct str status_clean(struct str status) {
    size_t n = 0;
    while (n < status.n && n < 9 &&
           (status.p[n] == '.' || (status.p[n] >= '0' && status.p[n] <= '9'))) {
        n++;
    }
    return str_slice(status, 0, n);
}

static void delivery_read(struct arena *a, struct str text, struct mail_report *report) {
    struct str group = group_of(a, text);
    struct str action = str_lower(a, field(a, group, "action"));
    struct str said = field(a, group, "diagnostic-code"),
               recipient = field(a, group, "original-recipient");
    report->status = status_clean(field(a, group, "status"));
    report->recipient = address_of(a, recipient.n ? recipient : field(a, group, "final-recipient"));
    report->said = text_truncate(said, SAID_MOST);
    struct str told = mail_status(said);
    bool vague = !report->status.n || str_ends(report->status, STR(".0.0"));
    report->status = vague && told.n ? told : report->status;
    bool failed = str_is(action, "failed") || (!action.n && str_starts(report->status, STR("5")));
    report->kind = failed                      ? RETURN_FAILED
                   : str_is(action, "delayed") ? RETURN_DELAYED
                                               : RETURN_NONE;
}

/* A status that words stand for when no server gave one. */
static struct str status_of_words(struct arena *a, struct str text) {
    static const struct {
        const char *words, *status;
    } known[] = {{"no such user", "5.1.1"},
                 {"user unknown", "5.1.1"},
                 {"unknown user", "5.1.1"},
                 {"user not found", "5.1.1"},
                 {"does not exist", "5.1.1"},
                 {"doesn't exist", "5.1.1"},
                 {"no mailbox here", "5.1.1"},
                 {"mailbox not found", "5.1.1"},
                 {"invalid recipient", "5.1.1"},
                 {"mailbox unavailable", "5.1.1"},
                 {"address rejected", "5.1.1"},
                 {"host unknown", "5.1.2"},
                 {"domain not found", "5.1.2"},
                 {"account disabled", "5.2.1"},
                 {"mailbox disabled", "5.2.1"},
                 {"mailbox full", "5.2.2"},
                 {"mailbox is full", "5.2.2"},
                 {"quota exceeded", "5.2.2"},
                 {"over quota", "5.2.2"},
                 {"用户不存在", "5.1.1"},
                 {"收件人不存在", "5.1.1"},
                 {"收件人地址不存在", "5.1.1"},
                 {"邮箱不存在", "5.1.1"},
                 {"地址不存在", "5.1.1"},
                 {"账号不存在", "5.1.1"},
                 {"域名不存在", "5.1.2"},
                 {"邮箱已被禁用", "5.2.1"},
                 {"已停用", "5.2.1"},
                 {"邮箱已满", "5.2.2"},
                 {"空间不足", "5.2.2"},
                 {"容量已满", "5.2.2"},
                 {"spam", "5.7.1"},
                 {"垃圾邮件", "5.7.1"},
                 {"blocked", "5.7.1"},
                 {"拒收", "5.7.1"},
                 {"timed out", "4.4.1"},
                 {"超时", "4.4.1"},
                 {NULL, NULL}};
    struct str low = str_lower(a, text);
    for (size_t i = 0; known[i].words; i++) {
        if (str_find(low, str_from(known[i].words)) >= 0) {
            return str_from(known[i].status);
        }
    }
    return STR("");
}

/* The line of a text in which a code or a known word stands. */
static struct str telling_line(struct arena *a, struct str text) {
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        if (mail_status(line).n || status_of_words(a, line).n) {
            return text_truncate(str_trim(line), SAID_MOST);
        }
    }
    return STR("");
}

/* Whether a mail without a proper report is one all the same. */
static bool looks_returned(struct arena *a, const struct mail_tree *tree,
                           const struct mail_read *m) {
    static const char *const subjects[] = {"undeliver",
                                           "delivery status",
                                           "delivery failure",
                                           "delivery has failed",
                                           "failure notice",
                                           "returned mail",
                                           "mail delivery",
                                           "could not be delivered",
                                           "退信",
                                           "投递失败",
                                           "未送达",
                                           "无法送达",
                                           NULL};
    struct str from = m->from.address, subject = str_lower(a, m->subject);
    bool postmaster = str_starts(from, STR("mailer-daemon@")) ||
                      str_starts(from, STR("postmaster@")) || str_starts(from, STR("mail-daemon@"));
    bool told = tree->failed_recipients.n > 0;
    for (const char *const *s = subjects; *s; s++) {
        told = told || str_find(subject, str_from(*s)) >= 0;
    }
    return told && (postmaster || str_is(tree->return_path, "<>") || tree->failed_recipients.n);
}

static void words_read(struct arena *a, const struct mail_tree *tree, struct mail_read *m) {
    struct mail_report *report = &m->report;
    const struct mail_leaf *text = leaf_of(tree, "text/plain");
    text = text ? text : leaf_of(tree, "text/html");
    struct str words = text ? text->text : STR("");
    report->kind = RETURN_FAILED;
    report->said = telling_line(a, words);
    report->status = mail_status(report->said);
    report->status = report->status.n ? report->status : status_of_words(a, words);
    report->status = report->status.n ? report->status : STR("5.0.0");
    report->recipient = address_of(a, tree->failed_recipients);
}

static void original_read(struct arena *a, const struct mail_tree *tree,
                          struct mail_report *report) {
    const struct mail_leaf *head = leaf_of(tree, "message/rfc822");
    head = head ? head : leaf_of(tree, "text/rfc822-headers");
    struct str lines = head ? head->text : STR("");
    struct str id = field(a, lines, "message-id");
    ptrdiff_t from = str_find_char(id, '<'), to = str_find_char(id, '>');
    report->original_id = from >= 0 && to > from ? str_slice(id, (size_t)from + 1, (size_t)to)
                                                 : STR("");
    report->recipient = report->recipient.n ? report->recipient
                                            : address_of(a, field(a, lines, "to"));
}

void mail_return_read(struct arena *a, const struct mail_tree *tree, struct mail_read *m) {
    struct mail_report *report = &m->report;
    const struct mail_leaf *delivery = leaf_of(tree, "message/delivery-status");
    const struct mail_leaf *feedback = leaf_of(tree, "message/feedback-report");
    if (feedback) {
        report->kind = RETURN_COMPLAINT;
        report->recipient = address_of(a, field(a, feedback->text, "original-rcpt-to"));
        report->said = text_truncate(field(a, feedback->text, "feedback-type"), SAID_MOST);
    } else if (delivery) {
        delivery_read(a, delivery->text, report);
    } else if (looks_returned(a, tree, m)) {
        words_read(a, tree, m);
    }
    if (report->kind == RETURN_NONE) {
        return;
    }
    for (size_t i = 0; i < m->n_to; i++) {
        tokens_find(m->to[i].address, report);
    }
    for (size_t i = 0; i < tree->n; i++) {
        tokens_find(tree->leaves[i].text, report);
    }
    original_read(a, tree, report);
}
