#include "statistics/similarity.h"

#include "base/text.h"

struct characters {
    uint32_t at[SIMILARITY_MOST];
    int n;
};

static void characters_of(struct str text, struct characters *out) {
    out->n = 0;
    while (out->n < SIMILARITY_MOST && text_next(&text, &out->at[out->n])) {
        out->n++;
    }
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* Characters that both have within half the longer text of each other: taken from a in their
 * order, and marked in b. */
static int matches(const struct characters *a, const struct characters *b, uint32_t *taken,
                   bool *marked) {
    int reach = larger(larger(a->n, b->n) / 2 - 1, 0), n = 0;
    for (int i = 0; i < a->n; i++) {
        int end = smaller(b->n, i + reach + 1);
        for (int j = larger(0, i - reach); j < end; j++) {
            if (!marked[j] && b->at[j] == a->at[i]) {
                marked[j] = true;
                taken[n++] = a->at[i];
                break;
            }
        }
    }
    return n;
}

static double jaro(const struct characters *a, const struct characters *b) {
    uint32_t taken[SIMILARITY_MOST];
    bool marked[SIMILARITY_MOST] = {false};
    int n = matches(a, b, taken, marked), misplaced = 0;
    if (n == 0) {
        return a->n == 0 && b->n == 0;
    }
    for (int j = 0, k = 0; j < b->n; j++) {
        if (marked[j]) {
            misplaced += taken[k++] != b->at[j];
        }
    }
    double m = n;
    return (m / a->n + m / b->n + (m - misplaced / 2.0) / m) / 3;
}

double similarity_jaro_winkler(struct str a, struct str b) {
    struct characters x, y;
    characters_of(a, &x);
    characters_of(b, &y);
    double similarity = jaro(&x, &y);
    int prefix = 0;
    while (prefix < 4 && prefix < x.n && prefix < y.n && x.at[prefix] == y.at[prefix]) {
        prefix++;
    }
    return similarity + prefix * 0.1 * (1 - similarity);
}

int similarity_edits(struct str a, struct str b) {
    struct characters x, y;
    int row[3][SIMILARITY_MOST + 1];
    characters_of(a, &x);
    characters_of(b, &y);
    for (int j = 0; j <= y.n; j++) {
        row[0][j] = j;
    }
    for (int i = 1; i <= x.n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= y.n; j++) {
            int replaced = before[j - 1] + (x.at[i - 1] != y.at[j - 1]);
            now[j] = smaller(replaced, smaller(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && x.at[i - 1] == y.at[j - 2] && x.at[i - 2] == y.at[j - 1]) {
                now[j] = smaller(now[j], earlier[j - 2] + 1);
            }
        }
    }
    return row[x.n % 3][y.n];
}
