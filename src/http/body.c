#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "http/call.h"

static bool is_upload(const struct request *r) {
    return r->route && r->route->flags & ROUTE_UPLOAD;
}

static size_t upload_limit(const struct exchange *x) {
    size_t limit = x->options->upload_limit, most = x->request.route->upload_most;
    return most && (!limit || most < limit) ? most : limit;
}

bool body_fits(const struct exchange *x, uint64_t length) {
    struct ctx *c = x->request.c;
    size_t limit = is_upload(&x->request) ? upload_limit(x) : x->options->body_limit;
    if (!limit || length <= limit) {
        return true;
    }
    struct str words = limit >= 1 << 20 ? str_format(c->arena, "%zu MB", limit >> 20)
                                        : str_format(c->arena, "%zu KB", limit >> 10);
    FAIL(c, ERROR_LIMIT, "request.too_large", {"limit", words});
    return false;
}

/* A new file in the folder for uploads, readable by nobody else. */
static int spool_open(struct call *call, struct str *path) {
    struct ctx *c = call->x.request.c;
    struct str folder = call->server->options.spool_folder;
    char *name = str_to_c(c->arena, str_format(c->arena, "%.*s/upload-XXXXXX",
                                               STR_ARG(folder.n ? folder : STR("/tmp"))));
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0) {
        ctx_fail_internal(c, "cannot make a file for an upload: %s", strerror(errno));
        return -1;
    }
    *path = str_from(name);
    return fd;
}

static bool spool_write(struct ctx *c, int fd, const char *data, size_t n) {
    while (n) {
        ssize_t written = write(fd, data, n);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            ctx_fail_internal(c, "cannot write an upload: %s", strerror(errno));
            return false;
        }
        data += written;
        n -= (size_t)written;
    }
    return true;
}

bool body_begin(struct call *call) {
    struct request *r = &call->x.request;
    struct str text = request_header(r, "Content-Length");
    int64_t length = 0;
    if (text.p && (!str_to_int(text, &length) || length < 0)) {
        FAIL(r->c, ERROR_INVALID, "request.malformed");
        return false;
    }
    if (!body_fits(&call->x, (uint64_t)length)) {
        return false;
    }
    if (ctx_failed(r->c) || !is_upload(r)) {
        return true; /* a small body is read to its end, so that the connection can go on */
    }
    call_authorize(call);
    if (!ctx_failed(r->c)) {
        call->spool = spool_open(call, &call->spool_path);
    }
    return !ctx_failed(r->c);
}

void body_add(struct call *call, const char *data, size_t n) {
    struct ctx *c = call->x.request.c;
    call->arrived += n;
    if (call->too_large || ctx_failed(c)) {
        return;
    }
    if (!body_fits(&call->x, call->arrived)) {
        call->too_large = true;
    } else if (call->spool >= 0) {
        spool_write(c, call->spool, data, n);
    } else {
        call->body.arena = c->arena;
        text_add(&call->body, (struct str){data, n});
    }
}

void body_end(struct call *call) {
    struct request *r = &call->x.request;
    r->body = text_str(&call->body);
    if (call->spool >= 0) {
        r->upload = call->spool_path;
    }
}

static const struct form_field *file_field(const struct form *form) {
    for (int i = 0; i < form->n; i++) {
        if (form->fields[i].file_name.p) {
            return &form->fields[i];
        }
    }
    return NULL;
}

/* The file part gets a file of its own; fields are copied, for the mapping goes away. */
static void unpack(struct call *call, struct str whole) {
    struct exchange *x = &call->x;
    struct request *r = &x->request;
    struct arena *a = r->c->arena;
    if (!form_parse(a, request_header(r, "Content-Type"), whole, &x->form)) {
        FAIL(r->c, ERROR_INVALID, "request.malformed");
        return;
    }
    const struct form_field *file = file_field(&x->form);
    r->upload = STR("");
    for (int i = 0; i < x->form.n; i++) {
        struct form_field *field = &x->form.fields[i];
        field->name = str_copy(a, field->name);
        field->mime = str_copy(a, field->mime);
        if (!field->file_name.p) {
            field->value = str_copy(a, field->value);
            continue;
        }
        field->file_name = str_copy(a, field->file_name);
        if (field == file) {
            struct str path;
            int fd = spool_open(call, &path);
            if (fd >= 0) {
                r->upload = path;
                r->upload_name = field->file_name;
                spool_write(r->c, fd, field->value.p, field->value.n);
                close(fd);
            }
        }
        field->value = STR("");
    }
}

void body_unpack(struct call *call) {
    struct request *r = &call->x.request;
    bool multipart = mime_is(request_header(r, "Content-Type"), "multipart/form-data");
    if (call->spool < 0 || call->x.form_read || ctx_failed(r->c) || !multipart) {
        return;
    }
    call->x.form_read = true;
    size_t n = (size_t)call->arrived;
    void *whole = n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, call->spool, 0) : MAP_FAILED;
    if (whole == MAP_FAILED) {
        FAIL(r->c, ERROR_INVALID, "request.malformed");
        return;
    }
    unpack(call, (struct str){whole, n});
    munmap(whole, n);
}

static void remove_file(struct str path) {
    if (path.n) {
        unlink(path.p);
    }
}

void body_discard(struct call *call) {
    struct request *r = &call->x.request;
    if (call->spool < 0) {
        return;
    }
    close(call->spool);
    bool parted = r->upload.p != call->spool_path.p;
    if (parted || !r->upload_kept) {
        remove_file(call->spool_path);
    }
    if (parted && !r->upload_kept) {
        remove_file(r->upload);
    }
}
