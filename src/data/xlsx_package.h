/*
 * The parts of an XLSX file (ECMA-376): a zip archive of XML parts. Inside src/data only.
 *
 * Parts are parsed with expat as they are unpacked. A document type declaration is refused,
 * so no entity can be declared; nesting, unpacked bytes and their ratio to packed bytes are
 * bounded.
 */
#ifndef GUANTONG_DATA_XLSX_PACKAGE_H
#define GUANTONG_DATA_XLSX_PACKAGE_H

#include <expat.h>
#include <zip.h>

#include "data/table_reader.h"

struct xlsx_sheet {
    struct str name, part; /* part: path in the archive */
    bool hidden;
};

/* What a cell style makes of a number. */
enum number_kind { NUMBER_PLAIN, NUMBER_DATE, NUMBER_TIME, NUMBER_DATE_TIME };

struct xlsx_package {
    zip_t *archive;
    struct arena arena; /* what lives as long as the package, itself too */
    struct table_limits limits;
    int64_t unpacked; /* bytes so far */
    bool from_1904;
    struct xlsx_sheet *sheets;
    size_t n_sheets;
    struct str *strings; /* shared */
    size_t n_strings;
    enum number_kind *styles; /* by index of cellXfs */
    size_t n_styles;
};

/* Read everything but the rows. NULL with a failure; xlsx_package_close takes NULL too. */
struct xlsx_package *xlsx_package_open(struct ctx *c, const char *path,
                                       const struct table_limits *limits);
void xlsx_package_close(struct xlsx_package *p);

/* A part being unpacked and parsed. */
struct xlsx_part {
    struct ctx *c;
    struct xlsx_package *package;
    const char *name; /* for messages */
    zip_file_t *file;
    XML_Parser parser;
    int64_t packed, unpacked;
    unsigned depth;
    bool done;
    void *data; /* the user's */
    void (*begin)(struct xlsx_part *part, const char *element, const char **attributes);
    void (*end)(struct xlsx_part *part, const char *element);
    void (*text)(struct xlsx_part *part, const char *text, int n);
};

/* Open the part; begin, end, text and data must be set before. False when the archive has no
 * such part (no failure then) or on failure. */
bool xlsx_part_open(struct xlsx_part *part, struct ctx *c, struct xlsx_package *p,
                    const char *name);
/* Parse one chunk more. False at the end and on failure. */
bool xlsx_part_advance(struct xlsx_part *part);
void xlsx_part_close(struct xlsx_part *part);

/* Record that the part makes no sense, and stop parsing it. */
void xlsx_part_damaged(struct xlsx_part *part);

/* Names without their prefix: "x:row" is "row". */
bool xlsx_is(const char *element, const char *name);
/* Value of an attribute by its name without prefix, NULL when absent. */
const char *xlsx_attribute(const char **attributes, const char *name);
/* A number from 0 to most, or -1. */
int64_t xlsx_number(const char *text, int64_t most);

/* styles.xml into p->styles. */
void xlsx_styles_read(struct ctx *c, struct xlsx_package *p, const char *part_name);
/* What a number format code means: "yyyy\-mm\-dd" is a date. */
enum number_kind number_format_kind(struct str code);

#endif
