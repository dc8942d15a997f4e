#include "event/lease.h"

bool lease_take(struct ctx *c, const char *work) {
    if (db_engine(c->db) == DB_SQLITE) {
        return true;
    }
    /* The first number, "gu" << 16, keeps apart from other uses of advisory locks. */
    return DB_INT(c,
                  "SELECT CASE WHEN pg_try_advisory_lock(1735720960, "
                  "hashtext(CAST($1 AS TEXT))) THEN 1 ELSE 0 END",
                  work) != 0;
}
