#include "http/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "http/client_guard.h"

#define USER_AGENT "Guantong/" GUANTONG_VERSION

static struct str private_hosts;
static const struct str not_public = {"the address is not public", 25};

void client_allow_private(struct str hosts) {
    private_hosts = hosts;
}

/* IANA's special-purpose IPv4 blocks that are not globally reachable, multicast, and 0/8. */
static bool ipv4_public(uint32_t address) {
    static const struct {
        uint32_t block;
        int bits;
    } closed[] = {
        {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
        {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
        {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
    };
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        if ((address ^ closed[i].block) >> (32 - closed[i].bits) == 0) {
            return false;
        }
    }
    return true;
}

static uint32_t ipv4_at(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Only 2000::/3 is given out; what carries an IPv4 address inside is judged by it. */
static bool ipv6_public(const unsigned char *bytes) {
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const unsigned char translated[12] = {0, 0x64, 0xff, 0x9b};
    if (!memcmp(bytes, mapped, 12) || !memcmp(bytes, translated, 12)) {
        return ipv4_public(ipv4_at(bytes + 12));
    }
    if (bytes[0] >> 5 != 1) {
        return false;
    }
    if (bytes[0] == 0x20 && bytes[1] == 0x02) { /* 6to4 */
        return ipv4_public(ipv4_at(bytes + 2));
    }
    /* 2001::/23 (Teredo, ORCHID …) and 2001:db8::/32 */
    return !(bytes[0] == 0x20 && bytes[1] == 0x01 &&
             ((bytes[2] & 0xfe) == 0 || (bytes[2] == 0x0d && bytes[3] == 0xb8)));
}

static bool address_public(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return ipv4_public(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return ipv6_public(v6.sin6_addr.s6_addr);
    }
    return false;
}

static bool host_allowed(struct str host) {
    struct str rest = private_hosts, part;
    while (rest.n && str_cut(&rest, ',', &part)) {
        if (part.n && str_equal(str_trim(part), host)) {
            return true;
        }
    }
    return false;
}

/* A call on its way. */
struct transfer {
    struct client_guard guard;
    struct arena *arena;
    struct text_buffer body;
    size_t answer_max;
    bool too_long; /* the answer */
};

static curl_socket_t socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    struct client_guard *g = data;
    if (purpose != CURLSOCKTYPE_IPCXN || (!g->allowed && !address_public(&address->addr))) {
        g->refused = true;
        return CURL_SOCKET_BAD;
    }
    g->opened = true;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t body_take(char *bytes, size_t size, size_t count, void *data) {
    struct transfer *x = data;
    size_t n = size * count;
    if (x->body.n + n > x->answer_max) {
        x->too_long = true;
        return 0;
    }
    text_add(&x->body, (struct str){bytes, n});
    return n;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t handle_key;

static void handle_free(void *handle) {
    curl_easy_cleanup(handle);
}

static void library_start(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_key_create(&handle_key, handle_free);
}

void *client_handle(void) {
    pthread_once(&once, library_start);
    CURL *handle = pthread_getspecific(handle_key);
    if (handle) {
        curl_easy_reset(handle);
        return handle;
    }
    handle = curl_easy_init();
    pthread_setspecific(handle_key, handle);
    return handle;
}

static struct str url_part(struct arena *a, CURLU *url, CURLUPart part) {
    char *text = NULL;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) {
        return STR("");
    }
    struct str copy = str_copy(a, str_from(text));
    curl_free(text);
    return copy;
}

/* The URL taken apart, or NULL when it is none we call. The caller frees it. */
static CURLU *url_parse(struct arena *a, struct str text, struct str *host) {
    CURLU *url = curl_url();
    bool good = url && text.n <= 2000 && !memchr(text.p, 0, text.n) &&
                curl_url_set(url, CURLUPART_URL, str_to_c(a, text), 0) == CURLUE_OK;
    if (good) {
        struct str scheme = url_part(a, url, CURLUPART_SCHEME);
        *host = str_lower(a, url_part(a, url, CURLUPART_HOST));
        good = (str_is(scheme, "http") || str_is(scheme, "https")) && host->n &&
               !url_part(a, url, CURLUPART_USER).n && !url_part(a, url, CURLUPART_PASSWORD).n;
    }
    if (!good) {
        curl_url_cleanup(url);
        return NULL;
    }
    return url;
}

/* False when the host is written as an address that is not public. */
static bool literal_public(struct arena *a, struct str host) {
    unsigned char bytes[16];
    if (host.n > 2 && host.p[0] == '[') {
        const char *inside = str_to_c(a, str_slice(host, 1, host.n - 1));
        return inet_pton(AF_INET6, inside, bytes) == 1 && ipv6_public(bytes);
    }
    if (inet_pton(AF_INET, str_to_c(a, host), bytes) == 1) {
        return ipv4_public(ipv4_at(bytes));
    }
    return !str_is(host, "localhost") && !str_ends(host, STR(".localhost"));
}

bool client_host_open(struct arena *a, struct str host, struct client_guard *g) {
    struct str low = str_lower(a, host);
    g->allowed = host_allowed(low);
    return low.n && (g->allowed || literal_public(a, low));
}

bool client_url_valid(struct str text) {
    struct arena a;
    arena_init(&a);
    struct str host;
    CURLU *url = url_parse(&a, text, &host);
    bool valid = url && (host_allowed(host) || literal_public(&a, host));
    curl_url_cleanup(url);
    arena_free(&a);
    return valid;
}

/* A header line; NULL list stays when the value could break out of its line. */
static struct curl_slist *header_add(struct arena *a, struct curl_slist *list,
                                     const struct client_header *h) {
    for (size_t i = 0; i < h->value.n; i++) {
        if ((unsigned char)h->value.p[i] < ' ' && h->value.p[i] != '\t') {
            return list;
        }
    }
    return curl_slist_append(list, str_format(a, "%s: %.*s", h->name, STR_ARG(h->value)).p);
}

static struct curl_slist *headers_of(struct arena *a, const struct client_request *request) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < request->n_headers; i++) {
        list = header_add(a, list, &request->headers[i]);
    }
    return list;
}

void client_guard_set(void *handle, struct client_guard *g, const char *protocols) {
    CURL *h = handle;
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, g);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
}

static void call_set(CURL *h, struct transfer *x) {
    client_guard_set(h, &x->guard, "http,https");
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(h, CURLOPT_USERAGENT, USER_AGENT);
}

static void request_set(CURL *h, const struct client_request *request) {
    int64_t timeout = request->timeout_ms ? request->timeout_ms : CLIENT_TIMEOUT_MS;
    timeout = timeout < CLIENT_TIMEOUT_MOST_MS ? timeout : CLIENT_TIMEOUT_MOST_MS;
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)timeout);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout / 2);
    if (request->body.n) {
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, request->body.p);
    }
    if (request->method && !strcmp(request->method, "HEAD")) {
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    } else if (request->method) {
        curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

static struct client_answer answer_failed(struct arena *a, const struct transfer *x,
                                          CURLcode code) {
    struct client_answer answer = {.outcome = CLIENT_UNREACHABLE};
    if (x->guard.refused && !x->guard.opened) {
        answer.outcome = CLIENT_REFUSED;
        answer.why = not_public;
    } else if (x->too_long) {
        answer.why = STR("the answer is too long");
    } else {
        answer.why = str_copy(a, str_from(curl_easy_strerror(code)));
    }
    return answer;
}

static struct client_answer answer_read(struct arena *a, CURL *h, const struct transfer *x) {
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(h, CURLINFO_CONTENT_TYPE, &type);
    return (struct client_answer){
        .outcome = CLIENT_ANSWERED,
        .status = (int)status,
        .content_type = str_copy(a, str_from(type)),
        .body = text_str(&x->body),
    };
}

struct client_answer client_call(struct arena *a, const struct client_request *request) {
    struct transfer x = {
        .arena = a,
        .body = {.arena = a},
        .answer_max = request->answer_max ? request->answer_max : CLIENT_ANSWER_MAX,
    };
    struct str host;
    CURL *h = client_handle();
    CURLU *url = url_parse(a, request->url, &host);
    if (!h || !url) {
        curl_url_cleanup(url);
        return (struct client_answer){.outcome = CLIENT_REFUSED, .why = STR("not a URL we call")};
    }
    if (!client_host_open(a, host, &x.guard)) {
        curl_url_cleanup(url);
        return (struct client_answer){.outcome = CLIENT_REFUSED, .why = not_public};
    }
    struct curl_slist *headers = headers_of(a, request);
    call_set(h, &x);
    request_set(h, request);
    curl_easy_setopt(h, CURLOPT_CURLU, url);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(h);
    struct client_answer answer = code == CURLE_OK ? answer_read(a, h, &x)
                                                   : answer_failed(a, &x, code);
    curl_easy_reset(h);
    curl_slist_free_all(headers);
    curl_url_cleanup(url);
    return answer;
}
