/*
 * Whose behaviour it is, against an oracle: visitors browse, say who they are on shared browsers,
 * links are taken back and set again, people are joined and parted. The oracle keeps who claimed
 * which part of whose browsing and finds a person through the joins that stand; it moves nothing.
 * What the program gives for each person must be the same events, and visits of as many pages.
 */
#include "event_fixture.h"

#include "customer/customer.h"
#include "customer/visitor.h"

enum { VISITORS = 6, PEOPLE = 8, STEPS = 400, CLAIMS = STEPS, LIMIT = 1000, FIRST_PERSON = 100 };

struct claim {
    int64_t link_id;
    int visitor, person;
    int64_t from, to; /* to INT64_MAX: open */
    bool removed, open_before;
};

static struct world {
    uint64_t random;
    int64_t visitors[VISITORS];
    int64_t base;              /* the head of the stream before */
    int visitor_of[STEPS + 1]; /* of the events since, from 1 */
    int64_t head;              /* the number of the last of them */
    struct claim claims[CLAIMS];
    int n_claims;
    int joined_to[PEOPLE]; /* −1: nobody */
} world;

static int below(int n) {
    world.random = world.random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (int)((world.random >> 33) % (uint64_t)n);
}

static int living(int person) {
    while (world.joined_to[person] >= 0) {
        person = world.joined_to[person];
    }
    return person;
}

static void browse(struct ctx *c) {
    int v = below(VISITORS);
    struct sighting who = {.key = str_format(c->arena, "visitorvisitorvisitor%d", v),
                           .device = STR("phone")};
    world.visitors[v] = visitor_seen(c, &who);
    visit_continue(c, &(struct visit_part){.visitor_id = world.visitors[v],
                                           .session = STR("s"),
                                           .began_at = c->now_ms,
                                           .ended_at = c->now_ms,
                                           .pages = 1});
    event_emit(c, &(struct event){.stream = STREAM_BEHAVIOUR,
                                  .type = STR("page.viewed"),
                                  .person_id = world.visitors[v]});
    world.visitor_of[++world.head] = v;
}

static struct claim *open_claim(int visitor) {
    for (int i = 0; i < world.n_claims; i++) {
        struct claim *k = &world.claims[i];
        if (k->visitor == visitor && !k->removed && k->to == INT64_MAX) {
            return k;
        }
    }
    return NULL;
}

static bool claimed_ever(int visitor) {
    for (int i = 0; i < world.n_claims; i++) {
        if (world.claims[i].visitor == visitor) {
            return true;
        }
    }
    return false;
}

static void join(struct ctx *c) {
    int v = below(VISITORS), person = living(below(PEOPLE));
    if (!world.visitors[v]) {
        return;
    }
    int64_t link = visitor_join(c, world.visitors[v], FIRST_PERSON + person, "form");
    struct claim *open = open_claim(v);
    if (open && living(open->person) == person) {
        assert_int_equal(link, open->link_id);
        return;
    }
    bool first = !claimed_ever(v);
    if (open) {
        open->to = world.head + 1;
    }
    world.claims[world.n_claims++] = (struct claim){.link_id = link,
                                                    .visitor = v,
                                                    .person = person,
                                                    .from = first ? 0 : world.head + 1,
                                                    .to = INT64_MAX};
}

static void part_or_rejoin(struct ctx *c) {
    if (!world.n_claims) {
        return;
    }
    struct claim *k = &world.claims[below(world.n_claims)];
    if (!k->removed) {
        visitor_part(c, k->link_id);
        k->removed = true;
        k->open_before = k->to == INT64_MAX;
        k->to = k->open_before ? world.head + 1 : k->to;
        return;
    }
    visitor_rejoin(c, k->link_id);
    k->removed = false;
    bool later = false;
    for (int i = 0; i < world.n_claims; i++) {
        later |= &world.claims[i] > k && world.claims[i].visitor == k->visitor;
    }
    k->to = k->open_before && !later ? INT64_MAX : k->to;
}

static void merge_or_unmerge(struct ctx *c) {
    int a = below(PEOPLE), b = living(below(PEOPLE));
    if (world.joined_to[a] < 0 && a != b) {
        visitors_merged(c, FIRST_PERSON + b, FIRST_PERSON + a);
        world.joined_to[a] = b;
    } else if (world.joined_to[a] >= 0 && world.joined_to[world.joined_to[a]] < 0) {
        visitors_unmerged(c, FIRST_PERSON + world.joined_to[a], FIRST_PERSON + a);
        world.joined_to[a] = -1;
    }
}

static bool belongs(int64_t seq, int person) {
    for (int i = 0; i < world.n_claims; i++) {
        const struct claim *k = &world.claims[i];
        if (!k->removed && k->visitor == world.visitor_of[seq] && seq >= k->from && seq < k->to &&
            living(k->person) == person) {
            return true;
        }
    }
    return false;
}

static void compare(struct ctx *c, int person) {
    size_t n, n_visits;
    struct visitor_links links = visitor_links(c, FIRST_PERSON + person);
    struct behaviour *seen = person_behaviour(c, &links, INT64_MAX, LIMIT, &n);
    struct visit *visits = person_visits(c, &links, INT64_MAX, LIMIT, &n_visits);
    int64_t pages = 0;
    assert_ok(c);
    if (links.n == VISITOR_LINKS) {
        return; /* more than are shown */
    }
    for (size_t i = 0; i < n_visits; i++) {
        pages += visits[i].pages;
    }
    size_t wanted = 0;
    for (int64_t seq = world.head; seq >= 1; seq--) {
        if (belongs(seq, person)) {
            assert_true(wanted < n);
            assert_int_equal(seen[wanted].seq, world.base + seq);
            wanted++;
        }
    }
    assert_int_equal(n, wanted);
    assert_int_equal(pages, wanted);
}

static void step_run(struct ctx *c) {
    db_begin(c);
    switch (below(8)) {
    case 0:
    case 1:
        join(c);
        break;
    case 2:
        part_or_rejoin(c);
        break;
    case 3:
        merge_or_unmerge(c);
        break;
    default:
        browse(c);
    }
    db_commit(c);
    assert_ok(c);
    c->now_ms += MS_SECOND;
}

static void behaviour_is_whose_the_oracle_says(void **state) {
    struct ctx *c = event_fixture(state);
    const struct migration *const lists[] = {event_module.migrations, event_fixture_migrations,
                                             visitor_module.migrations};
    migration_apply(c, lists, 3);
    assert_ok(c);
    for (uint64_t round = 1; round <= 5; round++) {
        world = (struct world){.random = round};
        DB_RUN(c, "DELETE FROM visitor");
        DB_RUN(c, "DELETE FROM visit");
        DB_RUN(c, "DELETE FROM visitor_link");
        DB_RUN(c, "DELETE FROM visitor_link_move");
        for (int i = 0; i < PEOPLE; i++) {
            world.joined_to[i] = -1;
        }
        world.base = event_head(c, STREAM_BEHAVIOUR);
        for (int step = 0; step < STEPS; step++) {
            step_run(c);
            for (int p = 0; step % 8 == 7 && p < PEOPLE; p++) {
                compare(c, p);
            }
        }
        assert_true(world.n_claims > 10 && world.head > 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(behaviour_is_whose_the_oracle_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
