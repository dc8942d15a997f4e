/*
 * Forecasts on the M3 sample (see the data's README): sMAPE of the monthly series against Theta's
 * 14.18 in the competition, of the quarterly ones beside its reference, and how many outcomes fell
 * into the 80 % range. Prints TAP. forecast_eval FOLDER
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/str.h"
#include "statistics/forecast.h"

enum { VALUES_MOST = 200, LINE = 400 };

struct given {
    char id[32];
    double train[VALUES_MOST], test[VALUES_MOST];
    int n_train, n_test;
};

struct score {
    int series, steps, inside;
    double smape;
};

static struct score monthly, quarterly;

static void judge(struct arena *a, const struct given *s) {
    bool months = s->n_test == 18; /* the competition's horizons: 18 months, 8 quarters */
    struct score *score = months ? &monthly : &quarterly;
    struct arena_mark mark = arena_mark(a);
    struct series known = {s->train, s->n_train, months ? 12 : 4, true};
    struct forecast f = forecast_series(a, &known, s->n_test);
    double sum = 0;
    for (int k = 0; k < s->n_test; k++) {
        double came = s->test[k], said = f.steps[k].value;
        sum += 200 * fabs(came - said) / (fabs(came) + fabs(said));
        score->inside += came >= f.steps[k].low && came <= f.steps[k].high;
        score->steps++;
    }
    score->smape += sum / s->n_test;
    score->series++;
    arena_reset(a, mark);
}

/* Lines series_id,split,t,value in the order of the series. */
static bool read_all(struct arena *a, const char *folder) {
    char path[1000], line[LINE];
    snprintf(path, sizeof path, "%s/forecasting_m3_sample_a/values.csv.gz", folder);
    gzFile file = gzopen(path, "rb");
    struct given s = {.id = ""};
    while (file && gzgets(file, line, LINE)) {
        struct str rest = str_trim(str_from(line)), cell[4];
        for (int i = 0; i < 4; i++) {
            cell[i] = STR("");
            str_cut(&rest, ',', &cell[i]);
        }
        if (str_is(cell[0], "series_id")) {
            continue;
        }
        if (!str_is(cell[0], s.id)) {
            if (s.n_test) {
                judge(a, &s);
            }
            s = (struct given){.id = ""};
            snprintf(s.id, sizeof s.id, "%.*s", STR_ARG(cell[0]));
        }
        bool train = str_is(cell[1], "train");
        int *n = train ? &s.n_train : &s.n_test;
        if (*n < VALUES_MOST) {
            (train ? s.train : s.test)[(*n)++] = strtod(str_to_c(a, cell[3]), NULL);
        }
    }
    if (s.n_test) {
        judge(a, &s);
    }
    gzclose(file);
    return file != NULL;
}

int main(int count, char **words) {
    struct arena a;
    arena_init(&a);
    if (count < 2 || !read_all(&a, words[1]) || !monthly.series || !quarterly.series) {
        printf("not ok 1 - the series can be read\n1..1\n");
        return 1;
    }
    double months = monthly.smape / monthly.series, quarters = quarterly.smape / quarterly.series;
    double inside = (double)monthly.inside / monthly.steps;
    bool right = months <= 14.18;
    bool honest = inside >= 0.7 && inside <= 0.9;
    printf("%s 1 - M3 monthly: sMAPE at most Theta's 14.18\n", right ? "ok" : "not ok");
    printf(
        "# %d monthly series: %.2f (Naive2 17.44); %d quarterly series: %.2f (Theta 8.89, Naive2 "
        "9.85)\n",
        monthly.series, months, quarterly.series, quarters);
    printf("%s 2 - M3 monthly: the range of 80 %% holds 70 to 90 %% of what came\n",
           honest ? "ok" : "not ok");
    printf("# inside: %.1f %% of monthly, %.1f %% of quarterly steps\n1..2\n", inside * 100,
           100.0 * quarterly.inside / quarterly.steps);
    arena_free(&a);
    return !(right && honest);
}
