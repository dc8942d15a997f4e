/*
 * The tables of the event folder, and its module.
 *
 * event and behaviour have one shape. event keeps every row for ever and is read by subject,
 * person and account; behaviour is written much more often, loses its old rows
 * (event/behaviour.c), and is read by person only, where person_id is a person's or, for what a
 * browser did, its visitor's (customer/visitor.h says whose that is): each index more costs about
 * as much as the first, which triples the work of an insert (4.9, 16.9, 29.5, 41.8 µs a row with
 * 0 to 3 of them, commits of 20 rows on SQLite).
 */
#include "base/message.h"
#include "base/module.h"
#include "db/migration.h"
#include "event/behaviour.h"
#include "event/outbox.h"

#define STREAM_COLUMNS                              \
    "  seq {serial},\n"                             \
    "  id BIGINT NOT NULL,\n"                       \
    "  type TEXT NOT NULL,\n"                       \
    "  version BIGINT NOT NULL,\n"                  \
    "  occurred_at BIGINT NOT NULL,\n"              \
    "  recorded_at BIGINT NOT NULL,\n"              \
    "  origin BIGINT NOT NULL,\n" /* enum origin */ \
    "  actor_id BIGINT,\n"                          \
    "  subject_type TEXT,\n"                        \
    "  subject_id BIGINT,\n"                        \
    "  person_id BIGINT,\n"                         \
    "  account_id BIGINT,\n"                        \
    "  cause_id BIGINT,\n"                          \
    "  depth BIGINT NOT NULL,\n"                    \
    "  payload TEXT NOT NULL\n"

static const char event_tables[] =
    "CREATE TABLE event (\n" STREAM_COLUMNS ");\n"
    "CREATE UNIQUE INDEX event_id ON event (id);\n"
    "CREATE INDEX event_subject ON event (subject_type, subject_id, seq);\n"
    "CREATE INDEX event_person ON event (person_id, seq) WHERE person_id IS NOT NULL;\n"
    "CREATE INDEX event_account ON event (account_id, seq) WHERE account_id IS NOT NULL;\n"
    "CREATE TABLE behaviour (\n" STREAM_COLUMNS ");\n"
    "CREATE INDEX behaviour_person ON behaviour (person_id, seq) WHERE person_id IS NOT NULL;\n"
    "CREATE TABLE behaviour_daily (\n"
    "  day TEXT NOT NULL,\n" /* in the company's zone */
    "  type TEXT NOT NULL,\n"
    "  subject_type TEXT NOT NULL,\n" /* '' and 0 when the events have no subject */
    "  subject_id BIGINT NOT NULL,\n"
    "  events BIGINT NOT NULL,\n"
    "  PRIMARY KEY (day, type, subject_type, subject_id)\n"
    "){without_rowid};\n";

static const char reactor_tables[] =
    "CREATE TABLE reactor_cursor (\n"
    "  name TEXT NOT NULL PRIMARY KEY,\n"
    "  stream BIGINT NOT NULL,\n"
    "  seq BIGINT NOT NULL,\n"  /* all events up to here were handled, parked or unwanted */
    "  since BIGINT NOT NULL\n" /* events recorded before are history to this reactor */
    "){without_rowid};\n"
    "CREATE TABLE reactor_parked (\n"
    "  reactor TEXT NOT NULL,\n"
    "  seq BIGINT NOT NULL,\n"
    "  key TEXT NOT NULL,\n"
    "  first BIGINT NOT NULL,\n" /* 1: the oldest of its key, the one to try */
    "  attempts BIGINT NOT NULL,\n"
    "  next_at BIGINT NOT NULL,\n"
    "  parked_at BIGINT NOT NULL,\n"
    "  error TEXT NOT NULL,\n"
    "  PRIMARY KEY (reactor, seq)\n"
    "){without_rowid};\n"
    "CREATE INDEX reactor_parked_key ON reactor_parked (reactor, key, seq);\n"
    "CREATE INDEX reactor_parked_due ON reactor_parked (next_at) WHERE first = 1;\n";

static const char timer_tables[] = "CREATE TABLE timer (\n"
                                   "  id {id},\n"
                                   "  kind TEXT NOT NULL,\n"
                                   "  key TEXT NOT NULL,\n"
                                   "  due_at BIGINT NOT NULL,\n"
                                   "  next_at BIGINT NOT NULL,\n" /* due_at, later after failures */
                                   "  payload TEXT NOT NULL,\n"
                                   "  attempts BIGINT NOT NULL,\n"
                                   "  parked BIGINT NOT NULL,\n" /* 1: given up */
                                   "  error TEXT NOT NULL\n"
                                   ");\n"
                                   "CREATE UNIQUE INDEX timer_key ON timer (kind, key);\n"
                                   "CREATE INDEX timer_due ON timer (next_at) WHERE parked = 0;\n";

static const char outbox_tables[] =
    "CREATE TABLE outbox (\n"
    "  id {id},\n"
    "  kind TEXT NOT NULL,\n"
    "  key TEXT NOT NULL,\n"
    "  payload TEXT NOT NULL,\n"
    "  state BIGINT NOT NULL,\n" /* 0 pending, 1 delivered, 2 dead */
    "  attempts BIGINT NOT NULL,\n"
    "  next_at BIGINT NOT NULL,\n" /* pending: not before; a claim moves it to its lease's end */
    "  created_at BIGINT NOT NULL,\n"
    "  settled_at BIGINT,\n"
    "  why TEXT NOT NULL\n"
    ");\n"
    "CREATE UNIQUE INDEX outbox_key ON outbox (kind, key);\n"
    "CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 0;\n"
    "CREATE INDEX outbox_dead ON outbox (settled_at) WHERE state = 2;\n";

static const struct migration migrations[] = {
    {"event.1", event_tables},
    {"event.reactor.1", reactor_tables},
    {"event.timer.1", timer_tables},
    {"event.outbox.1", outbox_tables},
    {"event.outbox.2", "ALTER TABLE outbox ADD COLUMN took_ms BIGINT NOT NULL DEFAULT 0"},
    {"event.outbox.3", "ALTER TABLE outbox ADD COLUMN handed BIGINT NOT NULL DEFAULT 0"},
    {NULL, NULL},
};

static const struct text texts[] = {
    {"event.loop", "自动化形成循环,已在 {type} 处停止", "Automation loops; stopped at {type}"},
    {"event.payload_too_large", "事件 {type} 的内容过大",
     "The content of event {type} is too large"},
    {"reactor.moved", "反应器 {reactor} 已由其他进程推进",
     "Reactor {reactor} was moved on by another process"},
    {"reactor.not_parked", "该事件没有被搁置", "This event is not parked"},
    {"reactor.no_reset", "反应器 {reactor} 不能重放", "Reactor {reactor} cannot be replayed"},
    {"outbox.claim_lost", "该发送项已被其他进程接手", "Another process has taken this delivery"},
    {"outbox.not_dead", "该发送项不在失败列表中", "This delivery is not a dead letter"},
    {NULL, NULL, NULL},
};

static const struct timer_kind timer_kinds[] = {
    {"behaviour.upkeep", behaviour_upkeep},
    {"outbox.upkeep", outbox_upkeep},
    {NULL, NULL},
};

void event_upkeep_start(struct ctx *c) {
    for (const struct timer_kind *k = timer_kinds; k->kind; k++) {
        if (DB_INT(c, "SELECT 1 FROM timer WHERE kind = $1 AND parked = 0", k->kind) == 0) {
            timer_set(c, k->kind, STR(""), c->now_ms, STR(""));
        }
    }
}

static const struct reactor *const reactors[] = {&behaviour_daily, NULL};

const struct module event_module = {
    .name = "platform.event",
    .cloud = "platform",
    .reactors = reactors,
    .timers = timer_kinds,
    .texts = texts,
    .migrations = migrations,
};
