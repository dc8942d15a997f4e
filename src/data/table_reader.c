#include "data/table_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/csv.h"
#include "data/xlsx.h"

const struct table_limits table_limits_default = {
    .bytes = INT64_C(100) << 20,
    .unpacked = INT64_C(1) << 30,
    .rows = 1000000,
    .columns = 500,
    .cell_bytes = 65536,
    .seconds = 120,
};

/* Either csv alone (a CSV file), xlsx alone (a trusted workbook), or csv over what the child
 * process made of a workbook, whose rows have their line number in front. */
struct table_reader {
    struct csv_reader *csv;
    struct xlsx_reader *xlsx;
    bool from_child;
    int64_t size;       /* of a workbook */
    struct arena arena; /* the reader itself is in it */
    struct str_list sheets;
};

enum file_kind { FILE_UNREADABLE, FILE_TEXT, FILE_ZIP, FILE_OLE };

/* By the first bytes: "PK" of a zip archive, or the OLE container of old or encrypted Excel. */
static enum file_kind file_kind(const char *path, int64_t *size) {
    char first[8] = "";
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return FILE_UNREADABLE;
    }
    bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    ssize_t n = regular ? read(file, first, sizeof first) : -1;
    close(file);
    *size = regular ? status.st_size : 0;
    struct str head = {first, n > 0 ? (size_t)n : 0};
    return n < 0                                       ? FILE_UNREADABLE
           : str_starts(head, STR("PK\x03\x04"))       ? FILE_ZIP
           : str_starts(head, STR("\xD0\xCF\x11\xE0")) ? FILE_OLE
                                                       : FILE_TEXT;
}

/* The first row of the child's file are the sheets. */
static void child_sheets(struct ctx *c, struct table_reader *t) {
    struct table_row row;
    if (!csv_next(c, t->csv, &row)) {
        FAIL(c, ERROR_INVALID, "table.crashed");
        return;
    }
    t->sheets = (struct str_list){ARENA_NEW_ARRAY(&t->arena, row.n, struct str), row.n};
    for (size_t i = 0; i < row.n; i++) {
        t->sheets.items[i] = str_copy(&t->arena, row.cells[i]);
    }
}

static void workbook_open(struct ctx *c, struct table_reader *t, const char *path, struct str sheet,
                          const struct table_limits *limits) {
    struct table_limits of_csv = *limits;
    of_csv.bytes = of_csv.rows = INT64_MAX;
    of_csv.columns = (limits->columns > 512 ? limits->columns : 512) + 2;
    int file = xlsx_to_csv_in_child(c, path, sheet, limits);
    t->from_child = true;
    t->csv = file < 0 ? NULL : csv_open_file(c, file, &of_csv);
    if (t->csv) {
        child_sheets(c, t);
    }
}

static void kind_open(struct ctx *c, struct table_reader *t, enum file_kind kind, const char *path,
                      const struct table_limits *limits) {
    if (kind == FILE_UNREADABLE) {
        FAIL(c, ERROR_INVALID, "table.unreadable");
    } else if (kind == FILE_OLE) {
        FAIL(c, ERROR_INVALID, "table.old_excel");
    } else if (kind == FILE_TEXT) {
        t->csv = csv_open(c, path, limits);
    }
}

struct table_reader *table_open(struct ctx *c, const char *path, struct str sheet,
                                const struct table_limits *limits, enum table_trust trust) {
    struct arena own;
    if (ctx_failed(c)) {
        return NULL;
    }
    arena_init(&own);
    struct table_reader *t = ARENA_NEW(&own, struct table_reader);
    t->arena = own;
    limits = limits ? limits : &table_limits_default;
    enum file_kind kind = file_kind(path, &t->size);
    if (t->size > limits->bytes) {
        FAIL(c, ERROR_LIMIT, "table.too_large");
    } else if (kind != FILE_ZIP) {
        kind_open(c, t, kind, path, limits);
    } else if (trust == TABLE_UNTRUSTED) {
        workbook_open(c, t, path, sheet, limits);
    } else {
        t->xlsx = xlsx_open(c, path, sheet, limits);
        t->sheets = t->xlsx ? xlsx_sheets(t->xlsx) : t->sheets;
    }
    if (ctx_failed(c)) {
        table_close(t);
        return NULL;
    }
    return t;
}

bool table_next(struct ctx *c, struct table_reader *t, struct table_row *row) {
    if (ctx_failed(c)) {
        return false;
    }
    if (t->xlsx) {
        return xlsx_next(c, t->xlsx, row);
    }
    if (!csv_next(c, t->csv, row)) {
        return false;
    }
    if (t->from_child) {
        if (!row->n || !str_to_int(row->cells[0], &row->line)) {
            FAIL(c, ERROR_INVALID, "table.crashed");
            return false;
        }
        row->cells++;
        row->n--;
    }
    return true;
}

const char *table_format(const struct table_reader *t) {
    return t->xlsx || t->from_child ? "xlsx" : "csv";
}

const char *table_charset(const struct table_reader *t) {
    return t->xlsx || t->from_child ? "UTF-8" : csv_charset(t->csv);
}

struct str_list table_sheets(const struct table_reader *t) {
    return t->sheets;
}

int64_t table_position(const struct table_reader *t) {
    return t->csv ? csv_position(t->csv) : t->size;
}

int64_t table_size(const struct table_reader *t) {
    return t->csv ? csv_size(t->csv) : t->size;
}

void table_close(struct table_reader *t) {
    if (!t) {
        return;
    }
    csv_close(t->csv);
    xlsx_close(t->xlsx);
    struct arena own = t->arena;
    arena_free(&own);
}
