/*
 * Predictive scoring on the X Education leads (see the data's README): five folds, out of fold,
 * from the fields known at entry and with the last activity; and the fields that sales filled in
 * afterwards must be found out. Prints TAP. logistic_eval FOLDER
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/text.h"
#include "data/csv.h"
#include "statistics/logistic.h"

enum { COLUMNS = 37, ROWS_MOST = 10000, SEEDS = 3 };

static struct str heads[COLUMNS], texts[COLUMNS][ROWS_MOST];
static double numbers[COLUMNS][ROWS_MOST];
static bool outcome[ROWS_MOST];
static size_t rows;

static const char *const numeric[] = {"TotalVisits", "Total Time Spent on Website",
                                      "Page Views Per Visit"};
/* Known when the lead comes in; what follows is known later or is no field of the lead. */
static const char *const later[] = {"Prospect ID",
                                    "Lead Number",
                                    "Converted",
                                    "Last Activity",
                                    "Last Notable Activity",
                                    "Tags",
                                    "Lead Quality",
                                    "Lead Profile",
                                    "Asymmetrique Activity Index",
                                    "Asymmetrique Profile Index",
                                    "Asymmetrique Activity Score",
                                    "Asymmetrique Profile Score"};

static bool listed(const char *const *list, size_t n, struct str word) {
    for (size_t i = 0; i < n; i++) {
        if (str_is(word, list[i])) {
            return true;
        }
    }
    return false;
}

#define LISTED(list, word) listed(list, sizeof(list) / sizeof *(list), word)

static void row_keep(struct arena *a, const struct table_row *row) {
    for (size_t k = 0; k < COLUMNS; k++) {
        struct str cell = text_trim(table_cell(row, k));
        bool missing = !cell.n || str_is(cell, "Select");
        texts[k][rows] = missing ? STR("") : str_copy(a, cell);
        numbers[k][rows] = missing ? NAN : strtod(str_to_c(a, cell), NULL);
        if (str_is(heads[k], "Converted")) {
            outcome[rows] = str_is(cell, "1");
        }
    }
    rows++;
}

/* The reader takes files, so the archive is unpacked into one first. */
static bool unpack(const char *folder, const char *path) {
    char packed[1000], block[65536];
    int n;
    snprintf(packed, sizeof packed, "%s/lead_scoring_x_education/leads.csv.gz", folder);
    gzFile in = gzopen(packed, "rb");
    FILE *out = fopen(path, "wb");
    while (in && out && (n = gzread(in, block, sizeof block)) > 0) {
        fwrite(block, 1, (size_t)n, out);
    }
    gzclose(in);
    return out && fclose(out) == 0;
}

static void read_all(struct arena *a, const char *path) {
    struct ctx c = {.arena = a};
    struct csv_reader *r = csv_open(&c, path, NULL);
    struct table_row row;
    for (bool head = true; r && rows < ROWS_MOST && csv_next(&c, r, &row); head = false) {
        if (!head) {
            row_keep(a, &row);
            continue;
        }
        for (size_t k = 0; k < COLUMNS; k++) {
            heads[k] = str_copy(a, text_trim(table_cell(&row, k)));
        }
    }
    csv_close(r);
}

static struct logistic_column column_of(size_t k) {
    bool number = LISTED(numeric, heads[k]);
    return (struct logistic_column){heads[k], number ? numbers[k] : NULL, number ? NULL : texts[k]};
}

/* Columns known at entry, with one more if named. */
static int choose(struct logistic_column *columns, const char *more) {
    int n = 0;
    for (size_t k = 0; k < COLUMNS; k++) {
        if (!LISTED(later, heads[k]) || (more && str_is(heads[k], more))) {
            columns[n++] = column_of(k);
        }
    }
    return n;
}

/* The mean of several draws of the folds, so that luck with one decides nothing. */
static bool reaches(struct arena *a, const char *more, double bar, int number) {
    struct logistic_column columns[COLUMNS];
    struct logistic_table t = {columns, choose(columns, more), rows, outcome};
    struct logistic_quality q = {0};
    double auc = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct arena_mark mark = arena_mark(a);
        q = logistic_validate(a, &t, 5, seed, NULL);
        auc += q.auc / SEEDS;
        arena_reset(a, mark);
    }
    bool right = q.enough && auc >= bar;
    printf("%s %d - X Education %s: AUC at least %.3f\n", right ? "ok" : "not ok", number,
           more ? "with the last activity" : "at entry", bar);
    printf("# %zu leads, %d fields: AUC %.4f, accuracy %.3f (always the commoner: %.3f), log loss "
           "%.3f (always the share: %.3f)\n",
           rows, t.n_columns, auc, q.accuracy, q.baseline_accuracy, q.log_loss,
           q.baseline_log_loss);
    return right;
}

static bool leaks_found(struct arena *a, int number) {
    bool right = true;
    printf("# fields that know too much:");
    for (size_t k = 0; k < COLUMNS; k++) {
        struct logistic_column column = column_of(k);
        struct logistic_table t = {&column, 1, rows, outcome};
        struct logistic_leak leak = logistic_leak(a, &t, 0);
        bool known = str_is(heads[k], "Tags") || str_is(heads[k], "Lead Quality");
        bool honest = !LISTED(later, heads[k]) || str_is(heads[k], "Last Activity");
        if (leak.leaks && !str_is(heads[k], "Converted")) {
            printf(" %.*s (alone: AUC %.3f, settles %.0f %%)", STR_ARG(heads[k]), leak.auc,
                   leak.decided * 100);
        }
        right = right && (!known || leak.leaks) && (!honest || !leak.leaks);
    }
    printf("\n%s %d - X Education: Tags and Lead Quality are found out, fields known at entry are "
           "not\n",
           right ? "ok" : "not ok", number);
    return right;
}

int main(int count, char **words) {
    struct arena a;
    char path[] = "/tmp/guantong-eval-XXXXXX";
    int file = mkstemp(path);
    arena_init(&a);
    if (count > 1 && file >= 0 && unpack(words[1], path)) {
        read_all(&a, path);
    }
    remove(path);
    bool right = rows > 0;
    right &= reaches(&a, NULL, 0.866, 1);
    right &= reaches(&a, "Last Activity", 0.893, 2);
    right &= leaks_found(&a, 3);
    printf("1..3\n");
    arena_free(&a);
    return !right;
}
