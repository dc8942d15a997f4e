/* Building a struct model; for model.c. */
#ifndef GUANTONG_ENTITY_MODEL_BUILD_H
#define GUANTONG_ENTITY_MODEL_BUILD_H

#include "entity/custom.h"
#include "entity/model.h"

struct registered_definition {
    const struct entity_definition *definition;
    const char *cloud;
};

/* What model_build builds from. */
struct model_source {
    const struct registered_definition *definitions;
    size_t n_definitions;
    struct custom_rows custom;
    int64_t version;
};

/* A model, within its own arena. Stops the program when a definition is wrong: they are
 * constants of this program. Custom rows that no longer fit are left out. */
struct model *model_build(const struct model_source *source);

#endif
