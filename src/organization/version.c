#include "organization/version.h"

#include "db/db.h"

void organization_changed(struct ctx *c) {
    DB_RUN(c, "INSERT INTO platform_version (name, value) VALUES ('organization', 1) "
              "ON CONFLICT (name) DO UPDATE SET value = platform_version.value + 1");
}

int64_t organization_version(struct ctx *c) {
    return DB_INT(c, "SELECT value FROM platform_version WHERE name = 'organization'");
}
