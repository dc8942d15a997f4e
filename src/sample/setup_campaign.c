/*
 * The sample company's campaigns and what its channels cost, month by month, as in the truth it is
 * drawn from (sample/truth.h): three quarters of it in the first year.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/company.h"
#include "sample/truth.h"

enum { MONTHS = 24, FEN = 100 };

static struct str month_day(struct ctx *c, struct date today, int months_ago) {
    char text[DATE_TEXT];
    int month = today.year * 12 + today.month - 1 - months_ago;
    date_format((struct date){month / 12, month % 12 + 1, 1}, text);
    return str_copy(c->arena, str_from(text));
}

static int64_t campaign_make(struct ctx *c, const struct sample_channel *channel, struct str from) {
    struct change_set set = change_new(c, entity_named(c, "campaign"));
    int64_t marketer = DB_INT(c, "SELECT id FROM \"user\" WHERE login = 'linxiao'");
    int64_t there = DB_INT(c, "SELECT id FROM campaign WHERE name = $1 AND deleted_at IS NULL",
                           channel->campaign);
    if (there) {
        return there;
    }
    change_text(&set, "name", str_from(channel->campaign));
    change_text(&set, "channel", str_from(channel->source));
    change_text(&set, "status", STR("running"));
    change_text(&set, "starts_on", from);
    change_money(&set, "budget", (int64_t)channel->cost_yuan * 12 * FEN, company_currency(c));
    change_id(&set, "owner_id", marketer);
    struct record *campaign = record_insert(c, &set);
    return campaign ? campaign->id : 0;
}

static const char *kind_of(const struct sample_channel *channel) {
    bool venue = str_is(str_from(channel->source), "展会");
    bool written = channel->utm_medium && str_is(str_from(channel->utm_medium), "article");
    return venue ? "venue" : written ? "content" : "ads";
}

static void cost_make(struct ctx *c, const struct sample_channel *channel, int64_t campaign_id,
                      int months_ago) {
    struct date today = zone_date(company_zone(c), c->now_ms);
    struct change_set set = change_new(c, entity_named(c, "cost"));
    int64_t yuan = months_ago >= MONTHS / 2 ? channel->cost_yuan * 3 / 4 : channel->cost_yuan;
    change_text(&set, "title", str_from(channel->campaign ? channel->campaign : channel->source));
    change_id(&set, "campaign_id", campaign_id);
    change_text(&set, "channel", str_from(channel->source));
    change_text(&set, "spent_on", month_day(c, today, months_ago));
    change_money(&set, "amount", yuan * FEN, company_currency(c));
    change_text(&set, "kind", str_from(kind_of(channel)));
    record_insert(c, &set);
}

void sample_campaign(struct ctx *c) {
    struct date today = zone_date(company_zone(c), c->now_ms);
    for (int i = 0; i < SAMPLE_CHANNELS && !ctx_failed(c); i++) {
        const struct sample_channel *channel = &sample_channels[i];
        int64_t id = channel->campaign ? campaign_make(c, channel, month_day(c, today, MONTHS - 1))
                                       : 0;
        for (int m = 0; m < MONTHS; m++) {
            cost_make(c, channel, id, m);
        }
    }
}
