#include "entity/owner.h"

#include "base/thread_memory.h"
#include "db/db.h"
#include "entity/model.h"
#include "entity/versions.h"

enum { OWNERS = 512 };

struct kept_owner {
    struct versions versions;
    int64_t id;
    struct owner owner;
};

static struct kept_owner *place_of(int64_t user_id) {
    static _Thread_local struct kept_owner *kept;
    kept = kept ? kept : thread_memory(sizeof *kept * OWNERS);
    return &kept[((uint64_t)user_id * 0x9E3779B97F4A7C15u >> 32) % OWNERS];
}

bool owners_known(const struct ctx *c) {
    const struct entity *user = model_entity(c->model, STR("user"));
    return user && entity_field(user, STR("active")) && entity_field(user, STR("department_id"));
}

struct owner owner_find(struct ctx *c, int64_t user_id) {
    struct kept_owner *kept = place_of(user_id);
    if (kept->id == user_id && versions_hold(c, &kept->versions)) {
        return kept->owner;
    }
    struct owner owner = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT active, department_id, deleted_at FROM \"user\" WHERE id = $1",
             user_id);
    if (db_next(&rows)) {
        bool there = db_null(&rows, 2);
        owner = (struct owner){there, there && db_int(&rows, 0) == 1, db_int(&rows, 1)};
        db_done(&rows);
    }
    if (!ctx_failed(c) && versions_firm(c)) {
        *kept = (struct kept_owner){c->versions, user_id, owner};
    }
    return owner;
}
