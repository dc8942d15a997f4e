#include "data/table_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/text.h"
#include "data/csv.h"

/* XLSX_TEXT: what a cell of a sheet can hold. */
enum { XLSX_ROWS = 1048576, XLSX_TEXT = 32767, FLUSH = 1 << 16 };

struct table_writer {
    struct arena own; /* the writer itself is in it */
    enum table_format format;
    const struct zone *zone;
    struct arena arena; /* of the rows not yet written */
    uint32_t row;

    int file; /* CSV */
    struct text_buffer out;

    lxw_workbook *workbook; /* XLSX */
    lxw_worksheet *sheet;
    lxw_format *header, *date, *instant;
};

static void out_begin(struct table_writer *w) {
    arena_free(&w->arena);
    w->out = (struct text_buffer){.arena = &w->arena};
}

static void out_flush(struct ctx *c, struct table_writer *w) {
    struct str rest = text_str(&w->out);
    while (rest.n && !ctx_failed(c)) {
        ssize_t n = write(w->file, rest.p, rest.n);
        if (n < 0 && errno != EINTR) {
            ctx_fail_internal(c, "table: write: %s", strerror(errno));
        }
        rest = str_slice(rest, n > 0 ? (size_t)n : 0, rest.n);
    }
    out_begin(w);
}

static void workbook_create(struct ctx *c, struct table_writer *w, const char *path,
                            struct str sheet) {
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    char name[LXW_SHEETNAME_MAX * 4 + 1];
    struct str shown = text_truncate(sheet, LXW_SHEETNAME_MAX);
    memcpy(name, shown.n ? shown.p : "", shown.n);
    name[shown.n] = '\0';
    for (char *p = name; *p; p++) {
        *p = strchr("[]:*?/\\'", *p) ? ' ' : *p;
    }
    w->workbook = workbook_new_opt(path, &options);
    w->sheet = w->workbook ? workbook_add_worksheet(w->workbook, *name ? name : NULL) : NULL;
    if (!w->sheet) {
        ctx_fail_internal(c, "table: cannot make a workbook");
        return;
    }
    w->header = workbook_add_format(w->workbook);
    format_set_bold(w->header);
    w->date = workbook_add_format(w->workbook);
    format_set_num_format(w->date, "yyyy-mm-dd");
    w->instant = workbook_add_format(w->workbook);
    format_set_num_format(w->instant, "yyyy-mm-dd hh:mm:ss");
    worksheet_freeze_panes(w->sheet, 1, 0);
}

struct table_writer *table_create(struct ctx *c, const char *path, enum table_format format,
                                  struct str sheet, const struct zone *zone) {
    struct arena own;
    if (ctx_failed(c)) {
        return NULL;
    }
    arena_init(&own);
    struct table_writer *w = ARENA_NEW(&own, struct table_writer);
    w->own = own;
    w->format = format;
    w->zone = zone;
    w->file = -1;
    arena_init(&w->arena);
    out_begin(w);
    if (format == TABLE_XLSX) {
        workbook_create(c, w, path, sheet);
    } else {
        w->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (w->file < 0) {
            ctx_fail_internal(c, "table: %s: %s", path, strerror(errno));
        }
        text_add(&w->out, csv_mark);
    }
    if (ctx_failed(c)) {
        table_finish(c, w);
        return NULL;
    }
    return w;
}

/* "2026-11-23 15:10:00" of an instant in the writer's zone. */
static struct str instant_text(struct table_writer *w, int64_t ms) {
    char date[DATE_TEXT];
    int seconds = (int)(zone_time_of_day(w->zone, ms) / MS_SECOND);
    date_format(zone_date(w->zone, ms), date);
    return str_format(&w->arena, "%s %02d:%02d:%02d", date, seconds / 3600, seconds / 60 % 60,
                      seconds % 60);
}

static struct str cell_text(struct table_writer *w, const struct table_cell *cell) {
    char date[DATE_TEXT];
    switch (cell->kind) {
    case CELL_TEXT:
    case CELL_NUMBER:
        return cell->text;
    case CELL_DATE:
        date_format(cell->date, date);
        return str_copy(&w->arena, str_from(date));
    case CELL_INSTANT:
        return instant_text(w, cell->instant);
    case CELL_BOOLEAN:
        return cell->boolean ? STR("TRUE") : STR("FALSE");
    case CELL_EMPTY:
        break;
    }
    return STR("");
}

static void csv_write(struct ctx *c, struct table_writer *w, const struct table_cell *cells,
                      size_t n) {
    struct str *texts = ARENA_NEW_ARRAY(&w->arena, n, struct str);
    for (size_t i = 0; i < n; i++) {
        texts[i] = cell_text(w, &cells[i]);
    }
    csv_add_row(&w->out, texts, n);
    if (w->out.n > FLUSH) {
        out_flush(c, w);
    }
}

static double date_serial(struct date d) {
    return (double)(date_to_days(d) - date_to_days((struct date){1899, 12, 30}));
}

/* More digits than a double keeps stay text: a sheet would round them. */
static bool fits_double(struct str digits) {
    size_t n = 0;
    for (size_t i = 0; i < digits.n; i++) {
        n += digits.p[i] >= '0' && digits.p[i] <= '9';
    }
    return n > 0 && n <= 15;
}

/* XML has no U+FFFE and U+FFFF: one of them and no program opens the workbook. The control
 * characters, which it does not have either, the library writes as _x0007_. */
static char *shown_text(struct arena *a, struct str text) {
    char *shown = str_to_c(a, text_truncate(text_repair(a, text), XLSX_TEXT));
    for (char *p = shown; (p = strstr(p, "\xef\xbf")); p += 3) {
        p[2] = (unsigned char)p[2] >= 0xbe ? (char)0xbd : p[2]; /* U+FFFD, as long in UTF-8 */
    }
    return shown;
}

static lxw_error text_write(struct table_writer *w, uint16_t column, struct str text) {
    return worksheet_write_string(w->sheet, w->row, column, shown_text(&w->arena, text),
                                  w->row ? NULL : w->header);
}

static lxw_error xlsx_cell_write(struct table_writer *w, uint16_t column,
                                 const struct table_cell *cell) {
    double days;
    switch (cell->kind) {
    case CELL_NUMBER:
        if (fits_double(cell->text)) {
            return worksheet_write_number(w->sheet, w->row, column,
                                          strtod(str_to_c(&w->arena, cell->text), NULL), NULL);
        }
        return text_write(w, column, cell->text);
    case CELL_DATE:
        return worksheet_write_number(w->sheet, w->row, column, date_serial(cell->date), w->date);
    case CELL_INSTANT:
        days = date_serial(zone_date(w->zone, cell->instant)) +
               (double)zone_time_of_day(w->zone, cell->instant) / MS_DAY;
        return worksheet_write_number(w->sheet, w->row, column, days, w->instant);
    case CELL_BOOLEAN:
        return worksheet_write_boolean(w->sheet, w->row, column, cell->boolean, NULL);
    case CELL_TEXT:
        return text_write(w, column, cell->text);
    case CELL_EMPTY:
        break;
    }
    return LXW_NO_ERROR;
}

static void xlsx_write(struct ctx *c, struct table_writer *w, const struct table_cell *cells,
                       size_t n) {
    if (w->row == XLSX_ROWS || n > LXW_COL_MAX) {
        FAIL(c, ERROR_LIMIT, "table.too_many_rows",
             {"rows", str_format(c->arena, "%d", XLSX_ROWS)});
        return;
    }
    for (size_t i = 0; i < n; i++) {
        lxw_error error = xlsx_cell_write(w, (uint16_t)i, &cells[i]);
        if (error) {
            ctx_fail_internal(c, "table: %s", lxw_strerror(error));
            return;
        }
    }
    arena_free(&w->arena);
}

void table_write(struct ctx *c, struct table_writer *w, const struct table_cell *cells, size_t n) {
    if (ctx_failed(c)) {
        return;
    }
    if (w->format == TABLE_XLSX) {
        xlsx_write(c, w, cells, n);
    } else {
        csv_write(c, w, cells, n);
    }
    w->row++;
}

void table_finish(struct ctx *c, struct table_writer *w) {
    if (!w) {
        return;
    }
    if (w->workbook) {
        lxw_error error = workbook_close(w->workbook);
        if (error) {
            ctx_fail_internal(c, "table: %s", lxw_strerror(error));
        }
    }
    if (w->file >= 0) {
        out_flush(c, w);
        if (close(w->file) != 0) {
            ctx_fail_internal(c, "table: close: %s", strerror(errno));
        }
    }
    arena_free(&w->arena);
    struct arena own = w->own;
    arena_free(&own);
}
