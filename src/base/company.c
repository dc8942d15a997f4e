#include "base/company.h"

#include "base/text.h"

/* Legal forms at the end of a name, as they stand in a search key without punctuation. Chinese
 * ones may stand behind one another (集团股份有限公司); the longer come first. */
static const char *const chinese_forms[] = {
    "股份有限公司", "有限责任公司", "有限公司", "股份公司", "集团公司",
    "总公司",       "集团",         "股份",     "公司",
};

static const char *const western_forms[] = {
    "co ltd",       "company limited",
    "company ltd",  "co limited",
    "pte ltd",      "pty ltd",
    "pvt ltd",      "corporation",
    "incorporated", "company",
    "limited",      "group",
    "gmbh",         "corp",
    "inc",          "ltd",
    "llc",          "llp",
    "plc",          "co",
    "ag",           "bv",
    "sa",           "kg",
};

/* Letters and digits of any script with single blanks where punctuation stood between Latin
 * words, none between Chinese characters. */
static struct str plain_words(struct arena *a, struct str key) {
    struct text_buffer out = {.arena = a};
    bool gap = false, before_latin = false;
    uint32_t character;
    while (text_next(&key, &character)) {
        bool latin = (character >= 'a' && character <= 'z') ||
                     (character >= '0' && character <= '9') ||
                     (character >= 0xC0 && character < 0x250);
        bool mark = (character < 0x80 && !latin) || character == 0xB7 ||
                    (character >= 0x2000 && character < 0x2070) ||
                    (character >= 0x3000 && character < 0x3020);
        if (mark) {
            gap = gap || (character != '.' && character != '\'');
            continue;
        }
        if (gap && latin && before_latin) {
            text_add_char(&out, ' ');
        }
        gap = false;
        before_latin = latin;
        text_add_character(&out, character);
    }
    return text_str(&out);
}

/* A branch (无锡分公司) is another company than its parent and keeps its name. */
static bool cut_chinese(struct str *name) {
    if (str_ends(*name, STR("分公司")) || str_ends(*name, STR("子公司"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof chinese_forms / sizeof *chinese_forms; i++) {
        struct str form = str_from(chinese_forms[i]);
        if (str_equal(*name, form)) {
            return false;
        }
        if (str_ends(*name, form)) {
            name->n -= form.n;
            return true;
        }
    }
    return false;
}

static bool cut_western(struct str *name) {
    bool latin = name->n && (unsigned char)name->p[name->n - 1] < 0x80;
    for (size_t i = 0; latin && i < sizeof western_forms / sizeof *western_forms; i++) {
        struct str form = str_from(western_forms[i]);
        if (!str_ends(*name, form) || name->n <= form.n) {
            continue;
        }
        unsigned char before = (unsigned char)name->p[name->n - form.n - 1];
        if (before == ' ' || before >= 0x80) {
            name->n -= form.n + (before == ' ');
            return true;
        }
    }
    return false;
}

struct str company_key(struct arena *a, struct str name) {
    struct str key = plain_words(a, text_search_key(a, name));
    while (cut_chinese(&key) || cut_western(&key)) {
    }
    return key;
}

static bool has_no_letters(struct str name) {
    uint32_t ch;
    while (text_next(&name, &ch)) {
        bool ascii = (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= 'a' && ch <= 'z');
        bool punctuation = ch < 0xC0 || (ch >= 0x2000 && ch < 0x2E80) ||
                           (ch >= 0x3000 && ch < 0x3040);
        if (ascii || !punctuation) {
            return false;
        }
    }
    return true;
}

bool name_is_blank(struct str name) {
    static const char *const words[] = {
        "无",   "没有", "暂无",   "不详",    "未知", "不知道",    "未填写",  "保密",      "匿名",
        "无名", "空",   "无公司", "先生",    "女士", "小姐",      "姓名",    "名字",      "n/a",
        "na",   "nil",  "null",   "unknown", "none", "undefined", "no name", "anonymous", NULL};
    struct arena scratch;
    arena_init(&scratch);
    bool blank = has_no_letters(name) ||
                 str_among(words, text_search_key(&scratch, str_slice(name, 0, 64)));
    arena_free(&scratch);
    return blank;
}

/* 123, 000000: too short for the number somebody is called by. */
static bool is_count(struct str key) {
    enum { COUNT_MOST = 6 };
    bool digits = key.n > 0 && key.n <= COUNT_MOST;
    for (size_t i = 0; digits && i < key.n; i++) {
        digits = key.p[i] >= '0' && key.p[i] <= '9';
    }
    return digits;
}

/* aaa, xxxx, 啊啊啊: one character held down. */
static bool is_one_character(struct str key) {
    enum { NAME_MOST = 60 }; /* what is longer is no name at all */
    uint32_t first, ch;
    size_t n = 1;
    if (!text_next(&key, &first)) {
        return false;
    }
    while (text_next(&key, &ch)) {
        if (ch != first) {
            return false;
        }
        n++;
    }
    return n >= 3 && n <= NAME_MOST;
}

bool name_is_placeholder(struct str name) {
    static const char *const words[] = {"test", "test1", "test123", "asd", "asdf", "asdfgh",
                                        "qwe",  "qwer",  "qwerty",  "abc", "xx",   NULL};
    struct arena scratch;
    arena_init(&scratch);
    struct str key = text_search_key(&scratch, str_slice(name, 0, 512));
    bool found = str_among(words, key) || is_count(key) || is_one_character(key) ||
                 str_find(key, STR("测试")) >= 0;
    arena_free(&scratch);
    return found;
}
