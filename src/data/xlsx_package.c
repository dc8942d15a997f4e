#include "data/xlsx_package.h"

#include <string.h>

/* Above this many bytes a part may be at most so many times as large as packed. Real sheets
 * stay below 60; deflate can do 1,032. */
enum { RATIO_FROM = 8 << 20, RATIO = 300, DEPTH = 64, CHUNK = 1 << 14 };
enum { ENTRIES = 10000, SHEETS = 512, RELATIONS = 2048 };

bool xlsx_is(const char *element, const char *name) {
    const char *colon = strchr(element, ':');
    return strcmp(colon ? colon + 1 : element, name) == 0;
}

const char *xlsx_attribute(const char **attributes, const char *name) {
    for (size_t i = 0; attributes[i]; i += 2) {
        if (xlsx_is(attributes[i], name)) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

int64_t xlsx_number(const char *text, int64_t most) {
    int64_t value;
    bool number = text && str_to_int(str_trim(str_from(text)), &value);
    return number && value >= 0 && value <= most ? value : -1;
}

void xlsx_part_damaged(struct xlsx_part *part) {
    FAIL(part->c, ERROR_INVALID, "table.damaged", {"part", str_from(part->name)});
    XML_StopParser(part->parser, XML_FALSE);
}

static void on_begin(void *data, const char *element, const char **attributes) {
    struct xlsx_part *part = data;
    if (++part->depth > DEPTH) {
        xlsx_part_damaged(part);
    } else if (!ctx_failed(part->c)) {
        part->begin(part, element, attributes);
    }
}

static void on_end(void *data, const char *element) {
    struct xlsx_part *part = data;
    part->depth--;
    if (!ctx_failed(part->c)) {
        part->end(part, element);
    }
}

static void on_text(void *data, const char *text, int n) {
    struct xlsx_part *part = data;
    if (part->text && !ctx_failed(part->c)) {
        part->text(part, text, n);
    }
}

static void on_doctype(void *data, const char *name, const char *system, const char *public,
                       int internal) {
    (void)name, (void)system, (void)public, (void)internal;
    xlsx_part_damaged(data);
}

bool xlsx_part_open(struct xlsx_part *part, struct ctx *c, struct xlsx_package *p,
                    const char *name) {
    zip_stat_t status;
    part->c = c;
    part->package = p;
    part->name = name;
    zip_int64_t index = zip_name_locate(p->archive, name, ZIP_FL_NOCASE);
    if (ctx_failed(c) || index < 0) {
        return false;
    }
    part->file = zip_fopen_index(p->archive, (zip_uint64_t)index, 0);
    if (!part->file || zip_stat_index(p->archive, (zip_uint64_t)index, 0, &status) != 0) {
        FAIL(c, ERROR_INVALID, "table.damaged", {"part", str_from(name)});
        xlsx_part_close(part);
        return false;
    }
    part->packed = (int64_t)(status.comp_size & INT64_MAX);
    part->parser = XML_ParserCreate(NULL);
    if (!part->parser) {
        ctx_fail_internal(c, "xlsx: no memory for a parser");
        xlsx_part_close(part);
        return false;
    }
    XML_SetUserData(part->parser, part);
    XML_SetElementHandler(part->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(part->parser, on_text);
    XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
    return true;
}

static void count_unpacked(struct xlsx_part *part, int64_t n) {
    part->unpacked += n;
    part->package->unpacked += n;
    bool ratio = part->unpacked > RATIO_FROM && part->unpacked / RATIO > part->packed;
    if (ratio || part->package->unpacked > part->package->limits.unpacked) {
        FAIL(part->c, ERROR_LIMIT, "table.bomb");
    }
}

bool xlsx_part_advance(struct xlsx_part *part) {
    if (part->done || ctx_failed(part->c)) {
        return false;
    }
    void *buffer = XML_GetBuffer(part->parser, CHUNK);
    zip_int64_t n = buffer ? zip_fread(part->file, buffer, CHUNK) : -1;
    if (n < 0) {
        FAIL(part->c, ERROR_INVALID, "table.damaged", {"part", str_from(part->name)});
        return false;
    }
    count_unpacked(part, n);
    part->done = n == 0;
    if (!ctx_failed(part->c) &&
        XML_ParseBuffer(part->parser, (int)n, part->done) == XML_STATUS_ERROR) {
        FAIL(part->c, ERROR_INVALID, "table.damaged", {"part", str_from(part->name)});
    }
    return !ctx_failed(part->c);
}

void xlsx_part_close(struct xlsx_part *part) {
    if (part->parser) {
        XML_ParserFree(part->parser);
    }
    if (part->file) {
        zip_fclose(part->file);
    }
    part->parser = NULL;
    part->file = NULL;
}

/* Parse a whole part. False when it is absent or on failure. */
static bool part_read(struct ctx *c, struct xlsx_package *p, const char *name,
                      struct xlsx_part *part) {
    bool found = xlsx_part_open(part, c, p, name);
    while (found && xlsx_part_advance(part)) {
    }
    xlsx_part_close(part);
    return found && !ctx_failed(c);
}

static void nothing(struct xlsx_part *part, const char *element) {
    (void)part, (void)element;
}

/* Relationships: which part an id stands for. */
struct relation {
    struct str id, target, type;
};

struct relations {
    struct relation list[RELATIONS];
    size_t n;
};

static void relation_begin(struct xlsx_part *part, const char *element, const char **attributes) {
    struct relations *r = part->data;
    const char *id = xlsx_attribute(attributes, "Id");
    const char *target = xlsx_attribute(attributes, "Target");
    const char *type = xlsx_attribute(attributes, "Type");
    if (!xlsx_is(element, "Relationship") || !id || !target || !type) {
        return;
    }
    if (r->n == RELATIONS) {
        xlsx_part_damaged(part);
        return;
    }
    struct arena *a = &part->package->arena;
    r->list[r->n++] = (struct relation){str_copy(a, str_from(id)), str_copy(a, str_from(target)),
                                        str_copy(a, str_from(type))};
}

static struct relations *relations_read(struct ctx *c, struct xlsx_package *p, const char *name) {
    struct relations *r = ARENA_NEW(&p->arena, struct relations);
    struct xlsx_part part = {.begin = relation_begin, .end = nothing, .data = r};
    part_read(c, p, name, &part);
    return r;
}

/* Targets are relative to the folder of the part that names them, or absolute. */
static struct str resolve(struct arena *a, const char *folder, struct str target) {
    if (str_starts(target, STR("/"))) {
        return str_copy(a, str_slice(target, 1, target.n));
    }
    while (str_starts(target, STR("../"))) {
        target = str_slice(target, 3, target.n);
        folder = "";
    }
    return str_format(a, "%s%.*s", folder, STR_ARG(target));
}

static struct str target_of_type(struct xlsx_package *p, const struct relations *r,
                                 const char *folder, struct str type) {
    for (size_t i = 0; i < r->n; i++) {
        if (str_ends(r->list[i].type, type)) {
            return resolve(&p->arena, folder, r->list[i].target);
        }
    }
    return STR("");
}

/* The workbook: sheets with the ids of their parts, and the date system. */
static void workbook_begin(struct xlsx_part *part, const char *element, const char **attributes) {
    struct xlsx_package *p = part->package;
    if (xlsx_is(element, "workbookPr")) {
        const char *flag = xlsx_attribute(attributes, "date1904");
        p->from_1904 = flag && (strcmp(flag, "1") == 0 || strcmp(flag, "true") == 0);
        return;
    }
    const char *name = xlsx_attribute(attributes, "name");
    const char *id = NULL;
    for (size_t i = 0; attributes[i]; i += 2) {
        id = strchr(attributes[i], ':') && xlsx_is(attributes[i], "id") ? attributes[i + 1] : id;
    }
    if (!xlsx_is(element, "sheet") || !name || !id) {
        return;
    }
    if (p->n_sheets == SHEETS) {
        xlsx_part_damaged(part);
        return;
    }
    const char *state = xlsx_attribute(attributes, "state");
    p->sheets[p->n_sheets++] = (struct xlsx_sheet){str_copy(&p->arena, str_from(name)),
                                                   str_copy(&p->arena, str_from(id)),
                                                   state && strcmp(state, "visible")};
}

/* Ids of sheets become paths; sheets that are no worksheets (charts) are dropped. */
static void sheets_resolve(struct xlsx_package *p, const struct relations *r, const char *folder) {
    size_t kept = 0;
    for (size_t i = 0; i < p->n_sheets; i++) {
        for (size_t k = 0; k < r->n; k++) {
            if (str_equal(r->list[k].id, p->sheets[i].part) &&
                str_ends(r->list[k].type, STR("/worksheet"))) {
                p->sheets[kept] = p->sheets[i];
                p->sheets[kept++].part = resolve(&p->arena, folder, r->list[k].target);
                break;
            }
        }
    }
    p->n_sheets = kept;
}

/* Shared strings: the text of each item, of all its runs but not of phonetic guides. */
struct strings {
    struct text_buffer item;
    size_t capacity;
    bool in_text;
    unsigned phonetic;
};

static void strings_begin(struct xlsx_part *part, const char *element, const char **attributes) {
    struct strings *s = part->data;
    (void)attributes;
    if (xlsx_is(element, "si")) {
        s->item = (struct text_buffer){.arena = &part->package->arena};
    } else if (xlsx_is(element, "rPh")) {
        s->phonetic++;
    } else if (xlsx_is(element, "t")) {
        s->in_text = s->phonetic == 0;
    }
}

static void string_add(struct xlsx_package *p, struct strings *s) {
    if (p->n_strings == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 1024;
        struct str *larger = ARENA_NEW_ARRAY(&p->arena, s->capacity, struct str);
        if (p->n_strings) {
            memcpy(larger, p->strings, p->n_strings * sizeof *larger);
        }
        p->strings = larger;
    }
    p->strings[p->n_strings++] = text_str(&s->item);
}

static void strings_end(struct xlsx_part *part, const char *element) {
    struct strings *s = part->data;
    if (xlsx_is(element, "t")) {
        s->in_text = false;
    } else if (xlsx_is(element, "rPh")) {
        s->phonetic -= s->phonetic > 0;
    } else if (xlsx_is(element, "si")) {
        string_add(part->package, s);
    }
}

static void strings_text(struct xlsx_part *part, const char *text, int n) {
    struct strings *s = part->data;
    if (!s->in_text) {
        return;
    }
    if (s->item.n + (size_t)n > part->package->limits.cell_bytes) {
        FAIL(part->c, ERROR_INVALID, "table.cell_too_long", {"line", STR("?")});
        return;
    }
    text_add(&s->item, (struct str){text, (size_t)n});
}

static void strings_read(struct ctx *c, struct xlsx_package *p, struct str name) {
    struct strings s = {.item = {.arena = &p->arena}};
    struct xlsx_part part = {
        .begin = strings_begin, .end = strings_end, .text = strings_text, .data = &s};
    part_read(c, p, str_to_c(&p->arena, name), &part);
}

/* "xl/workbook.xml" is in "xl/", and its relationships in "xl/_rels/workbook.xml.rels". */
static void package_read(struct ctx *c, struct xlsx_package *p) {
    const struct relations *root = relations_read(c, p, "_rels/.rels");
    struct str workbook = target_of_type(p, root, "", STR("/officeDocument"));
    size_t cut = workbook.n;
    while (cut && workbook.p[cut - 1] != '/') {
        cut--;
    }
    char *folder = str_to_c(&p->arena, str_slice(workbook, 0, cut));
    struct str relations_name = str_format(&p->arena, "%s_rels/%.*s.rels", folder,
                                           (int)(workbook.n - cut), workbook.p + cut);
    p->sheets = ARENA_NEW_ARRAY(&p->arena, SHEETS, struct xlsx_sheet);
    struct xlsx_part part = {.begin = workbook_begin, .end = nothing};
    if (!workbook.n || !part_read(c, p, str_to_c(&p->arena, workbook), &part)) {
        FAIL(c, ERROR_INVALID, "table.not_workbook");
        return;
    }
    const struct relations *r = relations_read(c, p, str_to_c(&p->arena, relations_name));
    sheets_resolve(p, r, folder);
    if (!p->n_sheets) {
        FAIL(c, ERROR_INVALID, "table.not_workbook");
        return;
    }
    struct str strings = target_of_type(p, r, folder, STR("/sharedStrings"));
    struct str styles = target_of_type(p, r, folder, STR("/styles"));
    if (strings.n) {
        strings_read(c, p, strings);
    }
    if (styles.n) {
        xlsx_styles_read(c, p, str_to_c(&p->arena, styles));
    }
}

struct xlsx_package *xlsx_package_open(struct ctx *c, const char *path,
                                       const struct table_limits *limits) {
    int error = 0;
    struct arena own;
    arena_init(&own);
    struct xlsx_package *p = ARENA_NEW(&own, struct xlsx_package);
    p->arena = own;
    p->limits = *limits;
    p->archive = zip_open(path, ZIP_RDONLY, &error);
    if (!p->archive || zip_get_num_entries(p->archive, 0) > ENTRIES) {
        FAIL(c, ERROR_INVALID, "table.damaged", {"part", STR("zip")});
    } else {
        package_read(c, p);
    }
    if (ctx_failed(c)) {
        xlsx_package_close(p);
        return NULL;
    }
    return p;
}

void xlsx_package_close(struct xlsx_package *p) {
    if (!p) {
        return;
    }
    if (p->archive) {
        zip_discard(p->archive);
    }
    struct arena own = p->arena;
    arena_free(&own);
}
