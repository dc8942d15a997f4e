/*
 * Any bytes as what a mail server answers to the whole reading of a mailbox: folders, one opened,
 * a search, heads, a mail. The calls of libcurl that carry the bytes are replaced here. Whatever
 * comes, every answer stays within its bounds.
 *
 * The first byte says how many bytes arrive at a time.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "connector/imap.h"
#include "http/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FOLDERS = 20, UIDS = 100 };

static struct str coming;
static size_t portion;

CURLcode curl_easy_perform(CURL *handle) {
    (void)handle;
    return CURLE_OK;
}

CURLcode curl_easy_send(CURL *handle, const void *bytes, size_t n, size_t *sent) {
    (void)handle;
    (void)bytes;
    *sent = n;
    return CURLE_OK;
}

CURLcode curl_easy_recv(CURL *handle, void *bytes, size_t most, size_t *n) {
    (void)handle;
    *n = coming.n < portion ? coming.n : portion;
    *n = *n < most ? *n : most;
    if (*n) {
        memcpy(bytes, coming.p, *n);
    }
    coming = str_slice(coming, *n, coming.n);
    return CURLE_OK;
}

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void folders_read(struct arena *a, struct imap *i) {
    struct imap_folder folders[FOLDERS];
    size_t n = imap_folders(i, folders, FOLDERS);
    must(n <= FOLDERS);
    for (size_t k = 0; k < n; k++) {
        must(text_valid(imap_folder_words(a, folders[k].name)));
    }
    imap_forgive(i);
}

static void mails_read(struct imap *i, const int64_t *uids, size_t n) {
    struct imap_mail mails[IMAP_FETCH_MOST];
    size_t there = imap_heads(i, uids, n, mails);
    must(there <= n && there <= IMAP_FETCH_MOST);
    for (size_t k = 0; k < there; k++) {
        bool asked = false;
        for (size_t u = 0; u < n; u++) {
            asked |= uids[u] == mails[k].uid;
        }
        must(asked && mails[k].bytes.n <= IMAP_MAIL_MOST + 16384);
    }
    must(n && imap_mail(i, uids[0]).uid == uids[0]);
}

static void mailbox_read(struct arena *a, struct imap *i) {
    folders_read(a, i);
    struct imap_state state = imap_examine(i, STR("INBOX"));
    must(imap_outcome(i) != IMAP_WORKS || (state.uidvalidity && state.uidnext));
    imap_forgive(i);
    struct imap_range range = {.from = 2, .to = INT64_MAX};
    int64_t uids[UIDS];
    size_t n = imap_search(i, &range, uids, UIDS);
    must(n <= UIDS);
    for (size_t k = 0; k < n; k++) {
        must(uids[k] >= range.from && (!k || uids[k - 1] < uids[k]));
    }
    if (!n) {
        uids[n++] = 7;
    }
    mails_read(i, uids, n < IMAP_FETCH_MOST ? n : IMAP_FETCH_MOST);
    must(text_valid(imap_why(i)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    arena_init(&a);
    client_allow_private(STR("localhost"));
    portion = size ? 1 + (size_t)data[0] * 16 : 1;
    coming = size ? (struct str){(const char *)data + 1, size - 1} : STR("");
    struct imap *i = imap_open(&a, &(struct imap_server){.host = STR("localhost"),
                                                         .security = STR("none"),
                                                         .port = 143,
                                                         .username = STR("a"),
                                                         .password = STR("b")});
    mailbox_read(&a, i);
    imap_close(i);
    arena_free(&a);
    return 0;
}
