#include "connector/imap.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/charset.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/client_guard.h"

/* One answer is waited for so long; a session lasts at most so long. */
enum { CONNECT_MS = 15000, WAIT_MS = 30000, SESSION_MS = 300000 };
enum { LINE_MOST = 2 * 1024 * 1024, CHUNK = 16384, LITERALS = 4, WORDS_MOST = 300 };
/* All that answers one command: the heads or the mail asked for are less than half of it. */
enum { ANSWERS_MOST = 20 * 1024 * 1024 };

const char *const imap_outcomes[] = {"works", "private", "unreachable", "certificate",
                                     "login", "refused", "strange"};

struct imap {
    struct arena *arena;
    CURL *handle;
    struct client_guard guard;
    enum imap_outcome outcome;
    struct str why;
    int64_t until_ns;
    int tag;
    char words[WORDS_MOST + 1]; /* the server's last line while libcurl speaks */
    char bytes[CHUNK];          /* received, not yet read */
    size_t from, to;
    size_t received; /* since the last command */
    bool watched;    /* the server is idle: no commands */
};

/* One answer of the server: its text, in which each literal stands as its length alone. */
struct answer {
    struct str text;
    struct str literals[LITERALS];
    size_t n_literals;
};

static void fail(struct imap *i, enum imap_outcome outcome, struct str why) {
    if (i->outcome == IMAP_WORKS) {
        i->outcome = outcome;
        i->why = text_truncate(text_repair(i->arena, str_copy(i->arena, str_trim(why))),
                               WORDS_MOST);
    }
}

static size_t line_take(char *bytes, size_t size, size_t count, void *data) {
    struct imap *i = data;
    size_t n = size * count, kept = n < WORDS_MOST ? n : WORDS_MOST;
    memcpy(i->words, bytes, kept);
    i->words[kept] = 0;
    return n;
}

static void server_set(struct imap *i, const struct imap_server *s) {
    CURL *h = i->handle;
    bool tls = str_is(s->security, "tls");
    struct str url = str_format(i->arena, "%s://%.*s:%lld/", tls ? "imaps" : "imap",
                                STR_ARG(s->host), (long long)s->port);
    curl_easy_setopt(h, CURLOPT_URL, url.p);
    curl_easy_setopt(h, CURLOPT_USE_SSL,
                     str_is(s->security, "none") ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    curl_easy_setopt(h, CURLOPT_USERNAME, str_to_c(i->arena, s->username));
    curl_easy_setopt(h, CURLOPT_PASSWORD, str_to_c(i->arena, s->password));
    curl_easy_setopt(h, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, line_take);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, i);
    if (s->authority.n) {
        struct curl_blob blob = {.data = str_to_c(i->arena, s->authority),
                                 .len = s->authority.n,
                                 .flags = CURL_BLOB_COPY};
        curl_easy_setopt(h, CURLOPT_CAINFO_BLOB, &blob);
    }
}

static enum imap_outcome outcome_of(CURLcode code) {
    switch (code) {
    case CURLE_LOGIN_DENIED:
        return IMAP_LOGIN;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
        return IMAP_CERTIFICATE;
    case CURLE_WEIRD_SERVER_REPLY:
        return IMAP_STRANGE;
    default:
        return IMAP_UNREACHABLE;
    }
}

static struct str command(struct imap *i, struct str text, struct answer *answers, size_t most,
                          size_t *n);

struct imap *imap_open(struct arena *a, const struct imap_server *server) {
    struct imap *i = ARENA_NEW(a, struct imap);
    i->arena = a;
    i->until_ns = clock_steady_ns() + SESSION_MS * INT64_C(1000000);
    i->handle = curl_easy_init();
    if (!i->handle || !client_host_open(a, server->host, &i->guard)) {
        fail(i, IMAP_PRIVATE, STR("the address is not public"));
        return i;
    }
    client_guard_set(i->handle, &i->guard, "imap,imaps");
    server_set(i, server);
    CURLcode code = curl_easy_perform(i->handle);
    if (code != CURLE_OK && i->guard.refused && !i->guard.opened) {
        fail(i, IMAP_PRIVATE, STR("the address is not public"));
    } else if (code != CURLE_OK) {
        struct str words = str_from(
            code == CURLE_LOGIN_DENIED && *i->words ? i->words : curl_easy_strerror(code));
        fail(i, outcome_of(code), words);
    } else {
        /* 163 and 126 let nobody in who has not said what program he is (RFC 2971). */
        command(i, STR("ID (\"name\" \"Guantong\" \"vendor\" \"Guantong\")"), NULL, 0, NULL);
        imap_forgive(i);
    }
    return i;
}

void imap_close(struct imap *i) {
    if (i->outcome == IMAP_WORKS && !i->watched) {
        command(i, STR("LOGOUT"), NULL, 0, NULL);
    }
    curl_easy_cleanup(i->handle);
    i->handle = NULL;
}

enum imap_outcome imap_outcome(const struct imap *i) {
    return i->outcome;
}

struct str imap_why(const struct imap *i) {
    return i->why;
}

void imap_forgive(struct imap *i) {
    if (i->outcome == IMAP_REFUSED) {
        i->outcome = IMAP_WORKS;
    }
}

/* Wait until the connection can be read or written. */
static bool ready(struct imap *i, short events) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    int64_t left_ms = (i->until_ns - clock_steady_ns()) / INT64_C(1000000);
    int wait = left_ms < WAIT_MS ? (int)left_ms : WAIT_MS;
    curl_easy_getinfo(i->handle, CURLINFO_ACTIVESOCKET, &socket);
    struct pollfd one = {.fd = socket, .events = events};
    if (socket == CURL_SOCKET_BAD || wait <= 0 || poll(&one, 1, wait) != 1) {
        fail(i, IMAP_UNREACHABLE, STR("the server does not answer"));
        return false;
    }
    return true;
}

static bool send_all(struct imap *i, struct str text) {
    while (text.n && i->outcome == IMAP_WORKS) {
        size_t n = 0;
        CURLcode code = curl_easy_send(i->handle, text.p, text.n, &n);
        if (code == CURLE_OK) {
            text = str_slice(text, n, text.n);
        } else if (code != CURLE_AGAIN || !ready(i, POLLOUT)) {
            fail(i, IMAP_UNREACHABLE, str_from(curl_easy_strerror(code)));
        }
    }
    return i->outcome == IMAP_WORKS;
}

/* At least one byte is there. */
static bool filled(struct imap *i) {
    while (i->from == i->to && i->outcome == IMAP_WORKS) {
        size_t n = 0;
        CURLcode code = curl_easy_recv(i->handle, i->bytes, sizeof i->bytes, &n);
        if (code == CURLE_OK && n) {
            i->from = 0;
            i->to = n;
            i->received += n;
        } else if (code == CURLE_OK) {
            fail(i, IMAP_UNREACHABLE, STR("the server hung up"));
        } else if (code != CURLE_AGAIN || !ready(i, POLLIN)) {
            fail(i, IMAP_UNREACHABLE, str_from(curl_easy_strerror(code)));
        }
        if (i->received > ANSWERS_MOST) {
            fail(i, IMAP_STRANGE, STR("the answers are too large"));
        }
    }
    return i->outcome == IMAP_WORKS;
}

/* Up to the end of a line, added without it. */
static bool line_read(struct imap *i, struct text_buffer *out) {
    while (filled(i)) {
        const char *end = memchr(i->bytes + i->from, '\n', i->to - i->from);
        size_t n = end ? (size_t)(end - (i->bytes + i->from)) : i->to - i->from;
        text_add(out, (struct str){i->bytes + i->from, n});
        i->from += n + (end ? 1 : 0);
        if (out->n > LINE_MOST) {
            fail(i, IMAP_STRANGE, STR("an answer is too long"));
        } else if (end) {
            out->n -= out->n && out->p[out->n - 1] == '\r';
            return true;
        }
    }
    return false;
}

static struct str bytes_read(struct imap *i, size_t n) {
    struct text_buffer out = {.arena = i->arena};
    text_reserve(&out, n);
    while (out.n < n && filled(i)) {
        size_t here = i->to - i->from, part = n - out.n < here ? n - out.n : here;
        text_add(&out, (struct str){i->bytes + i->from, part});
        i->from += part;
    }
    return text_str(&out);
}

/* The length that ends a line, "{123}"; -1 when there is none. */
static int64_t literal_length(struct str line) {
    size_t from = line.n;
    int64_t n = -1;
    if (!line.n || line.p[line.n - 1] != '}') {
        return -1;
    }
    while (from && line.p[from - 1] != '{') {
        from--;
    }
    return from && str_to_int(str_slice(line, from, line.n - 1), &n) && n >= 0 ? n : -1;
}

static bool answer_read(struct imap *i, struct answer *answer) {
    struct text_buffer text = {.arena = i->arena};
    memset(answer, 0, sizeof *answer);
    while (line_read(i, &text)) {
        int64_t n = literal_length(text_str(&text));
        if (n < 0) {
            answer->text = text_str(&text);
            return true;
        }
        if (n > IMAP_MAIL_MOST + CHUNK || answer->n_literals == LITERALS) {
            fail(i, IMAP_STRANGE, STR("an answer is too large"));
            return false;
        }
        answer->literals[answer->n_literals++] = bytes_read(i, (size_t)n);
    }
    return false;
}

/* Send a command and read to its end; untagged answers are kept, as many as there is room for.
 * What stands behind "OK". */
static struct str command(struct imap *i, struct str text, struct answer *answers, size_t most,
                          size_t *n) {
    struct answer last;
    struct str tag = str_format(i->arena, "G%d ", ++i->tag);
    size_t kept = 0;
    struct str sent = str_format(i->arena, "%.*s%.*s\r\n", STR_ARG(tag), STR_ARG(text));
    i->received = 0;
    bool going = send_all(i, sent);
    while (going && answer_read(i, &last)) {
        if (str_starts(last.text, tag)) {
            struct str end = str_slice(last.text, tag.n, last.text.n);
            if (!str_starts(end, STR("OK"))) {
                fail(i, IMAP_REFUSED, end);
            }
            break;
        }
        if (kept < most && str_starts(last.text, STR("* "))) {
            answers[kept++] = last;
        }
    }
    if (n) {
        *n = i->outcome == IMAP_WORKS ? kept : 0;
    }
    return i->outcome == IMAP_WORKS ? last.text : STR("");
}

/* A quoted string; what cannot stand in one makes it empty, and the server refuses. */
static struct str quoted(struct arena *a, struct str s) {
    struct text_buffer out = {.arena = a};
    text_add_char(&out, '"');
    for (size_t k = 0; k < s.n; k++) {
        if ((unsigned char)s.p[k] < ' ' || (unsigned char)s.p[k] > '~') {
            return STR("\"\"");
        }
        if (s.p[k] == '"' || s.p[k] == '\\') {
            text_add_char(&out, '\\');
        }
        text_add_char(&out, s.p[k]);
    }
    text_add_char(&out, '"');
    return text_str(&out);
}

/* The number behind a word, 0 when it is not there. */
static int64_t number_after(struct str text, const char *word) {
    ptrdiff_t at = str_find(text, str_from(word));
    int64_t value = 0;
    size_t from = at < 0 ? text.n : (size_t)at + str_from(word).n, to = from;
    while (to < text.n && text.p[to] >= '0' && text.p[to] <= '9') {
        to++;
    }
    str_to_int(str_slice(text, from, to), &value);
    return value;
}

/* The name at the end of an answer to LIST: a quoted string, an atom, or a literal. */
static struct str name_of(struct arena *a, const struct answer *answer) {
    struct str text = answer->text;
    if (answer->n_literals) {
        return answer->literals[answer->n_literals - 1];
    }
    if (!text.n || text.p[text.n - 1] != '"') {
        size_t from = text.n;
        while (from && text.p[from - 1] != ' ') {
            from--;
        }
        return str_slice(text, from, text.n);
    }
    size_t from = text.n - 1;
    while (from && !(text.p[from - 1] == '"' && (from < 2 || text.p[from - 2] != '\\'))) {
        from--;
    }
    struct text_buffer out = {.arena = a};
    for (size_t k = from; k + 1 < text.n; k++) {
        k += text.p[k] == '\\';
        text_add_char(&out, text.p[k]);
    }
    return text_str(&out);
}

static bool usual_sent(struct arena *a, struct str name) {
    static const char *const names[] = {"sent",      "sent items", "sent messages",
                                        "sent mail", "已发送",     "已发送邮件",
                                        "已发邮件",  "寄件備份",   NULL};
    struct str words = imap_folder_words(a, name), last;
    struct str low = str_lower(a, words);
    while (str_cut(&low, '/', &last)) {
    }
    struct str rest = last;
    while (str_cut(&rest, '.', &last)) {
    }
    for (const char *const *n = names; *n; n++) {
        if (str_is(last, *n)) {
            return true;
        }
    }
    return false;
}

size_t imap_folders(struct imap *i, struct imap_folder *folders, size_t most) {
    enum { ANSWERS = 500 };
    struct answer *answers = ARENA_NEW_ARRAY(i->arena, ANSWERS, struct answer);
    size_t n = 0, kept = 0;
    bool marked = false;
    command(i, STR("LIST \"\" \"*\""), answers, ANSWERS, &n);
    for (size_t k = 0; k < n && kept < most; k++) {
        struct str low = str_lower(i->arena, answers[k].text);
        if (!str_starts(low, STR("* list")) || str_find(low, STR("\\noselect")) >= 0) {
            continue;
        }
        struct imap_folder *f = &folders[kept++];
        f->name = name_of(i->arena, &answers[k]);
        f->sent = str_find(low, STR("\\sent")) >= 0; /* RFC 6154 */
        marked = marked || f->sent;
    }
    for (size_t k = 0; k < kept && !marked; k++) {
        folders[k].sent = usual_sent(i->arena, folders[k].name);
    }
    return kept;
}

struct str imap_folder_words(struct arena *a, struct str name) {
    struct text_buffer out = {.arena = a};
    while (name.n) {
        ptrdiff_t end = name.p[0] == '&' ? str_find_char(name, '-') : -1;
        struct str code = str_slice(name, 1, end < 0 ? 0 : (size_t)end), bytes;
        if (end < 0 || !code.n) {
            text_add_char(&out, name.p[0]);
            name = str_slice(name, end < 0 ? 1 : 2, name.n);
            continue;
        }
        struct text_buffer plain = {.arena = a};
        for (size_t k = 0; k < code.n; k++) {
            text_add_char(&plain, code.p[k] == ',' ? '_' : code.p[k] == '+' ? '-' : code.p[k]);
        }
        if (base64url_decode(a, text_str(&plain), &bytes)) {
            text_add(&out, charset_convert(a, CHARSET_UTF16BE, bytes));
        }
        name = str_slice(name, (size_t)end + 1, name.n);
    }
    return text_repair(a, text_str(&out));
}

struct imap_state imap_examine(struct imap *i, struct str folder) {
    enum { ANSWERS = 20 };
    struct answer answers[ANSWERS];
    struct imap_state state = {0};
    size_t n = 0;
    struct str name = quoted(i->arena, folder);
    command(i, str_format(i->arena, "EXAMINE %.*s", STR_ARG(name)), answers, ANSWERS, &n);
    for (size_t k = 0; k < n; k++) {
        int64_t validity = number_after(answers[k].text, "[UIDVALIDITY ");
        int64_t next = number_after(answers[k].text, "[UIDNEXT ");
        state.uidvalidity = validity ? validity : state.uidvalidity;
        state.uidnext = next ? next : state.uidnext;
    }
    if (i->outcome == IMAP_WORKS && (!state.uidvalidity || !state.uidnext)) {
        fail(i, IMAP_STRANGE, STR("the server tells no UIDVALIDITY or UIDNEXT"));
    }
    return state;
}

/* "7-Nov-2026", in UTC, a day early: servers have zones of their own. */
static struct str day_of(struct arena *a, int64_t ms) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date day = date_from_days(ms / MS_DAY - 1);
    return str_format(a, "%d-%s-%04d", day.day, months[(day.month - 1) % 12], day.year);
}

static size_t uids_read(struct str text, const struct imap_range *range, int64_t *uids,
                        size_t most) {
    struct str word;
    size_t n = 0;
    while (str_cut(&text, ' ', &word)) {
        int64_t uid = 0;
        /* "12:*" always has the last mail, though its number be smaller. */
        if (!str_to_int(word, &uid) || uid < range->from || uid > range->to) {
            continue;
        }
        size_t at = n;
        while (at && uids[at - 1] > uid) {
            at--;
        }
        if (at == most || (at && uids[at - 1] == uid)) {
            continue;
        }
        n = n < most ? n + 1 : n;
        memmove(uids + at + 1, uids + at, (n - at - 1) * sizeof *uids);
        uids[at] = uid;
    }
    return n;
}

size_t imap_search(struct imap *i, const struct imap_range *range, int64_t *uids, size_t most) {
    enum { ANSWERS = 8 };
    struct answer answers[ANSWERS];
    size_t n = 0;
    struct str day = day_of(i->arena, range->since_ms);
    struct str text = str_format(i->arena, "UID SEARCH UID %lld:%lld SINCE %.*s",
                                 (long long)range->from, (long long)range->to, STR_ARG(day));
    command(i, text, answers, ANSWERS, &n);
    for (size_t k = 0; k < n; k++) {
        if (str_starts(answers[k].text, STR("* SEARCH"))) {
            return uids_read(str_slice(answers[k].text, 8, answers[k].text.n), range, uids, most);
        }
    }
    return 0;
}

/* What a mail's answer holds: a literal, or for little of it a quoted string. */
static struct str content_of(const struct answer *answer) {
    ptrdiff_t at = str_find(answer->text, STR("BODY["));
    struct str rest = at < 0 ? STR("") : str_slice(answer->text, (size_t)at, answer->text.n);
    ptrdiff_t quote = str_find_char(rest, '"');
    if (answer->n_literals) {
        return answer->literals[0];
    }
    struct str inside = quote < 0 ? STR("") : str_slice(rest, (size_t)quote + 1, rest.n);
    ptrdiff_t end = str_find_char(inside, '"');
    return end < 0 ? STR("") : str_slice(inside, 0, (size_t)end);
}

static size_t fetch(struct imap *i, const int64_t *uids, size_t n_uids, const char *what,
                    struct imap_mail *mails) {
    enum { ANSWERS = IMAP_FETCH_MOST * 2 };
    struct answer *answers = ARENA_NEW_ARRAY(i->arena, ANSWERS, struct answer);
    struct text_buffer text = {.arena = i->arena};
    size_t n = 0, kept = 0;
    text_add_c(&text, "UID FETCH ");
    for (size_t k = 0; k < n_uids; k++) {
        text_add_format(&text, "%s%lld", k ? "," : "", (long long)uids[k]);
    }
    text_add_format(&text, " (UID RFC822.SIZE %s)", what);
    command(i, text_str(&text), answers, ANSWERS, &n);
    for (size_t k = 0; k < n && kept < n_uids; k++) {
        if (str_find(answers[k].text, STR(" FETCH (")) < 0) {
            continue;
        }
        struct str plain = answers[k].text;
        int64_t uid = number_after(plain, "(UID "), size = number_after(plain, "RFC822.SIZE ");
        uid = uid ? uid : number_after(plain, " UID ");
        bool asked = false;
        for (size_t u = 0; u < n_uids; u++) {
            asked = asked || uids[u] == uid;
        }
        if (asked && (answers[k].n_literals || size)) {
            mails[kept++] = (struct imap_mail){uid, size, content_of(&answers[k])};
        }
    }
    return kept;
}

size_t imap_heads(struct imap *i, const int64_t *uids, size_t n, struct imap_mail *mails) {
    n = n < IMAP_FETCH_MOST ? n : IMAP_FETCH_MOST;
    struct str what = str_format(i->arena, "BODY.PEEK[HEADER]<0.%d>", IMAP_HEAD_MOST);
    return n ? fetch(i, uids, n, what.p, mails) : 0;
}

struct imap_mail imap_mail(struct imap *i, int64_t uid) {
    struct imap_mail mail = {.uid = uid};
    struct str what = str_format(i->arena, "BODY.PEEK[]<0.%d>", IMAP_MAIL_MOST);
    fetch(i, &uid, 1, what.p, &mail);
    return mail;
}

bool imap_watch(struct imap *i) {
    enum { ANSWERS = 8 };
    struct answer answers[ANSWERS], going;
    size_t n = 0;
    bool able = false;
    command(i, STR("CAPABILITY"), answers, ANSWERS, &n);
    for (size_t k = 0; k < n; k++) {
        able |= str_lists(str_lower(i->arena, answers[k].text), ' ', STR("idle"));
    }
    if (!able || !send_all(i, str_format(i->arena, "G%d IDLE\r\n", ++i->tag))) {
        return false;
    }
    bool read;
    do { /* news may come before it */
        read = answer_read(i, &going);
    } while (read && str_starts(going.text, STR("* ")));
    if (!read || !str_starts(going.text, STR("+"))) {
        fail(i, IMAP_STRANGE, STR("the server refuses to be watched"));
    }
    i->watched = true;
    return i->outcome == IMAP_WORKS;
}

int imap_watch_socket(const struct imap *i) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(i->handle, CURLINFO_ACTIVESOCKET, &socket);
    return socket == CURL_SOCKET_BAD ? -1 : (int)socket;
}

/* What came and was not read is moved to the front; more is taken. False when there is no more. */
static bool more_came(struct imap *i) {
    size_t n = 0;
    memmove(i->bytes, i->bytes + i->from, i->to - i->from);
    i->to -= i->from;
    i->from = 0;
    if (i->to == sizeof i->bytes) {
        fail(i, IMAP_STRANGE, STR("an answer is too long"));
        return false;
    }
    CURLcode code = curl_easy_recv(i->handle, i->bytes + i->to, sizeof i->bytes - i->to, &n);
    if (code == CURLE_OK && n) {
        i->to += n;
        return true;
    }
    if (code != CURLE_AGAIN) {
        fail(i, IMAP_UNREACHABLE, STR("the server hung up"));
    }
    return false;
}

bool imap_watch_heard(struct imap *i) {
    bool news = false;
    do {
        const char *at = i->bytes + i->from, *end;
        while ((end = memchr(at, '\n', i->to - i->from))) {
            struct str line = {at, (size_t)(end - at)};
            news |= str_find(line, STR(" EXISTS")) >= 0;
            if (str_starts(line, STR("* BYE"))) {
                fail(i, IMAP_UNREACHABLE, STR("the server ended the session"));
            }
            i->from += line.n + 1;
            at = end + 1;
        }
    } while (i->outcome == IMAP_WORKS && more_came(i));
    return news;
}
