/*
 * Reading an XLSX file in a child process. What runs in the child, up to child_run, touches only
 * memory of its own and files: other threads of the parent may hold any lock when it forks.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/csv.h"
#include "data/texts.h"
#include "data/xlsx.h"

/* What the child may take on top of what it inherits. */
#define CHILD_MEMORY (INT64_C(1) << 30)

enum { VERDICT = 512, FLUSH = 1 << 16 };

static void limit(int resource, int64_t most) {
    struct rlimit r = {(rlim_t)most, (rlim_t)most};
    setrlimit(resource, &r);
}

static int64_t memory_inherited(void) {
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = file < 0 ? -1 : read(file, text, sizeof text - 1);
    close(file);
    return n > 0 ? strtoll(text, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

static void limits_set(const struct table_limits *limits) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, limits->seconds);
    limit(RLIMIT_FSIZE, limits->unpacked);
    limit(RLIMIT_AS, memory_inherited() + CHILD_MEMORY);
}

static bool write_all(int file, struct str s) {
    while (s.n) {
        ssize_t n = write(file, s.p, s.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        s = str_slice(s, (size_t)n, s.n);
    }
    return true;
}

static void row_put(struct text_buffer *out, const struct table_row *row, struct str *cells) {
    cells[0] = str_format(out->arena, "%lld", (long long)row->line);
    if (row->n) {
        memcpy(cells + 1, row->cells, row->n * sizeof *cells);
    }
    csv_add_row_exact(out, cells, row->n + 1);
}

static void rows_write(struct ctx *c, struct xlsx_reader *r, int file, size_t columns) {
    struct str *cells = ARENA_NEW_ARRAY(c->arena, columns + 1, struct str);
    struct text_buffer head = {.arena = c->arena};
    struct str_list sheets = xlsx_sheets(r);
    struct table_row row;
    text_add(&head, csv_mark);
    text_add_c(&head, "sep=,\r\n");
    csv_add_row_exact(&head, sheets.items, sheets.n);
    bool written = write_all(file, text_str(&head));
    struct arena_mark mark = arena_mark(c->arena);
    struct text_buffer out = {.arena = c->arena};
    while (written && xlsx_next(c, r, &row)) {
        row_put(&out, &row, cells);
        if (out.n > FLUSH) {
            written = write_all(file, text_str(&out));
            arena_reset(c->arena, mark);
            out = (struct text_buffer){.arena = c->arena};
        }
    }
    if (!written || !write_all(file, text_str(&out))) {
        FAIL(c, ERROR_LIMIT, "table.bomb");
    }
}

/* "ok", or the failure: code, text, name and value of its parameter, parted by tabs. */
static void verdict_send(const struct ctx *c, int pipe) {
    char line[VERDICT];
    const struct text_parameter *p = &c->error.parameters[0];
    int n = !ctx_failed(c)
                ? snprintf(line, sizeof line, "ok\n")
                : snprintf(line, sizeof line, "%d\t%s\t%s\t%.*s\n", (int)c->error.code,
                           c->error.text, p->name ? p->name : "",
                           p->value.n > 200 ? 200 : (int)p->value.n, p->value.n ? p->value.p : "");
    write_all(pipe, (struct str){line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1});
}

static _Noreturn void child_run(const char *path, struct str sheet,
                                const struct table_limits *limits, const int files[2]) {
    struct arena a;
    struct ctx c = {.arena = &a};
    arena_init(&a);
    limits_set(limits);
    struct xlsx_reader *r = xlsx_open(&c, path, sheet, limits);
    if (r) {
        rows_write(&c, r, files[0], limits->columns > 512 ? limits->columns : 512);
    }
    verdict_send(&c, files[1]);
    _exit(0);
}

/* What the child said until it closed the pipe; false when the time is over. */
static bool verdict_wait(int pipe, int seconds, char line[VERDICT]) {
    int64_t end = clock_steady_ns() + (int64_t)seconds * 1000000000;
    size_t n = 0;
    for (;;) {
        int64_t left = (end - clock_steady_ns()) / 1000000;
        struct pollfd waiting = {.fd = pipe, .events = POLLIN};
        int ready = left > 0 ? poll(&waiting, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0) {
            return false;
        }
        ssize_t got = read(pipe, line + n, VERDICT - 1 - n);
        if (got <= 0) {
            line[n] = '\0';
            return true;
        }
        n += (size_t)got;
    }
}

/* The failure of the child becomes ours; its text must be one of our table. */
static void verdict_take(struct ctx *c, const char *line) {
    struct str said = str_from(line), rest, part[4];
    str_cut(&said, '\n', &rest);
    if (str_is(rest, "ok")) {
        return;
    }
    int64_t code = 0;
    bool whole = true;
    for (size_t i = 0; i < 4; i++) {
        part[i] = STR("");
        whole = str_cut(&rest, '\t', &part[i]) && whole;
    }
    for (const struct text *t = data_texts; whole && t->code; t++) {
        if (str_is(part[1], t->code) && str_to_int(part[0], &code) && code == ERROR_LIMIT) {
            FAIL(c, ERROR_LIMIT, t->code, {str_to_c(c->arena, part[2]), part[3]});
        } else if (str_is(part[1], t->code)) {
            FAIL(c, ERROR_INVALID, t->code, {str_to_c(c->arena, part[2]), part[3]});
        }
    }
    FAIL(c, ERROR_INVALID, "table.crashed");
}

/* A file without a name. */
static int scratch_file(void) {
    const char *folder = getenv("TMPDIR");
    return open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int xlsx_to_csv_in_child(struct ctx *c, const char *path, struct str sheet,
                         const struct table_limits *limits) {
    int verdict[2] = {-1, -1};
    char line[VERDICT];
    int file = ctx_failed(c) ? -1 : scratch_file();
    if (file < 0 || pipe2(verdict, O_CLOEXEC) != 0) {
        ctx_fail_internal(c, "xlsx: scratch file: %s", strerror(errno));
        close(file);
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        close(verdict[0]);
        child_run(path, sheet, limits, (int[]){file, verdict[1]});
    }
    close(verdict[1]);
    if (child < 0) {
        ctx_fail_internal(c, "xlsx: fork: %s", strerror(errno));
    } else {
        bool in_time = verdict_wait(verdict[0], limits->seconds, line);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (in_time) {
            verdict_take(c, line);
        } else {
            FAIL(c, ERROR_LIMIT, "table.timeout");
        }
    }
    close(verdict[0]);
    if (ctx_failed(c)) {
        close(file);
        return -1;
    }
    lseek(file, 0, SEEK_SET);
    return file;
}
