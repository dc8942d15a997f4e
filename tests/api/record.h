/* What was asked and answered, for tests/openapi: a line of JSON for each request. */
#ifndef GUANTONG_TESTS_API_RECORD_H
#define GUANTONG_TESTS_API_RECORD_H

#include <stdio.h>

#include "case.h"
#include "http/server.h"

void record_exchange(FILE *to, struct arena *a, const struct step *s, const struct reply *reply);

/* Every route that is no page: a line of JSON each. */
void record_routes(FILE *to, struct arena *a, const struct route *const *lists);

#endif
