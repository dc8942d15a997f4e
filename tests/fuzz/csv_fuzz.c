/* Any bytes as a CSV file: rows keep their bounds, and what is written of them is read back. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/csv.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static int file_of(struct str bytes) {
    int file = memfd_create("csv", MFD_CLOEXEC);
    must(file >= 0 && write(file, bytes.p, bytes.n) == (ssize_t)bytes.n);
    return file;
}

static const struct table_limits limits = {
    .bytes = 1 << 24, .rows = 5000, .columns = 50, .cell_bytes = 2000, .seconds = 1};

/* Write again what is read, or compare with what was written. */
static int64_t rows_write(struct ctx *c, struct str bytes, struct text_buffer *out) {
    struct csv_reader *r = csv_open_file(c, file_of(bytes), &limits);
    struct table_row row;
    int64_t first = 0;
    int64_t rows = 0;
    for (; r && csv_next(c, r, &row); rows++) {
        first = rows ? first : row.line;
        must(row.line == first + rows && row.n <= limits.columns);
        for (size_t i = 0; i < row.n; i++) {
            must(row.cells[i].n <= limits.cell_bytes && text_valid(row.cells[i]));
        }
        csv_add_row_exact(out, row.cells, row.n);
    }
    csv_close(r);
    return rows;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    static const struct str head = {"\xEF\xBB\xBFsep=,\r\n", 10};
    struct arena a;
    arena_init(&a);
    struct ctx c = {.arena = &a};
    struct text_buffer written = {.arena = &a};
    struct text_buffer again = {.arena = &a};
    text_add(&written, head);
    text_add(&again, head);
    int64_t rows = rows_write(&c, (struct str){(const char *)bytes, n}, &written);
    if (!ctx_failed(&c)) {
        must(rows_write(&c, text_str(&written), &again) == rows && !ctx_failed(&c));
        must(str_equal(text_str(&written), text_str(&again)));
    }
    arena_free(&a);
    return 0;
}
