#include "organization/version.h"

#include "db/db.h"
#include "entity/versions.h"

void organization_changed(struct ctx *c) {
    version_move(c, "organization");
}

int64_t organization_version(struct ctx *c) {
    return DB_INT(c, "SELECT value FROM platform_version WHERE name = 'organization'");
}
