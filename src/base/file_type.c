#include "base/file_type.h"

#include <string.h>

#include "base/text.h"

enum { NAME_MOST = 150 };

/* How a format is known. Bytes at an offset; a second pair where one is not enough. */
struct signature {
    struct file_type type;
    size_t at;
    const char *bytes;
    size_t n;
    size_t second_at;
    const char *second; /* NULL: none */
    bool by_name;       /* others begin the same way: the name must say so too */
};

#define BYTES(literal) "" literal "", sizeof(literal) - 1
#define OFFICE "application/vnd.openxmlformats-officedocument."
#define ZIP BYTES("PK\x03\x04")
#define OLE BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")

static const struct signature signatures[] = {
    {{"image/jpeg", "jpg jpeg", "image", true}, 0, BYTES("\xFF\xD8\xFF"), 0, NULL, false},
    {{"image/png", "png", "image", true}, 0, BYTES("\x89PNG\r\n\x1A\n"), 0, NULL, false},
    {{"image/gif", "gif", "image", true}, 0, BYTES("GIF8"), 0, NULL, false},
    {{"image/webp", "webp", "image", true}, 0, BYTES("RIFF"), 8, "WEBP", false},
    {{"image/heic", "heic heif", "image", false}, 4, BYTES("ftyp"), 8, "heic", false},
    {{"image/heic", "heic heif", "image", false}, 4, BYTES("ftyp"), 8, "mif1", false},
    {{"image/bmp", "bmp", "image", false}, 0, BYTES("BM"), 0, NULL, true},
    {{"image/tiff", "tif tiff", "image", false}, 0, BYTES("II*\0"), 0, NULL, false},
    {{"image/tiff", "tif tiff", "image", false}, 0, BYTES("MM\0*"), 0, NULL, false},
    {{"application/pdf", "pdf", "document", false}, 0, BYTES("%PDF-"), 0, NULL, false},
    {{"application/rtf", "rtf", "document", false}, 0, BYTES("{\\rtf"), 0, NULL, false},
    {{OFFICE "wordprocessingml.document", "docx", "document", false}, 0, ZIP, 0, NULL, true},
    {{OFFICE "spreadsheetml.sheet", "xlsx", "document", false}, 0, ZIP, 0, NULL, true},
    {{OFFICE "presentationml.presentation", "pptx", "document", false}, 0, ZIP, 0, NULL, true},
    {{"application/ofd", "ofd", "document", false}, 0, ZIP, 0, NULL, true},
    {{"application/zip", "zip", "archive", false}, 0, ZIP, 0, NULL, true},
    {{"application/msword", "doc wps", "document", false}, 0, OLE, 0, NULL, true},
    {{"application/vnd.ms-excel", "xls et", "document", false}, 0, OLE, 0, NULL, true},
    {{"application/vnd.ms-powerpoint", "ppt dps", "document", false}, 0, OLE, 0, NULL, true},
    {{"application/vnd.rar", "rar", "archive", false}, 0, BYTES("Rar!\x1A\x07"), 0, NULL, false},
    {{"application/x-7z-compressed", "7z", "archive", false},
     0,
     BYTES("7z\xBC\xAF\x27\x1C"),
     0,
     NULL,
     false},
    {{"image/vnd.dwg", "dwg", "document", false}, 0, BYTES("AC10"), 0, NULL, true},
    {{"audio/mpeg", "mp3", "audio", false}, 0, BYTES("ID3"), 0, NULL, false},
    {{"audio/mpeg", "mp3", "audio", false}, 0, BYTES("\xFF\xFB"), 0, NULL, true},
    {{"audio/wav", "wav", "audio", false}, 0, BYTES("RIFF"), 8, "WAVE", false},
    {{"audio/amr", "amr", "audio", false}, 0, BYTES("#!AMR"), 0, NULL, false},
    {{"audio/ogg", "ogg opus", "audio", false}, 0, BYTES("OggS"), 0, NULL, true},
    {{"audio/mp4", "m4a", "audio", false}, 4, BYTES("ftyp"), 8, "M4A ", false},
    {{"video/quicktime", "mov", "video", false}, 4, BYTES("ftyp"), 8, "qt  ", false},
    {{"video/mp4", "mp4 m4v", "video", false}, 4, BYTES("ftyp"), 0, NULL, true},
};

static const struct file_type text_types[] = {
    {"text/plain", "txt log md", "text", false},
    {"text/csv", "csv", "document", false},
    {"message/rfc822", "eml", "document", false},
};

enum {
    SIGNATURES = sizeof signatures / sizeof *signatures,
    TEXT_TYPES = sizeof text_types / sizeof *text_types
};

/* Whether what stands behind the last dot of the name is one of the type's extensions. */
static bool called_so(const struct file_type *type, struct str name) {
    char lower[8];
    size_t dot = name.n, n = 0;
    while (dot && name.p[dot - 1] != '.') {
        dot--;
    }
    struct str extension = dot ? str_slice(name, dot, name.n) : STR("");
    if (!extension.n || extension.n > sizeof lower) {
        return false;
    }
    for (; n < extension.n; n++) {
        char c = extension.p[n];
        lower[n] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return str_lists(str_from(type->extensions), ' ', (struct str){lower, n});
}

static bool bytes_at(struct str head, size_t at, const char *bytes, size_t n) {
    return head.n >= at + n && memcmp(head.p + at, bytes, n) == 0;
}

static bool begins_so(const struct signature *s, struct str head) {
    return bytes_at(head, s->at, s->bytes, s->n) &&
           (!s->second || bytes_at(head, s->second_at, s->second, strlen(s->second)));
}

/* Plain text has no control characters and does not begin as a page or a script. */
static bool is_plain(struct str head) {
    struct str start = str_trim(head);
    for (size_t i = 0; i < head.n; i++) {
        unsigned char b = (unsigned char)head.p[i];
        if (b == 0x7F || (b < 0x20 && !strchr("\t\n\r\f", b)) || !b) {
            return false;
        }
    }
    return head.n && !str_starts(start, STR("<")) && !str_starts(start, STR("#!")) &&
           !str_starts(start, STR("MZ"));
}

const struct file_type *file_type_of(struct str head, struct str name) {
    for (size_t i = 0; i < SIGNATURES; i++) {
        const struct signature *s = &signatures[i];
        if (begins_so(s, head) && (!s->by_name || called_so(&s->type, name))) {
            return &s->type;
        }
    }
    for (size_t i = 0; i < TEXT_TYPES; i++) {
        if (called_so(&text_types[i], name) && is_plain(head)) {
            return &text_types[i];
        }
    }
    return NULL;
}

const struct file_type *file_type_named(struct str mime) {
    for (size_t i = 0; i < SIGNATURES; i++) {
        if (str_is(mime, signatures[i].type.mime)) {
            return &signatures[i].type;
        }
    }
    for (size_t i = 0; i < TEXT_TYPES; i++) {
        if (str_is(mime, text_types[i].mime)) {
            return &text_types[i];
        }
    }
    return NULL;
}

/* Marks of direction turn a name round: "gpj.exe" would look like "exe.jpg". */
static bool is_unseen(uint32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0) ||
           (character >= 0x200B && character <= 0x200F) ||
           (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF;
}

static bool is_minded(uint32_t character) {
    return character < 0x7F && strchr("\\/:*?\"<>|", (int)character);
}

static struct str last_part(struct str name) {
    size_t from = name.n;
    while (from && name.p[from - 1] != '/' && name.p[from - 1] != '\\') {
        from--;
    }
    return str_slice(name, from, name.n);
}

struct str file_name_clean(struct arena *a, struct str name, const struct file_type *type) {
    struct text_buffer out = {.arena = a};
    struct str rest = last_part(name), first = STR("");
    uint32_t character;
    size_t n = 0;
    while (n < NAME_MOST && text_next(&rest, &character)) {
        bool leading = n == 0 && (character == '.' || character == ' ');
        if (!is_unseen(character) && !leading) {
            text_add_character(&out, is_minded(character) ? '_' : character);
            n++;
        }
    }
    struct str clean = str_trim(text_str(&out));
    if (!clean.n) {
        clean = STR("file");
    }
    if (!type || called_so(type, clean)) {
        return str_copy(a, clean);
    }
    struct str extensions = str_from(type->extensions);
    str_cut(&extensions, ' ', &first);
    clean = text_truncate(clean, NAME_MOST - 1 - first.n);
    return str_format(a, "%.*s.%.*s", STR_ARG(clean), STR_ARG(first));
}
