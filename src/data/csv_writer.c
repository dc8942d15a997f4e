#include "data/csv.h"

/* A number with an optional sign, one point or thousands separators: +8613800132647, -1,234.5. */
static bool is_number(struct str s) {
    size_t i = s.n && (s.p[0] == '+' || s.p[0] == '-');
    size_t digits = 0, points = 0;
    for (; i < s.n; i++) {
        bool digit = s.p[i] >= '0' && s.p[i] <= '9';
        digits += digit;
        points += s.p[i] == '.';
        if (!digit && s.p[i] != '.' && s.p[i] != ',') {
            return false;
        }
    }
    return digits > 0 && points <= 1;
}

bool cell_is_formula(struct str cell) {
    static const char *const beginnings[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                             "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        struct str beginning = str_from(beginnings[i]);
        if (str_starts(cell, beginning)) {
            return cell.n > beginning.n && !is_number(cell);
        }
    }
    return false;
}

static bool needs_quotes(struct str cell) {
    for (size_t i = 0; i < cell.n; i++) {
        char ch = cell.p[i];
        if (ch == '"' || ch == ',' || ch == ';' || ch == '\t' || ch == '\n' || ch == '\r') {
            return true;
        }
    }
    return cell.n && (cell.p[0] == ' ' || cell.p[cell.n - 1] == ' ');
}

static void add_quoted(struct text_buffer *out, struct str cell, const char *guard) {
    struct str part;
    text_add_c(out, "\"");
    text_add_c(out, guard);
    for (bool first = true; str_cut(&cell, '"', &part); first = false) {
        text_add_c(out, first ? "" : "\"\"");
        text_add(out, part);
    }
    text_add_c(out, "\"");
}

static void add_row(struct text_buffer *out, const struct str *cells, size_t n, bool guarded) {
    for (size_t i = 0; i < n; i++) {
        const char *guard = guarded && cell_is_formula(cells[i]) ? "'" : "";
        text_add_c(out, i ? "," : "");
        if (needs_quotes(cells[i])) {
            add_quoted(out, cells[i], guard);
        } else {
            text_add_c(out, guard);
            text_add(out, cells[i]);
        }
    }
    text_add_c(out, "\r\n");
}

void csv_add_row(struct text_buffer *out, const struct str *cells, size_t n) {
    add_row(out, cells, n, true);
}

void csv_add_row_exact(struct text_buffer *out, const struct str *cells, size_t n) {
    add_row(out, cells, n, false);
}
