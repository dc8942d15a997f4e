/*
 * Tags and segments of the sample company: presets a maker of machines would switch on, two tags
 * put on by hand, and four segments its marketer works with. Who carries and who is in what comes
 * from the rules, as in any company.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "customer/segment.h"
#include "customer/tag.h"
#include "db/db.h"

enum { BY_HAND = 12 };

static const char *const presets[] = {
    "beijing",  "yangtze", "manufacturer", "large_company", "visited_often", "asked_again",
    "quiet_7d", "bought",  "bought_again", "large_deal",    "eager",         NULL};

static int64_t tag_make(struct ctx *c, const char *name, const char *dimension, const char *colour,
                        int64_t days) {
    struct change_set set = change_new(c, entity_named(c, "tag"));
    change_text(&set, "name", str_from(name));
    change_text(&set, "dimension", str_from(dimension));
    change_text(&set, "colour", str_from(colour));
    if (days) {
        change_int(&set, "expires_after_days", days);
    }
    struct record *tag = record_insert(c, &set);
    return tag ? tag->id : 0;
}

/* The newest leads met at the fair, the accounts that matter most. */
static void tags_by_hand(struct ctx *c) {
    static const struct {
        const char *entity, *name, *dimension, *colour;
        int64_t days;
    } rows[] = {{"account", "重点客户", "transaction", "red", 0},
                {"lead", "展会观众", "behaviour", "violet", 180}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !ctx_failed(c); i++) {
        const struct entity *e = entity_named(c, rows[i].entity);
        int64_t ids[BY_HAND],
            tag = tag_make(c, rows[i].name, rows[i].dimension, rows[i].colour, rows[i].days);
        struct db_rows found;
        size_t n = 0;
        if (i == 0) {
            DB_QUERY(c, &found,
                     "SELECT id FROM account WHERE deleted_at IS NULL AND level = 'a' "
                     "ORDER BY id LIMIT $1",
                     (int64_t)BY_HAND);
        } else {
            DB_QUERY(c, &found,
                     "SELECT id FROM lead WHERE deleted_at IS NULL AND source = '展会' "
                     "ORDER BY id DESC LIMIT $1",
                     (int64_t)BY_HAND);
        }
        while (db_next(&found)) {
            ids[n++] = db_int(&found, 0);
        }
        for (size_t k = 0; k < n && !ctx_failed(c); k++) {
            tag_put(c, &(struct tagging){
                           .tag_id = tag, .entity = e, .subject_id = ids[k], .source = "hand"});
        }
    }
}

static void segments_make(struct ctx *c) {
    static const struct {
        const char *name, *entity, *description, *condition;
    } rows[] = {
        {"近期高意向", "person", "最近两周常来又留了资，适合尽快跟进",
         "{\"all\":[{\"event\":\"person.active\",\"count\":{\"gte\":2},\"within\":\"14d\"},"
         "{\"event\":\"touch.created\",\"count\":{\"gte\":1},\"within\":\"30d\"}]}"},
        {"沉睡待唤醒", "person", "来过，但 30 天没有互动，也没有成交",
         "{\"all\":[{\"event\":\"person.active\",\"older_than\":\"30d\"},"
         "{\"not\":{\"related\":\"opportunity\",\"where\":{\"field\":\"state\",\"op\":\"eq\","
         "\"value\":\"won\"}}}]}"},
        {"江浙沪新线索", "person", "江浙沪，90 天内新建的人",
         "{\"all\":[{\"any\":[{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"江苏省\"},"
         "{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"浙江省\"},"
         "{\"field\":\"region\",\"op\":\"starts_with\",\"value\":\"上海市\"}]},"
         "{\"field\":\"created_at\",\"op\":\"within_last\",\"value\":\"90d\"}]}"},
        {"大型制造商", "account", "制造业，500 人以上",
         "{\"all\":[{\"field\":\"industry\",\"op\":\"in\",\"value\":[\"machinery\",\"electronics\","
         "\"automotive\",\"chemical\"]},"
         "{\"field\":\"size\",\"op\":\"in\",\"value\":[\"500-999\",\"1000+\"]}]}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "segment"));
        change_text(&set, "name", str_from(rows[i].name));
        change_text(&set, "entity_name", str_from(rows[i].entity));
        change_text(&set, "description", str_from(rows[i].description));
        change_text(&set, "condition", str_from(rows[i].condition));
        record_insert(c, &set);
    }
}

void sample_segment(struct ctx *c) {
    for (const char *const *p = presets; *p && !ctx_failed(c); p++) {
        tag_preset_on(c, str_from(*p));
    }
    tags_by_hand(c);
    segments_make(c);
}
