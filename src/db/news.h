/* What a transaction has for those who work by the rows it writes: the writer wakes them. */
#ifndef GUANTONG_DB_NEWS_H
#define GUANTONG_DB_NEWS_H

#include "base/context.h"

enum db_news {
    NEWS_EVENTS = 1,
    NEWS_TIMERS = 2,
    NEWS_OUTBOX = 4,
    NEWS_IMPORTS = 8,
    NEWS_VERSIONS = 16, /* of what caches hold: entity/versions.h */
    NEWS_BEHAVIOUR = 32
};

/* Passed on when the transaction is committed; what was undone may be passed on too. */
void db_tell(struct ctx *c, enum db_news news);
bool db_told(const struct db *db, enum db_news news);

#endif
