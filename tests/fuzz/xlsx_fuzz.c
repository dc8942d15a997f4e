/*
 * Any bytes as a workbook. The first byte chooses what the rest is: the whole archive, or one
 * part of a workbook whose other parts are sound, so that XML is reached past the checksums.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "data/table_reader.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

struct part {
    const char *name, *content;
};

#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static const struct part parts[] = {
    {"_rels/.rels", "<Relationships><Relationship Id=\"a\" Target=\"xl/workbook.xml\" Type=\"" TYPE
                    "officeDocument\"/></Relationships>"},
    {"xl/worksheets/sheet1.xml",
     "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>"},
    {"xl/sharedStrings.xml", "<sst><si><t>text</t></si></sst>"},
    {"xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>"},
    {"xl/workbook.xml", "<workbook><sheets><sheet name=\"a\" r:id=\"a\"/></sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships><Relationship Id=\"a\" Target=\"worksheets/sheet1.xml\" Type=\"" TYPE
     "worksheet\"/><Relationship Id=\"b\" Target=\"sharedStrings.xml\" Type=\"" TYPE
     "sharedStrings\"/><Relationship Id=\"c\" Target=\"styles.xml\" Type=\"" TYPE
     "styles\"/></Relationships>"},
};

enum { PARTS = sizeof parts / sizeof *parts };

static void add_number(struct text_buffer *out, size_t width, size_t value) {
    for (; width; width--, value >>= 8) {
        text_add_char(out, (char)(value & 0xFF));
    }
}

/* What the local header and the directory entry of a stored file share (APPNOTE 4.3.7). */
static void add_entry(struct text_buffer *out, const char *name, struct str content) {
    add_number(out, 2, 20);
    add_number(out, 8, 0);
    add_number(out, 4, crc32(0, (const unsigned char *)content.p, (unsigned)content.n));
    add_number(out, 4, content.n);
    add_number(out, 4, content.n);
    add_number(out, 2, strlen(name));
    add_number(out, 2, 0);
}

static struct str archive_of(struct arena *a, const struct str contents[PARTS]) {
    struct text_buffer out = {.arena = a};
    struct text_buffer directory = {.arena = a};
    for (size_t i = 0; i < PARTS; i++) {
        text_add(&directory, (struct str){"PK\1\2\24\0", 6});
        add_entry(&directory, parts[i].name, contents[i]);
        add_number(&directory, 10, 0);
        add_number(&directory, 4, out.n);
        text_add_c(&directory, parts[i].name);
        text_add(&out, (struct str){"PK\3\4", 4});
        add_entry(&out, parts[i].name, contents[i]);
        text_add_c(&out, parts[i].name);
        text_add(&out, contents[i]);
    }
    size_t at = out.n;
    text_add(&out, text_str(&directory));
    text_add(&out, (struct str){"PK\5\6\0\0\0\0", 8});
    add_number(&out, 2, PARTS);
    add_number(&out, 2, PARTS);
    add_number(&out, 4, directory.n);
    add_number(&out, 4, at);
    add_number(&out, 2, 0);
    return text_str(&out);
}

static void rows_read(struct ctx *c, struct str archive) {
    static const struct table_limits limits = {.bytes = 1 << 24,
                                               .unpacked = 1 << 24,
                                               .rows = 5000,
                                               .columns = 50,
                                               .cell_bytes = 2000,
                                               .seconds = 1};
    char path[64];
    int file = memfd_create("xlsx", MFD_CLOEXEC);
    must(file >= 0 && write(file, archive.p, archive.n) == (ssize_t)archive.n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct table_reader *r = table_open(c, path, (struct str){"", 0}, &limits, TABLE_TRUSTED);
    struct table_row row;
    int64_t line = 0;
    while (r && table_next(c, r, &row)) {
        must(row.line > line && row.line <= limits.rows && row.n <= limits.columns);
        for (size_t i = 0; i < row.n; i++) {
            must(text_valid(row.cells[i]));
        }
        line = row.line;
    }
    table_close(r);
    close(file);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    struct arena a;
    arena_init(&a);
    struct ctx c = {.arena = &a};
    struct str rest = {(const char *)bytes + (n > 0), n - (n > 0)};
    size_t choice = n ? bytes[0] % (PARTS + 1) : PARTS;
    struct str contents[PARTS];
    for (size_t i = 0; i < PARTS; i++) {
        contents[i] = i == choice ? rest : str_from(parts[i].content);
    }
    rows_read(&c, choice == PARTS ? rest : archive_of(&a, contents));
    arena_free(&a);
    return 0;
}
