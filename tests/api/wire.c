#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/router.h"
#include "runner.h"

enum { ANSWER_LIMIT = 16 << 20 };

int wire_connect(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = 30};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void send_all(int fd, struct str text) {
    while (text.n) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        text = str_slice(text, (size_t)n, text.n);
    }
}

static struct str receive_all(struct arena *a, int fd) {
    struct text_buffer in = {.arena = a};
    char bytes[16384];
    ssize_t n;
    while (in.n < ANSWER_LIMIT && (n = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        text_add(&in, (struct str){bytes, (size_t)n});
    }
    return text_str(&in);
}

static void head_parse(struct str head, struct reply *reply) {
    struct str line;
    int64_t status = 0;
    str_cut(&head, '\n', &line);
    str_to_int(str_slice(line, 9, 12), &status); /* "HTTP/1.1 200 OK" */
    reply->status = (int)status;
    while (str_cut(&head, '\n', &line) && reply->n_headers < REPLY_HEADERS) {
        line = str_trim(line);
        ptrdiff_t colon = str_find_char(line, ':');
        if (colon > 0) {
            reply->headers[reply->n_headers++] = (struct header){
                str_slice(line, 0, (size_t)colon),
                str_trim(str_slice(line, (size_t)colon + 1, line.n))};
        }
    }
}

void wire_send(struct arena *a, int fd, const struct step *s, const struct header *headers,
               int n_headers) {
    struct text_buffer out = {.arena = a};
    text_add_format(&out, "%s %.*s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n",
                    method_word(s->method), STR_ARG(s->target));
    for (int i = 0; i < n_headers; i++) {
        text_add_format(&out, "%.*s: %.*s\r\n", STR_ARG(headers[i].name),
                        STR_ARG(headers[i].value));
    }
    if (s->body.n || s->method != METHOD_GET) {
        text_add_format(&out, "Content-Length: %zu\r\n", s->body.n);
    }
    text_add_c(&out, "\r\n");
    text_add(&out, s->body);
    send_all(fd, text_str(&out));
}

struct reply wire_receive(struct arena *a, int fd) {
    struct reply reply = {0};
    struct str answer = receive_all(a, fd);
    close(fd);
    ptrdiff_t end = str_find(answer, STR("\r\n\r\n"));
    if (end < 0) {
        return reply;
    }
    head_parse(str_slice(answer, 0, (size_t)end), &reply);
    reply.body = str_slice(answer, (size_t)end + 4, answer.n);
    return reply;
}
