/* guantong sample: whether the sample company is there, and its removal. */
#include <stdio.h>

#include "app/command.h"
#include "sample/removal.h"

struct order {
    bool remove;
    struct sample_state state;
    int64_t records; /* that went */
};

static void run_sample(struct ctx *c, void *data) {
    struct order *o = data;
    o->state = sample_state(c);
    o->records = o->remove ? sample_remove(c) : 0;
}

int command_sample(struct program *p) {
    struct order order = {.remove = str_is(command_word(p, 0), "remove")};
    struct ctx c;
    if (command_word(p, 0).n && !order.remove) {
        return command_usage("sample");
    }
    program_transaction(p, &c, run_sample, &order);
    if (ctx_failed(&c)) {
        program_complain(&c);
        return 1;
    }
    if (!order.state.from || order.state.removed_at) {
        puts("There is no sample company.");
    } else if (order.remove) {
        printf("The sample company is gone: %lld records.\n", (long long)order.records);
    } else {
        puts("The sample company is there.");
    }
    return 0;
}
