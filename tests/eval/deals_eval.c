/*
 * The forecast of deals on MavenTech's pipeline (see the data's README): revenue of each team in
 * the fourth quarter of 2017 from what was known at the end of the third, beside the naive
 * forecast, which is the quarter before: 1 - WAPE is 88 %. Of deals open then, neither amount nor
 * outcome is told. The months, and the regional offices, are printed too. Prints TAP. deals_eval
 * FOLDER
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "statistics/deal_forecast.h"

enum { DEALS = 10000, AGENTS = 64, NAMES = 16, COLUMNS = 8, LINE = 400 };

struct names {
    struct str of[NAMES];
    int n;
};

static struct {
    struct str agent[AGENTS];
    int team[AGENTS], office[AGENTS], n;
} agents;
static struct names teams, offices, products;
static struct deal deals[DEALS];
static int offices_of[DEALS], teams_of[DEALS];
static size_t n_deals;
static int tests;

static int name_index(struct arena *a, struct names *names, struct str name) {
    for (int i = 0; i < names->n; i++) {
        if (str_equal(names->of[i], name)) {
            return i;
        }
    }
    names->of[names->n] = str_copy(a, name);
    return names->n++;
}

static int32_t day_of(struct str text) {
    struct date d;
    return date_parse(text, &d) ? (int32_t)date_to_days(d) : 0;
}

static void agent_read(struct arena *a, const struct str *cell) {
    agents.agent[agents.n] = str_copy(a, cell[0]);
    agents.team[agents.n] = name_index(a, &teams, cell[1]);
    agents.office[agents.n++] = name_index(a, &offices, cell[2]);
}

static void deal_read(struct arena *a, const struct str *cell) {
    int32_t begun = day_of(cell[5]), closed = day_of(cell[6]);
    int agent = 0;
    while (agent < agents.n && !str_equal(agents.agent[agent], cell[1])) {
        agent++;
    }
    if (!begun || agent == agents.n) {
        return; /* prospects nobody has engaged yet */
    }
    teams_of[n_deals] = agents.team[agent];
    offices_of[n_deals] = agents.office[agent];
    deals[n_deals++] = (struct deal){.begun = begun,
                                     .closed = closed ? closed : DEAL_STILL_OPEN,
                                     .kind = name_index(a, &products, cell[2]),
                                     .won = str_is(cell[4], "Won"),
                                     .amount = strtod(str_to_c(a, cell[7]), NULL),
                                     .chance = NAN};
}

static bool lines_read(struct arena *a, const char *folder, const char *name,
                       void (*each)(struct arena *, const struct str *)) {
    char path[1000], line[LINE];
    snprintf(path, sizeof path, "%s/crm_sales_opportunities/%s", folder, name);
    FILE *file = fopen(path, "r");
    bool head = true;
    while (file && fgets(line, LINE, file)) {
        struct str rest = str_trim(str_from(line)), cell[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            cell[i] = STR("");
            str_cut(&rest, ',', &cell[i]);
        }
        if (!head) {
            each(a, cell);
        }
        head = false;
    }
    if (file) {
        fclose(file);
    }
    return file != NULL && !head;
}

/* What was not known on a day is taken off. */
static struct deal *as_known(struct arena *a, int32_t now) {
    struct deal *known = ARENA_NEW_ARRAY(a, n_deals, struct deal);
    for (size_t i = 0; i < n_deals; i++) {
        known[i] = deals[i];
        if (known[i].closed >= now) {
            known[i].closed = DEAL_STILL_OPEN;
            known[i].won = false;
            known[i].amount = NAN;
        }
    }
    return known;
}

struct trial {
    const char *what;
    const int *group_of;
    int groups, months; /* length of a period */
};

/* The periods of 2017 of that length; the fourth quarter's are forecast one by one, each from
 * its beginning. Accuracies 1 - WAPE of the forecast and of the naive. */
static void try(struct arena *a, const struct trial *t, double *accuracy, double *naive) {
    int32_t starts[13];
    int periods = 12 / t->months;
    double error = 0, naive_error = 0, came_all = 0;
    for (int p = 0; p <= periods; p++) {
        int month = p * t->months;
        starts[p] = (int32_t)date_to_days((struct date){2017 + month / 12, month % 12 + 1, 1});
    }
    for (int p = periods * 3 / 4; p < periods; p++) {
        struct deal *known = as_known(a, starts[p]);
        double *came = ARENA_NEW_ARRAY(a, (size_t)t->groups, double);
        for (size_t i = 0; i < n_deals; i++) {
            known[i].group = t->group_of[i];
            bool within = deals[i].closed >= starts[p] && deals[i].closed < starts[p + 1];
            came[t->group_of[i]] += within && deals[i].won ? deals[i].amount : 0;
        }
        size_t n = 0;
        for (size_t i = 0; i < n_deals; i++) {
            if (known[i].begun < starts[p]) {
                known[n++] = known[i];
            }
        }
        struct deal_history h = {known, n, t->groups, products.n, starts, periods, periods};
        struct deal_forecast f = deal_forecast(a, &h, (struct deal_question){p, starts[p]});
        int inside = 0;
        for (int g = 0; g < t->groups; g++) {
            error += fabs(f.groups[g].expected - came[g]);
            naive_error += fabs(f.groups[g].naive - came[g]);
            came_all += came[g];
            inside += came[g] >= f.groups[g].low && came[g] <= f.groups[g].high;
        }
        printf("# %s, period %d: said %.0f (%.0f to %.0f; deals %.0f, history %.0f, naive %.0f), "
               "%d of %d groups within their ranges\n",
               t->what, p + 1, f.total.expected, f.total.low, f.total.high, f.total.deals,
               f.total.history, f.total.naive, inside, t->groups);
    }
    *accuracy = 1 - error / came_all;
    *naive = 1 - naive_error / came_all;
    printf("# %s: accuracy %.2f %%, naive %.2f %%\n", t->what, 100 * *accuracy, 100 * *naive);
}

static void check(bool good, const char *what) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
}

int main(int argc, char **argv) {
    struct arena a;
    double accuracy, naive;
    arena_init(&a);
    const char *folder = argc > 1 ? argv[1] : "";
    if (!lines_read(&a, folder, "sales_teams.csv", agent_read) ||
        !lines_read(&a, folder, "sales_pipeline.csv", deal_read)) {
        printf("1..0 # SKIP no data in %s\n", folder);
        return 0;
    }
    const struct trial trials[] = {{"teams, quarter", teams_of, teams.n, 3},
                                   {"offices, quarter", offices_of, offices.n, 3},
                                   {"teams, months", teams_of, teams.n, 1},
                                   {"offices, months", offices_of, offices.n, 1}};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        try(&a, &trials[i], &accuracy, &naive);
        if (i == 0) {
            check(accuracy >= 0.88, "MavenTech: team and quarter at least 88 % accurate");
        }
        if (trials[i].group_of == teams_of) {
            check(accuracy >= naive, "MavenTech: teams do not lose to the naive forecast");
        }
    }
    printf("1..%d\n", tests);
    arena_free(&a);
    return 0;
}
