#include "data/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/charset.h"

enum { CHUNK = 1 << 16 };

struct csv_reader {
    struct arena arena; /* the reader itself is in it */
    int file;
    int64_t position, size;
    struct table_limits limits;
    enum charset charset;
    struct charset_reader *converter;
    struct arena window_arena; /* the chunk in UTF-8 */
    struct str window;         /* what is left of it */
    bool last;                 /* nothing follows the window */
    char separator;

    /* The row under construction: cells one after another, and where each begins. */
    struct text_buffer bytes;
    size_t *starts;
    struct str *cells;
    size_t n_cells;
    bool quoted;      /* within quotes */
    bool quote_ended; /* the last character was a quote within quotes */
    bool was_quoted;  /* the cell began with a quote */
    bool after_cr;    /* a line feed here belongs to the line end before */
    int64_t line;
};

static void row_begin(struct csv_reader *r) {
    r->bytes.n = r->n_cells = 0;
    r->quoted = r->quote_ended = r->was_quoted = false;
    r->starts[0] = 0;
}

static void cell_end(struct csv_reader *r) {
    r->n_cells++;
    r->starts[r->n_cells] = r->bytes.n;
    r->quoted = r->quote_ended = r->was_quoted = false;
}

static struct str line_number(struct ctx *c, const struct csv_reader *r) {
    return str_format(c->arena, "%lld", (long long)r->line + 1);
}

static bool bytes_add(struct ctx *c, struct csv_reader *r, struct str part) {
    if (r->bytes.n + part.n - r->starts[r->n_cells] > r->limits.cell_bytes) {
        FAIL(c, ERROR_INVALID, "table.cell_too_long", {"line", line_number(c, r)});
        return false;
    }
    text_add(&r->bytes, part);
    return true;
}

/* Read and convert a chunk. False at the end of the file and on failure. */
static bool window_fill(struct ctx *c, struct csv_reader *r) {
    if (r->last) {
        return false;
    }
    arena_free(&r->window_arena);
    struct text_buffer out = {.arena = &r->window_arena};
    char *chunk = arena_alloc(&r->window_arena, CHUNK);
    ssize_t n = read(r->file, chunk, CHUNK);
    if (n < 0) {
        ctx_fail_internal(c, "csv: read: %s", strerror(errno));
        return false;
    }
    r->position += n;
    r->last = n == 0;
    charset_reader_add(r->converter, (struct str){chunk, (size_t)n}, r->last, &out);
    r->window = text_str(&out);
    return true;
}

/* Where the run of plain characters at the front of the window ends. */
static size_t plain_run(const struct csv_reader *r) {
    size_t i = 0;
    if (r->quoted) {
        while (i < r->window.n && r->window.p[i] != '"' && r->window.p[i]) {
            i++;
        }
        return i;
    }
    for (; i < r->window.n; i++) {
        char ch = r->window.p[i];
        if (ch == r->separator || ch == '\n' || ch == '\r' || ch == '"' || !ch) {
            break;
        }
    }
    return i;
}

static bool separator_found(struct ctx *c, struct csv_reader *r) {
    cell_end(r);
    if (r->n_cells == r->limits.columns) {
        FAIL(c, ERROR_INVALID, "table.too_many_columns", {"line", line_number(c, r)});
        return false;
    }
    return true;
}

/* A quote opens a cell at its beginning, closes it, stands for itself when doubled, and is
 * taken as it is anywhere else. */
static void quote_found(struct ctx *c, struct csv_reader *r) {
    bool at_start = r->bytes.n == r->starts[r->n_cells] && !r->was_quoted;
    if (r->quoted) {
        r->quoted = false;
        r->quote_ended = true;
    } else if (r->quote_ended || at_start) {
        if (r->quote_ended) {
            bytes_add(c, r, STR("\""));
        }
        r->quoted = r->was_quoted = true;
        r->quote_ended = false;
    } else {
        bytes_add(c, r, STR("\""));
    }
}

/* Take characters off the window into the row; true when the row is complete. */
static bool window_scan(struct ctx *c, struct csv_reader *r) {
    while (r->window.n && !ctx_failed(c)) {
        if (r->after_cr && r->window.p[0] == '\n') {
            r->after_cr = false;
            r->window = str_slice(r->window, 1, r->window.n);
            continue;
        }
        r->after_cr = false;
        size_t run = plain_run(r);
        if (run) {
            r->quote_ended = false;
            bytes_add(c, r, str_slice(r->window, 0, run));
            r->window = str_slice(r->window, run, r->window.n);
            continue;
        }
        char ch = r->window.p[0];
        r->window = str_slice(r->window, 1, r->window.n);
        if (ch == '"') {
            quote_found(c, r);
        } else if (ch == r->separator) {
            separator_found(c, r);
        } else if (ch) {
            r->after_cr = ch == '\r';
            return true;
        }
    }
    return false;
}

/* The cells as slices, without empty ones at the end. */
static void row_finish(struct csv_reader *r, struct table_row *row) {
    cell_end(r);
    while (r->n_cells && r->starts[r->n_cells] == r->starts[r->n_cells - 1]) {
        r->n_cells--;
    }
    for (size_t i = 0; i < r->n_cells; i++) {
        r->cells[i] = (struct str){r->bytes.p + r->starts[i], r->starts[i + 1] - r->starts[i]};
    }
    r->line++;
    *row = (struct table_row){r->line, r->cells, r->n_cells};
}

bool csv_next(struct ctx *c, struct csv_reader *r, struct table_row *row) {
    if (ctx_failed(c)) {
        return false;
    }
    row_begin(r);
    bool complete = false;
    do {
        complete = window_scan(c, r);
    } while (!complete && !ctx_failed(c) && window_fill(c, r));
    if (ctx_failed(c)) {
        return false;
    }
    if (r->quoted) {
        FAIL(c, ERROR_INVALID, "table.quote_open", {"line", line_number(c, r)});
        return false;
    }
    if (!complete && !r->bytes.n && !r->n_cells && !r->was_quoted) {
        return false;
    }
    if (r->line == r->limits.rows) {
        FAIL(c, ERROR_LIMIT, "table.too_many_rows",
             {"rows", str_format(c->arena, "%lld", (long long)r->limits.rows)});
        return false;
    }
    row_finish(r, row);
    return true;
}

/* How often a separator stands outside quotes, summed over the first records that have as many
 * as the record before. */
static size_t separator_score(struct str sample, char separator) {
    size_t before = 0, count = 0, score = 0, records = 0;
    bool quoted = false;
    for (size_t i = 0; i < sample.n && records < 20; i++) {
        char ch = sample.p[i];
        if (ch == '"') {
            quoted = !quoted;
        } else if (!quoted && ch == separator) {
            count++;
        } else if (!quoted && (ch == '\n' || i + 1 == sample.n)) {
            score += !records || count == before ? count : 0;
            before = count;
            records++;
            count = 0;
        }
    }
    return records ? score : count;
}

static char separator_detect(struct str sample) {
    static const char candidates[] = {',', ';', '\t'};
    char best = ',';
    size_t best_score = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t score = separator_score(sample, candidates[i]);
        if (score > best_score) {
            best = candidates[i];
            best_score = score;
        }
    }
    return best;
}

/* Spreadsheets write a first line "sep=;" to name the separator; it is no row of the data but
 * counts as one. */
static void separator_line(struct csv_reader *r) {
    struct str rest = r->window;
    struct str line;
    if (!str_starts(rest, STR("sep=")) || !str_cut(&rest, '\n', &line) || !rest.p) {
        return;
    }
    line.n -= str_ends(line, STR("\r"));
    if (line.n == 5 && str_find_char(STR(",;\t|"), line.p[4]) >= 0) {
        r->separator = line.p[4];
        r->window = rest;
        r->line = 1;
    }
}

static bool reader_prepare(struct ctx *c, struct csv_reader *r) {
    struct stat status;
    char *sample = arena_alloc(&r->window_arena, CHUNK);
    ssize_t n = fstat(r->file, &status) == 0 ? pread(r->file, sample, CHUNK, 0) : -1;
    if (n < 0) {
        FAIL(c, ERROR_INVALID, "table.unreadable");
        return false;
    }
    r->size = status.st_size;
    if (r->size > r->limits.bytes) {
        FAIL(c, ERROR_LIMIT, "table.too_large");
        return false;
    }
    r->charset = charset_detect((struct str){sample, (size_t)n});
    r->converter = charset_reader_new(r->charset);
    r->starts = ARENA_NEW_ARRAY(&r->arena, r->limits.columns + 2, size_t);
    r->cells = ARENA_NEW_ARRAY(&r->arena, r->limits.columns + 2, struct str);
    if (!r->converter || lseek(r->file, 0, SEEK_SET) != 0) {
        ctx_fail_internal(c, "csv: cannot start reading");
        return false;
    }
    if (!window_fill(c, r) && ctx_failed(c)) {
        return false;
    }
    r->separator = separator_detect(r->window);
    separator_line(r);
    return true;
}

struct csv_reader *csv_open_file(struct ctx *c, int file, const struct table_limits *limits) {
    struct arena own;
    arena_init(&own);
    struct csv_reader *r = ARENA_NEW(&own, struct csv_reader);
    r->arena = own;
    r->bytes.arena = &r->arena;
    r->file = file;
    r->limits = limits ? *limits : table_limits_default;
    arena_init(&r->window_arena);
    if (!reader_prepare(c, r)) {
        csv_close(r);
        return NULL;
    }
    return r;
}

struct csv_reader *csv_open(struct ctx *c, const char *path, const struct table_limits *limits) {
    if (ctx_failed(c)) {
        return NULL;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        FAIL(c, ERROR_INVALID, "table.unreadable");
        return NULL;
    }
    return csv_open_file(c, file, limits);
}

const char *csv_charset(const struct csv_reader *r) {
    return charset_name(r->charset);
}

char csv_separator(const struct csv_reader *r) {
    return r->separator;
}

int64_t csv_position(const struct csv_reader *r) {
    return r->position;
}

int64_t csv_size(const struct csv_reader *r) {
    return r->size;
}

void csv_close(struct csv_reader *r) {
    if (!r) {
        return;
    }
    close(r->file);
    charset_reader_free(r->converter);
    arena_free(&r->window_arena);
    struct arena own = r->arena;
    arena_free(&own);
}
