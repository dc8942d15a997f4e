/*
 * A journey as drawn: nodes, and edges from a node's ports.
 *
 *   {"nodes":[{"id":"n1","type":"entry","name":"…","x":0,"y":0,"config":{…}}…],
 *    "edges":[{"from":"n1","port":"next","to":"n2"}…]}
 *
 *   entry   {"kind":"event","event":"lead.tier_entered","payload":{"to":"high"},"where":{…}}
 *           {"kind":"segment","segment_id":"…"}  {"kind":"date","at":"…","where":{…}}
 *           {"kind":"manual"}; each may have "again_days": whoever left may enter again then
 *   wait    {"kind":"duration","minutes":60}     {"kind":"window","from":540,"to":1080,
 *           "days":[1,2,3,4,5],"workdays":true}
 *           {"kind":"event","event":"mail.clicked","of":"n2","payload":{…},"minutes":4320}
 *           {"kind":"condition","where":{…},"minutes":20160}
 *   branch  {"kind":"condition","branches":[{"port":"a","name":"…","where":{…}}]}, else "else"
 *           {"kind":"value","field":"tier","values":[{"port":"a","value":"high"}]}, else "else"
 *           {"kind":"random","shares":[{"port":"a","percent":50},{"port":"b","percent":50}]}
 *           {"kind":"mail","of":"n2"}: "replied", "clicked", "opened" or "none"; who answered
 *           goes by "clicked" where "replied" leads nowhere
 *   action  {"action":"send_mail","parameters":{…}}
 *   goal    {} or {"event":…,"payload":…} or {"where":{…}}: from anywhere in the journey
 *   exit    as goal
 *
 * Ports: a wait for an event leaves by "event" or "timeout", one for a condition by "met" or
 * "timeout", a branch by its own, everything else by "next"; goal and exit by none.
 */
#ifndef GUANTONG_MARKETING_JOURNEY_GRAPH_H
#define GUANTONG_MARKETING_JOURNEY_GRAPH_H

#include "entity/record.h"

enum { JOURNEY_NODES = 100, JOURNEY_EDGES = 200, JOURNEY_PORTS = 12, JOURNEY_MARKS = 100 };

enum node_type { NODE_NONE, NODE_ENTRY, NODE_WAIT, NODE_BRANCH, NODE_ACTION, NODE_GOAL, NODE_EXIT };

struct journey_node {
    struct str id, name, kind;
    enum node_type type;
    const struct json *config; /* NULL: empty */
};

struct journey_edge {
    struct str from, port, to;
};

struct journey_graph {
    const struct entity *entity; /* what goes through: "person" or "lead" */
    struct journey_node nodes[JOURNEY_NODES];
    size_t n_nodes;
    struct journey_edge edges[JOURNEY_EDGES];
    size_t n_edges;
};

/* NULL with field errors at /draft when the text is no graph of bounded size. */
struct journey_graph *journey_graph_parse(struct ctx *c, const struct entity *e, struct str text);
/* Whether the settings of a node are of the kinds above; what is left out is still to be chosen. */
bool journey_node_shaped(const struct journey_node *n);
const struct journey_node *journey_node(const struct journey_graph *g, struct str id);
/* Where the port leads; NULL when nowhere. */
const struct journey_node *journey_next(const struct journey_graph *g,
                                        const struct journey_node *from, struct str port);
/* The ports of a node, in order; how many. */
size_t journey_ports(const struct journey_node *n, struct str ports[JOURNEY_PORTS]);
/* Whether a person stands here until something happens or a time comes. */
static inline bool journey_waits_for(const struct journey_node *n, const char *kind) {
    return n->type == NODE_WAIT && str_is(n->kind, kind);
}

/* What must be put right before it can be published, at its node (empty: the whole). */
struct journey_mark {
    struct str node, message;
};
size_t journey_check(struct ctx *c, const struct journey_graph *g,
                     struct journey_mark marks[JOURNEY_MARKS]);

/* Why a node cannot be told whom it concerns, in c->language: its segment, or one its conditions
 * name, asks for what is no more. Empty: it can. */
struct str journey_node_lost(struct ctx *c, const struct journey_node *n);
/* The same of the whole: then nobody goes on. */
struct str journey_lost(struct ctx *c, const struct journey_graph *g);

/* Whether every member of the wanted object is in the payload with an equal value. */
bool journey_payload_fits(const struct json *wanted, const struct json *payload);

#endif
