#include "entity/made.h"

#include "db/db.h"
#include "db/unit.h"
#include "entity/record_memory.h"

/* What one transaction takes in from people; one that makes more is no batch of requests. */
enum { MADE_KEPT = 4, MADE_MOST = 256 };

/* What was undone stays among them, and nobody asks for its id any more. */
static _Thread_local struct {
    int64_t transaction;
    size_t next;
    const struct record *records[MADE_KEPT];
} made;

void made_keep(struct ctx *c, const struct record *r) {
    int64_t transaction = db_transaction(c->db);
    if (!transaction || c->origin != ORIGIN_LIVE) {
        return;
    }
    if (made.transaction != transaction) {
        made.transaction = transaction;
        made.next = 0;
        for (size_t i = 0; i < MADE_KEPT; i++) {
            made.records[i] = NULL;
        }
    }
    size_t place = made.next++ % MADE_KEPT;
    made.records[place] = made.next <= MADE_MOST ? record_keep(db_batch_arena(c->db), r) : NULL;
}

void made_forget(const struct ctx *c, const struct record *r) {
    bool ours = made.transaction == db_transaction(c->db);
    for (size_t i = 0; ours && i < MADE_KEPT; i++) {
        if (made.records[i] && made.records[i]->id == r->id) {
            made.records[i] = NULL;
        }
    }
}

const struct record *made_find(const struct ctx *c, const struct entity *e, int64_t id) {
    bool ours = made.transaction && made.transaction == db_transaction(c->db);
    for (size_t i = 0; ours && i < MADE_KEPT; i++) {
        const struct record *r = made.records[i];
        if (r && r->id == id && r->entity == e) {
            return r;
        }
    }
    return NULL;
}
