#include "marketing/journey_graph.h"

#include "automation/action.h"
#include "base/clock.h"
#include "base/message.h"
#include "customer/segment.h"
#include "entity/condition.h"
#include "entity/event_types.h"

enum { MINUTES_MOST = 366 * 24 * 60, DAY_MINUTES = 24 * 60 };

static const char *const type_words[] = {
    [NODE_ENTRY] = "entry",   [NODE_WAIT] = "wait", [NODE_BRANCH] = "branch",
    [NODE_ACTION] = "action", [NODE_GOAL] = "goal", [NODE_EXIT] = "exit"};

static enum node_type type_named(struct str word) {
    for (int t = NODE_ENTRY; t <= NODE_EXIT; t++) {
        if (str_is(word, type_words[t])) {
            return (enum node_type)t;
        }
    }
    return NODE_NONE;
}

static bool id_valid(struct str id) {
    bool good = id.n > 0 && id.n <= 20;
    for (size_t i = 0; good && i < id.n; i++) {
        char b = id.p[i];
        good = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_';
    }
    return good;
}

static bool node_read(struct journey_graph *g, const struct json *o) {
    struct journey_node *n = &g->nodes[g->n_nodes];
    *n = (struct journey_node){.id = json_text(o, "id"),
                               .name = json_text(o, "name"),
                               .type = type_named(json_text(o, "type")),
                               .config = json_get(o, "config")};
    n->kind = json_text(n->config, "kind");
    if (!id_valid(n->id) || !n->type || journey_node(g, n->id) || n->name.n > 400) {
        return false;
    }
    g->n_nodes++;
    return true;
}

struct journey_graph *journey_graph_parse(struct ctx *c, const struct entity *e, struct str text) {
    struct journey_graph *g = ARENA_NEW(c->arena, struct journey_graph);
    const struct json *o = text.n ? json_parse(c, text) : NULL;
    const struct json *nodes = json_get(o, "nodes"), *edges = json_get(o, "edges");
    bool good = json_is(nodes, JSON_IS_ARRAY) && json_is(edges, JSON_IS_ARRAY) &&
                nodes->n <= JOURNEY_NODES && edges->n <= JOURNEY_EDGES;
    g->entity = e;
    for (size_t i = 0; good && i < nodes->n; i++) {
        good = node_read(g, &nodes->items[i]);
    }
    for (size_t i = 0; good && i < edges->n; i++) {
        const struct json *edge = &edges->items[i];
        struct str port = json_text(edge, "port");
        g->edges[g->n_edges++] = (struct journey_edge){
            json_text(edge, "from"), port.n ? port : STR("next"), json_text(edge, "to")};
        good = journey_node(g, json_text(edge, "from")) && journey_node(g, json_text(edge, "to"));
    }
    if (!good) {
        FAIL_FIELD(c, STR("/draft"), "journey.graph");
        return NULL;
    }
    return g;
}

/* What the members of a node's settings are, as the editor and the journey read them. */
static const struct {
    const char *name;
    enum json_kind kind;
} shapes[] = {
    {"kind", JSON_IS_TEXT},    {"event", JSON_IS_TEXT},     {"at", JSON_IS_TEXT},
    {"of", JSON_IS_TEXT},      {"field", JSON_IS_TEXT},     {"action", JSON_IS_TEXT},
    {"where", JSON_IS_OBJECT}, {"payload", JSON_IS_OBJECT}, {"parameters", JSON_IS_OBJECT},
    {"days", JSON_IS_ARRAY},   {"branches", JSON_IS_ARRAY}, {"values", JSON_IS_ARRAY},
    {"shares", JSON_IS_ARRAY}, {"minutes", JSON_IS_INT},    {"from", JSON_IS_INT},
    {"to", JSON_IS_INT},       {"again_days", JSON_IS_INT}, {"workdays", JSON_IS_BOOL}};

static bool empty_or(const struct json *value, enum json_kind kind) {
    return !value || value->kind == JSON_IS_NULL || value->kind == kind;
}

static bool ports_named(const struct json *list) {
    bool good = true;
    for (size_t i = 0; good && list && i < list->n; i++) {
        good = json_text(&list->items[i], "port").n > 0 &&
               empty_or(json_get(&list->items[i], "where"), JSON_IS_OBJECT);
    }
    return good;
}

bool journey_node_shaped(const struct journey_node *n) {
    bool good = empty_or(n->config, JSON_IS_OBJECT);
    for (size_t i = 0; good && i < sizeof shapes / sizeof shapes[0]; i++) {
        good = empty_or(json_get(n->config, shapes[i].name), shapes[i].kind);
    }
    return good && ports_named(json_get(n->config, "branches")) &&
           ports_named(json_get(n->config, "values")) && ports_named(json_get(n->config, "shares"));
}

const struct journey_node *journey_node(const struct journey_graph *g, struct str id) {
    for (size_t i = 0; i < g->n_nodes; i++) {
        if (str_equal(g->nodes[i].id, id)) {
            return &g->nodes[i];
        }
    }
    return NULL;
}

const struct journey_node *journey_next(const struct journey_graph *g,
                                        const struct journey_node *from, struct str port) {
    for (size_t i = 0; i < g->n_edges; i++) {
        const struct journey_edge *e = &g->edges[i];
        if (str_equal(e->from, from->id) && str_equal(e->port, port)) {
            return journey_node(g, e->to);
        }
    }
    return NULL;
}

/* The list of a branch that names its ports. */
static const struct json *port_list(const struct journey_node *n) {
    return str_is(n->kind, "condition") ? json_get(n->config, "branches")
           : str_is(n->kind, "value")   ? json_get(n->config, "values")
           : str_is(n->kind, "random")  ? json_get(n->config, "shares")
                                        : NULL;
}

static size_t branch_ports(const struct journey_node *n, struct str ports[JOURNEY_PORTS]) {
    const struct json *list = port_list(n);
    size_t k = 0;
    if (str_is(n->kind, "mail")) {
        ports[0] = STR("replied");
        ports[1] = STR("clicked");
        ports[2] = STR("opened");
        ports[3] = STR("none");
        return 4;
    }
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n && k + 1 < JOURNEY_PORTS; i++) {
        ports[k++] = json_text(&list->items[i], "port");
    }
    if (!str_is(n->kind, "random")) {
        ports[k++] = STR("else");
    }
    return k;
}

size_t journey_ports(const struct journey_node *n, struct str ports[JOURNEY_PORTS]) {
    bool event = journey_waits_for(n, "event"), condition = journey_waits_for(n, "condition");
    if (n->type == NODE_GOAL || n->type == NODE_EXIT) {
        return 0;
    }
    if (n->type == NODE_BRANCH) {
        return branch_ports(n, ports);
    }
    ports[0] = event ? STR("event") : condition ? STR("met") : STR("next");
    ports[1] = STR("timeout");
    return event || condition ? 2 : 1;
}

bool journey_payload_fits(const struct json *wanted, const struct json *payload) {
    for (size_t i = 0; json_is(wanted, JSON_IS_OBJECT) && i < wanted->n; i++) {
        const struct json *w = &wanted->members[i].value;
        const struct json *got = json_get_str(payload, wanted->members[i].key);
        bool equal = got && got->kind == w->kind &&
                     (w->kind == JSON_IS_TEXT   ? str_equal(got->text, w->text)
                      : w->kind == JSON_IS_INT  ? got->integer == w->integer
                      : w->kind == JSON_IS_BOOL ? got->boolean == w->boolean
                                                : false);
        if (!equal) {
            return false;
        }
    }
    return true;
}

/* What is gathered while a graph is checked. */
struct checker {
    struct ctx *c;
    const struct journey_graph *g;
    struct journey_mark *marks;
    size_t n;
    bool reached[JOURNEY_NODES];
    const struct journey_node *circle; /* one that comes round to itself */
};

static void mark(struct checker *k, struct str node, struct str message) {
    if (k->n < JOURNEY_MARKS) {
        k->marks[k->n++] = (struct journey_mark){node, message};
    }
}

static void mark_code(struct checker *k, const struct journey_node *n, const char *code) {
    mark(k, n ? n->id : STR(""), message_words(k->c->language, code));
}

/* What a parameter of the node's action is called, by the pointer at it; empty: not of one. */
static struct str parameter_label(struct ctx *c, const struct journey_node *n, struct str pointer) {
    const struct action_kind *kind = action_find(json_text(n->config, "action"));
    for (const struct action_parameter *p = kind ? kind->parameters : NULL; p && p->name; p++) {
        if (str_equal(pointer, str_format(c->arena, "/parameters/%s", p->name))) {
            return str_from(c->language == LANGUAGE_EN ? p->en : p->zh);
        }
    }
    return (struct str){0};
}

/* What verbs of other folders found wrong becomes marks of the node. */
static void mark_failures(struct checker *k, const struct journey_node *n) {
    struct ctx *c = k->c;
    if (!ctx_failed(c) || c->error.code != ERROR_INVALID) {
        return;
    }
    if (!c->error.fields) {
        mark(k, n->id, message_failure(c->arena, c->language, &c->error));
    }
    for (const struct field_error *f = c->error.fields; f; f = f->next) {
        struct str label = parameter_label(c, n, f->pointer);
        struct str words = message_format(c->arena, c->language, f->text, f->parameters,
                                          ERROR_PARAMETERS);
        struct text_parameter both[] = {{"name", label}, {"why", words}};
        mark(k, n->id,
             label.n ? message_format(c->arena, c->language, "journey.mark_parameter", both, 2)
                     : words);
    }
    ctx_clear_error(c);
}

struct str journey_node_lost(struct ctx *c, const struct journey_node *n) {
    int64_t segment_id = n->type == NODE_ENTRY && str_is(n->kind, "segment")
                             ? json_id(n->config, "segment_id")
                             : 0;
    struct str why = segment_id ? segment_lost(c, segment_id) : STR("");
    why = why.n ? why : definition_lost_in(c, json_get(n->config, "where"));
    return why.n ? why : definition_lost_in(c, json_get(n->config, "branches"));
}

struct str journey_lost(struct ctx *c, const struct journey_graph *g) {
    struct str why = STR("");
    for (size_t i = 0; i < g->n_nodes && !why.n && !ctx_failed(c); i++) {
        why = journey_node_lost(c, &g->nodes[i]);
    }
    return why;
}

static void where_check(struct checker *k, const struct journey_node *n, const struct json *where) {
    if (json_is(where, JSON_IS_OBJECT)) {
        condition_parse(k->c, k->g->entity, where);
        mark_failures(k, n);
    }
}

/* One that nobody could be followed by would bring nobody in, and end no wait. */
static void event_check(struct checker *k, const struct journey_node *n, struct str type) {
    bool visitor = str_starts(type, STR("page.")) || str_is(type, "custom.happened") ||
                   str_is(type, "link.clicked") || str_is(type, "form.started");
    if (!visitor && !event_type_followed(k->c, type, k->g->entity)) {
        mark_code(k, n, "journey.mark_event");
    }
}

static bool within(const struct json *config, const char *name, int64_t least, int64_t most) {
    int64_t v = json_int(config, name, -1);
    return v >= least && v <= most;
}

static void entry_check(struct checker *k, const struct journey_node *n) {
    int64_t at;
    if (str_is(n->kind, "event")) {
        event_check(k, n, json_text(n->config, "event"));
    } else if (str_is(n->kind, "segment")) {
        if (!json_id(n->config, "segment_id")) {
            mark_code(k, n, "journey.mark_segment");
        }
    } else if (str_is(n->kind, "date")) {
        if (!instant_parse(json_text(n->config, "at"), &at)) {
            mark_code(k, n, "journey.mark_date");
        }
    } else if (!str_is(n->kind, "manual")) {
        mark_code(k, n, "journey.mark_kind");
    }
    where_check(k, n, json_get(n->config, "where"));
    if (json_get(n->config, "again_days") && !within(n->config, "again_days", 1, 3650)) {
        mark_code(k, n, "journey.mark_again");
    }
}

/* "of" names a node of this journey that sends a mail. */
static void of_check(struct checker *k, const struct journey_node *n, bool needed) {
    struct str of = json_text(n->config, "of");
    const struct journey_node *sender = of.n ? journey_node(k->g, of) : NULL;
    bool sends = sender && sender->type == NODE_ACTION &&
                 str_is(json_text(sender->config, "action"), "send_mail");
    if ((needed || of.n) && !sends) {
        mark_code(k, n, "journey.mark_of");
    }
}

static void wait_check(struct checker *k, const struct journey_node *n) {
    if (str_is(n->kind, "window")) {
        if (!within(n->config, "from", 0, DAY_MINUTES - 1) ||
            !within(n->config, "to", 1, DAY_MINUTES) ||
            json_int(n->config, "from", 0) >= json_int(n->config, "to", 0)) {
            mark_code(k, n, "journey.mark_window");
        }
        return;
    }
    if (!within(n->config, "minutes", 1, MINUTES_MOST)) {
        mark_code(k, n, "journey.mark_minutes");
    }
    if (str_is(n->kind, "event")) {
        event_check(k, n, json_text(n->config, "event"));
        of_check(k, n, false);
    } else if (str_is(n->kind, "condition")) {
        if (!json_is(json_get(n->config, "where"), JSON_IS_OBJECT)) {
            mark_code(k, n, "journey.mark_condition");
        }
        where_check(k, n, json_get(n->config, "where"));
    } else if (!str_is(n->kind, "duration")) {
        mark_code(k, n, "journey.mark_kind");
    }
}

static void ports_check(struct checker *k, const struct journey_node *n) {
    const struct json *list = port_list(n);
    if (!json_is(list, JSON_IS_ARRAY) || !list->n || list->n > JOURNEY_PORTS - 2) {
        mark_code(k, n, "journey.mark_branches");
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (!id_valid(json_text(&list->items[i], "port"))) {
            mark_code(k, n, "journey.mark_branches");
        }
    }
}

static void random_check(struct checker *k, const struct journey_node *n) {
    const struct json *list = port_list(n);
    int64_t sum = 0;
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        int64_t percent = json_int(&list->items[i], "percent", -1);
        sum += percent < 0 ? 1000 : percent;
    }
    if (sum != 100) {
        mark_code(k, n, "journey.mark_percent");
    }
}

static void values_check(struct checker *k, const struct journey_node *n) {
    const struct field *f = entity_field(k->g->entity, json_text(n->config, "field"));
    const struct json *list = port_list(n);
    if (!f || f->flags & FIELD_HIDDEN) {
        mark_code(k, n, "journey.mark_field");
    }
    for (size_t i = 0; f && json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        if (!json_text(&list->items[i], "value").n) {
            mark_code(k, n, "journey.mark_value");
            return;
        }
    }
}

static void branch_check(struct checker *k, const struct journey_node *n) {
    const struct json *list = port_list(n);
    if (str_is(n->kind, "mail")) {
        of_check(k, n, true);
        return;
    }
    if (!list) {
        mark_code(k, n, "journey.mark_kind");
        return;
    }
    ports_check(k, n);
    if (str_is(n->kind, "random")) {
        random_check(k, n);
    } else if (str_is(n->kind, "value")) {
        values_check(k, n);
    }
    for (size_t i = 0; str_is(n->kind, "condition") && i < list->n; i++) {
        const struct json *where = json_get(&list->items[i], "where");
        if (!json_is(where, JSON_IS_OBJECT)) {
            mark_code(k, n, "journey.mark_condition");
        }
        where_check(k, n, where);
    }
}

static void action_node_check(struct checker *k, const struct journey_node *n) {
    struct ctx *c = k->c;
    action_check(c, k->g->entity, n->config, STR(""));
    mark_failures(k, n);
    int64_t mail = json_id(json_get(n->config, "parameters"), "template_id");
    if (mail && !record_load(c, entity_named(c, "mail_template"), mail)) {
        mark_code(k, n, "mail.no_template");
    }
}

static void end_check(struct checker *k, const struct journey_node *n) {
    if (json_text(n->config, "event").n) {
        event_check(k, n, json_text(n->config, "event"));
    }
    where_check(k, n, json_get(n->config, "where"));
}

static void node_check(struct checker *k, const struct journey_node *n) {
    struct str ports[JOURNEY_PORTS], lost = journey_node_lost(k->c, n);
    size_t n_ports = journey_ports(n, ports);
    if (lost.n) {
        mark(k, n->id, lost);
    }
    switch (n->type) {
    case NODE_ENTRY:
        entry_check(k, n);
        break;
    case NODE_WAIT:
        wait_check(k, n);
        break;
    case NODE_BRANCH:
        branch_check(k, n);
        break;
    case NODE_ACTION:
        action_node_check(k, n);
        break;
    default:
        end_check(k, n);
    }
    for (size_t i = 0; i < n_ports; i++) {
        bool optional = str_is(n->kind, "mail") && str_is(ports[i], "replied");
        if (!optional && !journey_next(k->g, n, ports[i])) {
            mark_code(k, n, "journey.mark_open");
            return;
        }
    }
}

/* Whether a run may leave by the port in the moment it comes: a window may be open, a condition
 * hold, a mail be clicked already. */
static bool leaves_at_once(const struct journey_node *n, struct str port) {
    return n->type != NODE_WAIT || str_is(n->kind, "window") || str_is(port, "met") ||
           (str_is(port, "event") && json_text(n->config, "of").n);
}

/* Looks for a way round on which nothing waits: colours are those of a depth-first search. */
static bool circles(struct checker *k, const struct journey_node *n, unsigned char *colours) {
    struct str ports[JOURNEY_PORTS];
    size_t n_ports = journey_ports(n, ports);
    unsigned char *colour = &colours[n - k->g->nodes];
    if (*colour == 2) {
        return false;
    }
    if (*colour == 1) {
        k->circle = n;
        return true;
    }
    *colour = 1;
    for (size_t i = 0; i < n_ports; i++) {
        const struct journey_node *next = leaves_at_once(n, ports[i])
                                              ? journey_next(k->g, n, ports[i])
                                              : NULL;
        if (next && circles(k, next, colours)) {
            return true;
        }
    }
    *colour = 2;
    return false;
}

static void reach(struct checker *k, const struct journey_node *n) {
    struct str ports[JOURNEY_PORTS];
    size_t n_ports = journey_ports(n, ports);
    k->reached[n - k->g->nodes] = true;
    for (size_t i = 0; i < n_ports; i++) {
        const struct journey_node *next = journey_next(k->g, n, ports[i]);
        if (next && !k->reached[next - k->g->nodes]) {
            reach(k, next);
        }
    }
}

/* Where something may be done to the person from anywhere, it need not be led to. */
static bool stands_alone(const struct journey_node *n) {
    return (n->type == NODE_GOAL || n->type == NODE_EXIT) &&
           (json_text(n->config, "event").n || json_get(n->config, "where"));
}

static void cycle_check(struct checker *k) {
    unsigned char colours[JOURNEY_NODES] = {0};
    for (size_t i = 0; i < k->g->n_nodes; i++) {
        if (circles(k, &k->g->nodes[i], colours)) {
            mark_code(k, k->circle, "journey.mark_circle");
            return;
        }
    }
}

size_t journey_check(struct ctx *c, const struct journey_graph *g,
                     struct journey_mark marks[JOURNEY_MARKS]) {
    struct checker k = {.c = c, .g = g, .marks = marks};
    size_t entries = 0;
    for (size_t i = 0; i < g->n_nodes; i++) {
        node_check(&k, &g->nodes[i]);
        if (g->nodes[i].type == NODE_ENTRY) {
            entries++;
            reach(&k, &g->nodes[i]);
        }
    }
    if (!entries) {
        mark_code(&k, NULL, "journey.mark_entry");
    }
    for (size_t i = 0; entries && i < g->n_nodes; i++) {
        if (!k.reached[i] && !stands_alone(&g->nodes[i])) {
            mark_code(&k, &g->nodes[i], "journey.mark_unreached");
        }
    }
    cycle_check(&k);
    return k.n;
}
