#include "base/region.h"

#include <pthread.h>
#include <string.h>

#include "base/data/divisions.h"
#include "base/text.h"

/*
 * Every division is entered under its official name and under its short ones (无锡市: 无锡;
 * 湘西土家族苗族自治州: 湘西, 湘西州); where nothing else fits, a province's abbreviation (沪, 粤)
 * is read too. A text is read as province, city and area in this order,
 * any of them absent; of all readings the one that explains most of the text wins.
 */
enum level { LEVEL_PROVINCE, LEVEL_CITY, LEVEL_AREA };

struct alias {
    struct str name;
    uint32_t level : 2, at : 29, official : 1; /* at: index in the table of its level */
    uint32_t next;                             /* alias of the same name + 1, 0 for none */
};

enum { ALIASES = 16384, SLOTS = 32768 /* power of two */, ALIAS_BYTES = 64 };

static struct alias aliases[ALIASES];
static uint32_t n_aliases;
static uint32_t slots[SLOTS]; /* first alias of a name + 1 */
static struct arena alias_names;
static pthread_once_t aliases_once = PTHREAD_ONCE_INIT;

#define HASH_BEGIN 0x811C9DC5U /* FNV-1a */

static uint32_t hash_more(uint32_t hash, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619U;
    }
    return hash;
}

static uint32_t *slot_of_hash(struct str name, uint32_t hash) {
    uint32_t at = (hash ^ hash >> 15) & (SLOTS - 1);
    while (slots[at] && !str_equal(aliases[slots[at] - 1].name, name)) {
        at = (at + 1) & (SLOTS - 1);
    }
    return &slots[at];
}

static uint32_t *slot_of(struct str name) {
    return slot_of_hash(name, hash_more(HASH_BEGIN, name.p, name.n));
}

static void alias_add(struct str name, enum level level, size_t at, bool official) {
    uint32_t *slot = slot_of(name);
    if (n_aliases == ALIASES || name.n > ALIAS_BYTES) {
        return;
    }
    for (uint32_t i = *slot; i; i = aliases[i - 1].next) {
        if (aliases[i - 1].level == level && aliases[i - 1].at == at) {
            return;
        }
    }
    struct alias *alias = &aliases[n_aliases++];
    *alias = (struct alias){name, level, (uint32_t)at & 0x1FFFFFFF, official, *slot};
    *slot = n_aliases;
}

/* Peoples in the names of autonomous divisions, as the table writes them. */
static const char *const peoples[] = {
    "柯尔克孜", "维吾尔族", "维吾尔", "哈萨克族", "哈萨克",   "蒙古族",   "蒙古",     "土家族",
    "苗族",     "布依族",   "侗族",   "壮族",     "瑶族",     "藏族",     "羌族",     "彝族",
    "回族",     "朝鲜族",   "傣族",   "白族",     "景颇族",   "傈僳族",   "哈尼族",   "满族",
    "土族",     "撒拉族",   "保安族", "东乡族",   "裕固族",   "仡佬族",   "水族",     "毛南族",
    "仫佬族",   "黎族",     "畲族",   "纳西族",   "拉祜族",   "佤族",     "布朗族",   "怒族",
    "独龙族",   "普米族",   "锡伯",   "塔吉克",   "达斡尔族", "鄂伦春族", "鄂温克族", "各族",
};

static bool cut_end(struct str *s, const char *end) {
    struct str suffix = str_from(end);
    if (s->n <= suffix.n || !str_ends(*s, suffix)) {
        return false;
    }
    s->n -= suffix.n;
    return true;
}

static struct str without_peoples(struct str name) {
    for (bool cut = true; cut;) {
        cut = false;
        for (size_t i = 0; i < sizeof peoples / sizeof *peoples && !cut; i++) {
            struct str shorter = name;
            cut = cut_end(&shorter, peoples[i]) && text_length(shorter) >= 2;
            name = cut ? shorter : name;
        }
    }
    return name;
}

/* The colloquial name of an autonomous division: 湘西 and its 州, 县 or 旗. */
static bool autonomous_short(struct str name, struct str *shorter, const char **kind) {
    static const char *const ends[][2] = {
        {"自治区", ""}, {"自治州", "州"}, {"自治县", "县"}, {"自治旗", "旗"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        *shorter = name;
        if (cut_end(shorter, ends[i][0])) {
            *shorter = without_peoples(*shorter);
            *kind = ends[i][1];
            return true;
        }
    }
    return false;
}

static bool plain_short(struct str name, struct str *shorter) {
    static const char *const ends[] = {"特别行政区", "地区", "省", "市", "盟", "区", "县", "旗"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        *shorter = name;
        if (cut_end(shorter, ends[i]) && text_length(*shorter) >= 2) {
            return true;
        }
    }
    return false;
}

static bool is_province_short(struct str name) {
    for (uint32_t i = *slot_of(name); i; i = aliases[i - 1].next) {
        if (aliases[i - 1].level == LEVEL_PROVINCE) {
            return true;
        }
    }
    return false;
}

enum { TEXT_CHARACTERS = 60, TEXT_BYTES = TEXT_CHARACTERS * 4 };

static bool is_punctuation(uint32_t character) {
    if (character < 0x80) {
        return !((character >= '0' && character <= '9') ||
                 ((character | 0x20) >= 'a' && (character | 0x20) <= 'z'));
    }
    return character == 0xA0 || character == 0xB7 || (character >= 0x2000 && character < 0x3040) ||
           (character >= 0xFF00 && character < 0xFFF0);
}

/* Only letters and digits count: 江苏省-无锡市, 江苏/无锡 and 江苏 无锡 are one. */
static struct str letters_only(struct str text, char bytes[TEXT_BYTES]) {
    struct str rest = text, plain = {bytes, 0};
    uint32_t character;
    for (size_t i = 0; i < TEXT_CHARACTERS && rest.n; i++) {
        const char *before = rest.p;
        text_next(&rest, &character);
        if (!is_punctuation(character)) {
            memcpy(bytes + plain.n, before, (size_t)(rest.p - before));
            plain.n += (size_t)(rest.p - before);
        }
    }
    return str_starts(plain, STR("中国")) ? str_slice(plain, STR("中国").n, plain.n) : plain;
}

/* 海南 is the province, not 海南藏族自治州; but 吉林 is the city. */
static void division_add(struct str official, enum level level, size_t at) {
    char bytes[TEXT_BYTES];
    struct str shorter, name = str_copy(&alias_names, letters_only(official, bytes));
    const char *kind;
    alias_add(name, level, at, true);
    if (autonomous_short(name, &shorter, &kind)) {
        if (level == LEVEL_PROVINCE || !is_province_short(shorter)) {
            alias_add(shorter, level, at, false);
        }
        if (*kind) {
            alias_add(str_format(&alias_names, "%.*s%s", STR_ARG(shorter), kind), level, at, false);
        }
    } else if (plain_short(name, &shorter)) {
        alias_add(shorter, level, at, false);
    }
}

/* Names that no rule makes of the official ones. */
static void colloquial_add(void) {
    static const char *const names[][2] = {{"浦东", "浦东新区"}, {"内蒙", "内蒙古自治区"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t first = *slot_of(str_from(names[i][1]));
        if (first) {
            const struct alias *alias = &aliases[first - 1];
            alias_add(str_from(names[i][0]), alias->level, alias->at, false);
        }
    }
}

static void aliases_make(void) {
    arena_init(&alias_names);
    for (size_t i = 0; i < division_province_count; i++) {
        division_add(division_provinces[i], LEVEL_PROVINCE, i);
    }
    for (size_t i = 0; i < division_city_count; i++) {
        division_add(division_cities[i].name, LEVEL_CITY, i);
    }
    for (size_t i = 0; i < division_area_count; i++) {
        division_add(division_areas[i].name, LEVEL_AREA, i);
    }
    colloquial_add();
}

/* A reading of the text so far; -1 where a level is absent. */
struct reading {
    int province, city, area;
    size_t used; /* bytes explained */
};

/* Marks that say a short name just read belongs to something else, unless a division begins
 * with them: 朝阳区 is not the city 朝阳, 中山路 not 中山, but 江苏镇江 is in 江苏. */
static bool name_goes_on(struct str rest) {
    static const char *const marks[] = {"区", "县", "市", "旗", "州", "盟",  "省",
                                        "镇", "乡", "村", "路", "街", "大道"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (str_starts(rest, str_from(marks[i]))) {
            return true;
        }
    }
    return false;
}

static void area_of(const struct alias *alias, struct reading *r) {
    r->area = (int)alias->at;
    r->province = division_areas[alias->at].province;
    r->city = division_areas[alias->at].city;
}

/* Does the alias belong below what was read so far? */
static bool alias_fits(const struct alias *alias, struct reading r) {
    if (alias->level == LEVEL_CITY) {
        return r.province < 0 || division_cities[alias->at].province == r.province;
    }
    if (alias->level == LEVEL_AREA) {
        const struct division *area = &division_areas[alias->at];
        return (r.province < 0 || area->province == r.province) &&
               (r.city < 0 || area->city == r.city);
    }
    return r.province < 0 || (int)alias->at == r.province;
}

/* The only alias at a level that fits, of those of one name; NULL when none or several do. */
static const struct alias *alias_find(uint32_t first, enum level level, struct reading r) {
    const struct alias *found = NULL;
    for (uint32_t i = first; i; i = aliases[i - 1].next) {
        const struct alias *alias = &aliases[i - 1];
        if (alias->level != level || !alias_fits(alias, r)) {
            continue;
        }
        if (found && (level != LEVEL_AREA || found->official == alias->official)) {
            return NULL;
        }
        found = found && found->official ? found : alias;
    }
    return found;
}

static void reading_keep(struct reading *best, struct reading r) {
    if (r.used > best->used) {
        *best = r;
    }
}

static void read_from(struct str text, unsigned levels, struct reading r, struct reading *best);

/* The reading with one division more, and what can follow it. */
static void read_on(struct str text, const struct alias *alias, struct reading r,
                    struct reading *best) {
    bool again = alias->level == LEVEL_PROVINCE && r.province < 0; /* 北京市北京市 */
    r.used += alias->name.n;
    if (alias->level == LEVEL_AREA) {
        area_of(alias, &r);
    } else if (alias->level == LEVEL_CITY) {
        r.city = (int)alias->at;
        r.province = division_cities[alias->at].province;
    } else {
        r.province = (int)alias->at;
    }
    struct str rest = str_slice(text, r.used, text.n);
    if (alias->official || !name_goes_on(rest)) {
        reading_keep(best, r);
    }
    unsigned below = alias->level == LEVEL_PROVINCE ? 1U << LEVEL_CITY | 1U << LEVEL_AREA
                     : alias->level == LEVEL_CITY   ? 1U << LEVEL_AREA
                                                    : 0;
    read_from(text, below | (again ? 1U << LEVEL_PROVINCE : 0), r, best);
}

/* Try every beginning of what is left as a division of one of the levels; the first of readings
 * that explain equally much is kept, so city before province before area. */
static void read_from(struct str text, unsigned levels, struct reading r, struct reading *best) {
    static const enum level order[] = {LEVEL_CITY, LEVEL_PROVINCE, LEVEL_AREA};
    struct str rest = str_slice(text, r.used, text.n), ahead = rest;
    uint32_t character, hash = HASH_BEGIN;
    while (levels && rest.n - ahead.n < ALIAS_BYTES && ahead.n) {
        const char *before = ahead.p;
        text_next(&ahead, &character);
        hash = hash_more(hash, before, (size_t)(ahead.p - before));
        uint32_t first = *slot_of_hash((struct str){rest.p, rest.n - ahead.n}, hash);
        for (size_t i = 0; first && i < 3; i++) {
            const struct alias *alias = levels & 1U << order[i] ? alias_find(first, order[i], r)
                                                                : NULL;
            if (alias) {
                read_on(text, alias, r, best);
            }
        }
    }
}

/* The province of an abbreviation; -1 when it is none. */
static int abbreviated(struct str text) {
    static const char *const provinces[][2] = {
        {"京", "北京"}, {"津", "天津"},   {"沪", "上海"}, {"渝", "重庆"}, {"冀", "河北"},
        {"晋", "山西"}, {"蒙", "内蒙古"}, {"辽", "辽宁"}, {"吉", "吉林"}, {"黑", "黑龙江"},
        {"苏", "江苏"}, {"浙", "浙江"},   {"皖", "安徽"}, {"闽", "福建"}, {"赣", "江西"},
        {"鲁", "山东"}, {"豫", "河南"},   {"鄂", "湖北"}, {"湘", "湖南"}, {"粤", "广东"},
        {"桂", "广西"}, {"琼", "海南"},   {"川", "四川"}, {"蜀", "四川"}, {"贵", "贵州"},
        {"黔", "贵州"}, {"云", "云南"},   {"滇", "云南"}, {"藏", "西藏"}, {"陕", "陕西"},
        {"甘", "甘肃"}, {"陇", "甘肃"},   {"青", "青海"}, {"宁", "宁夏"}, {"新", "新疆"},
        {"港", "香港"}, {"澳", "澳门"},   {"台", "台湾"}};
    for (size_t i = 0; i < sizeof provinces / sizeof *provinces; i++) {
        bool so = str_equal(text, str_from(provinces[i][0]));
        for (size_t k = 0; so && k < division_province_count; k++) {
            if (str_starts(division_provinces[k], str_from(provinces[i][1]))) {
                return (int)k;
            }
        }
    }
    return -1;
}

/* 沪, and 粤 深圳: an abbreviation that stands for itself or before what is in its province. */
static void read_abbreviated(struct str text, struct reading *best) {
    struct reading r = {abbreviated(text_truncate(text, 1)), -1, -1, text_truncate(text, 1).n};
    if (r.province < 0 || best->province >= 0) {
        return;
    }
    if (r.used == text.n) {
        *best = r;
    } else {
        read_from(text, 1U << LEVEL_CITY | 1U << LEVEL_AREA, r, best);
    }
}

bool region_parse(struct str text, struct region *r) {
    const struct reading nothing = {-1, -1, -1, 0};
    char bytes[TEXT_BYTES];
    memset(r, 0, sizeof *r);
    pthread_once(&aliases_once, aliases_make);
    struct reading best = nothing;
    struct str plain = letters_only(text, bytes);
    read_from(plain, 1U << LEVEL_PROVINCE | 1U << LEVEL_CITY | 1U << LEVEL_AREA, nothing, &best);
    read_abbreviated(plain, &best);
    if (best.province >= 0) {
        r->province = division_provinces[best.province];
    }
    if (best.city >= 0) {
        r->city = division_cities[best.city].name;
    }
    if (best.area >= 0) {
        r->district = division_areas[best.area].name;
    }
    return best.province >= 0;
}

struct str region_name(struct arena *a, const struct region *r) {
    return r->city.n ? str_format(a, "%.*s%.*s", STR_ARG(r->province), STR_ARG(r->city))
                     : r->province;
}

size_t region_provinces(const struct str **names) {
    *names = division_provinces;
    return division_province_count;
}

size_t region_cities(struct str province, struct str *names, size_t capacity) {
    size_t n = 0;
    for (size_t i = 0; i < division_city_count && n < capacity; i++) {
        if (str_equal(division_provinces[division_cities[i].province], province)) {
            names[n++] = division_cities[i].name;
        }
    }
    return n;
}
