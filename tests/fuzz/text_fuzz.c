/* Any bytes as what a person typed or a spreadsheet held: names, numbers, dates, addresses. */
#include <stdlib.h>

#include "base/charset.h"
#include "base/company.h"
#include "base/date_loose.h"
#include "base/email.h"
#include "base/phone.h"
#include "base/region.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void forms(struct arena *a, struct str text) {
    struct str repaired = text_repair(a, text);
    must(text_valid(repaired));
    struct str normal = text_normalize(a, text);
    must(str_equal(normal, text_normalize(a, normal)));
    must(text_valid(text_search_key(a, text)));
    must(text_length(text_truncate(text, 3)) <= 3);
    text_words(a, text);
    text_terms(a, text);
    text_pinyin(a, text);
}

/* What was accepted once is accepted in its own form, and stays it. */
static void facts(struct arena *a, struct str text) {
    struct phone phone;
    struct phone again;
    if (phone_parse(text, &phone)) {
        must(phone_parse(str_from(phone.digits), &again));
        must(str_equal(str_from(phone.digits), str_from(again.digits)));
    }
    phone_mask(a, text);
    struct email email = email_parse(a, text);
    if (email.reason == EMAIL_RIGHT) {
        must(str_equal(email_parse(a, email.address).address, email.address));
    }
    email_mask(a, text);
    struct region region;
    if (region_parse(text, &region)) {
        region_name(a, &region);
    }
    struct date date;
    int64_t ms;
    if (date_parse_loose(text, &date, &ms)) {
        must(ms >= -1 && ms < INT64_C(86400000));
    }
    company_key(a, text);
    name_is_placeholder(text);
}

static void encodings(struct arena *a, struct str text) {
    struct str converted = charset_convert(a, charset_detect(text), text);
    must(text_valid(converted));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    struct arena a;
    arena_init(&a);
    struct str text = {(const char *)bytes, n};
    forms(&a, text);
    facts(&a, text);
    encodings(&a, text);
    arena_free(&a);
    return 0;
}
