#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

static _Atomic int64_t advanced_ms, standing_ms;

int64_t clock_now_ms(void) {
    struct timespec t;
    int64_t standing = atomic_load_explicit(&standing_ms, memory_order_relaxed);
    if (standing) {
        return standing;
    }
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * MS_SECOND + t.tv_nsec / 1000000 +
           atomic_load_explicit(&advanced_ms, memory_order_relaxed);
}

int64_t clock_steady_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void clock_advance(int64_t ms) {
    atomic_fetch_add(&advanced_ms, ms);
}

void clock_stand(int64_t at_ms) {
    atomic_store(&standing_ms, at_ms);
}

/* Rounds down, where C rounds towards zero. */
static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Days and dates by eras of 400 years that begin on 1 March (H. Hinnant, "chrono-compatible
 * low-level date algorithms"). */
int64_t date_to_days(struct date d) {
    int64_t year = (int64_t)d.year - (d.month <= 2);
    int64_t era = floor_divide(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date date_from_days(int64_t days) {
    days += 719468;
    int64_t era = floor_divide(days, 146097), of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153; /* 0 is March */
    int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    return (struct date){(int)(year + era * 400 + (month <= 2)), month,
                         (int)(of_year - (153 * shifted + 2) / 5 + 1)};
}

int date_weekday(struct date d) {
    int64_t days = date_to_days(d) + 3; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_divide(days, 7) * 7) + 1;
}

static void put_two(char *to, unsigned value) {
    to[0] = (char)('0' + value / 10);
    to[1] = (char)('0' + value % 10);
}

static void put_date(char *to, struct date d) {
    put_two(to, (unsigned)d.year / 100 % 100);
    put_two(to + 2, (unsigned)d.year % 100);
    to[4] = '-';
    put_two(to + 5, (unsigned)d.month);
    to[7] = '-';
    put_two(to + 8, (unsigned)d.day);
}

void date_format(struct date d, char text[DATE_TEXT]) {
    put_date(text, d);
    text[10] = '\0';
}

/* What four digits of a year can say. */
#define FIRST_INSTANT INT64_C(-62167219200000)
#define LAST_INSTANT INT64_C(253402300799999)

void instant_format(int64_t ms, char text[INSTANT_TEXT]) {
    ms = ms < FIRST_INSTANT ? FIRST_INSTANT : ms > LAST_INSTANT ? LAST_INSTANT : ms;
    int64_t days = floor_divide(ms, MS_DAY);
    unsigned rest = (unsigned)(ms - days * MS_DAY), seconds = rest / MS_SECOND % 60;
    memcpy(text, "0000-00-00T00:00:00.000Z", 25);
    put_date(text, date_from_days(days));
    put_two(text + 11, rest / MS_HOUR);
    put_two(text + 14, rest / MS_MINUTE % 60);
    put_two(text + 17, seconds);
    text[20] = (char)('0' + rest % MS_SECOND / 100);
    put_two(text + 21, rest % 100);
}

/* Take n digits off the front of *s; false when they are not there. */
static bool take_digits(struct str *s, size_t n, int *value) {
    if (s->n < n) {
        return false;
    }
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') {
            return false;
        }
        sum = sum * 10 + (s->p[i] - '0');
    }
    *value = sum;
    *s = str_slice(*s, n, s->n);
    return true;
}

static bool take_char(struct str *s, char c) {
    if (!s->n || s->p[0] != c) {
        return false;
    }
    *s = str_slice(*s, 1, s->n);
    return true;
}

static bool date_exists(struct date d) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
    return d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= days[d.month - 1] &&
           (d.month != 2 || d.day < 29 || leap);
}

static bool take_date(struct str *s, struct date *d) {
    return take_digits(s, 4, &d->year) && take_char(s, '-') && take_digits(s, 2, &d->month) &&
           take_char(s, '-') && take_digits(s, 2, &d->day) && date_exists(*d);
}

bool date_parse(struct str text, struct date *d) {
    struct date read;
    if (text.n != 10 || !take_date(&text, &read)) {
        return false;
    }
    *d = read;
    return true;
}

/* ".123456" as ms, cut and not rounded; no fraction is 0. */
static bool take_fraction(struct str *s, int *ms) {
    *ms = 0;
    if (!take_char(s, '.')) {
        return true;
    }
    int digit, weight = 100, n = 0;
    while (take_digits(s, 1, &digit)) {
        *ms += digit * weight;
        weight /= 10;
        n++;
    }
    return n > 0 && n <= 9;
}

/* hh:mm, hh:mm:ss or hh:mm:ss.fff as ms of the day. */
static bool take_time(struct str *s, int64_t *ms) {
    int hour, minute, second = 0, fraction = 0;
    if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute)) {
        return false;
    }
    if (take_char(s, ':') && (!take_digits(s, 2, &second) || !take_fraction(s, &fraction))) {
        return false;
    }
    *ms = (int64_t)hour * MS_HOUR + minute * MS_MINUTE + second * MS_SECOND + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

/* "Z", "+08:00", or nothing for UTC. */
static bool take_offset(struct str *s, int64_t *ms) {
    *ms = 0;
    if (!s->n || take_char(s, 'Z') || take_char(s, 'z')) {
        return true;
    }
    int hour, minute;
    bool west = s->p[0] == '-';
    if ((!take_char(s, '+') && !take_char(s, '-')) || !take_digits(s, 2, &hour) ||
        !take_char(s, ':') || !take_digits(s, 2, &minute) || hour > 23 || minute > 59) {
        return false;
    }
    *ms = ((int64_t)hour * MS_HOUR + minute * MS_MINUTE) * (west ? -1 : 1);
    return true;
}

bool instant_parse(struct str text, int64_t *ms) {
    struct date d;
    int64_t time = 0, offset = 0;
    if (!take_date(&text, &d) ||
        (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' ')) ||
        !take_time(&text, &time) || !take_offset(&text, &offset) || text.n) {
        return false;
    }
    *ms = date_to_days(d) * MS_DAY + time - offset;
    return true;
}

/*
 * Zones. A zone is the list of its changes of offset from 1900 to 2100, read from ICU once
 * and never changed; zones are linked in a list that only grows, so looking one up takes no
 * lock and an offset is a binary search.
 */
struct zone_change {
    int64_t from_ms;   /* the offset holds from here to the next change */
    int32_t offset_ms; /* local time minus UTC */
};

struct zone {
    char name[64];
    const struct zone *next;
    size_t n;
    struct zone_change changes[]; /* the first holds from the beginning of time */
};

enum { ZONE_CHANGES = 2048, ZONES = 1024 };
#define ZONES_FROM_MS INT64_C(-2208988800000) /* 1900-01-01 */
#define ZONES_UNTIL_MS INT64_C(4102444800000) /* 2100-01-01 */

static _Atomic(const struct zone *) zones;
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;
static size_t n_zones; /* under zones_lock */

static const struct zone *zone_loaded(struct str name) {
    const struct zone *z = atomic_load_explicit(&zones, memory_order_acquire);
    while (z && !str_is(name, z->name)) {
        z = z->next;
    }
    return z;
}

static int32_t calendar_offset(UCalendar *calendar, int64_t ms, UErrorCode *status) {
    ucal_setMillis(calendar, (double)ms, status);
    return ucal_get(calendar, UCAL_ZONE_OFFSET, status) +
           ucal_get(calendar, UCAL_DST_OFFSET, status);
}

/* All changes of offset of the calendar's zone; their number. */
static size_t read_changes(UCalendar *calendar, struct zone_change *changes, UErrorCode *status) {
    changes[0] = (struct zone_change){INT64_MIN, calendar_offset(calendar, ZONES_FROM_MS, status)};
    size_t n = 1;
    int64_t at = ZONES_FROM_MS;
    UDate next;
    while (n < ZONE_CHANGES && U_SUCCESS(*status)) {
        ucal_setMillis(calendar, (double)at, status);
        if (!ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, status) ||
            next > (double)ZONES_UNTIL_MS) {
            break;
        }
        at = (int64_t)next;
        int32_t offset = calendar_offset(calendar, at, status);
        if (offset != changes[n - 1].offset_ms) {
            changes[n++] = (struct zone_change){at, offset};
        }
    }
    return n;
}

/* ICU takes unknown names for GMT and builds zones from custom ones, so the name must be in
 * its list. */
static bool zone_known(const UChar *name, int32_t n) {
    UErrorCode status = U_ZERO_ERROR;
    UChar canonical[64];
    UBool system = false;
    ucal_getCanonicalTimeZoneID(name, n, canonical, 64, &system, &status);
    return U_SUCCESS(status) && system;
}

static const struct zone *zone_load(struct str name) {
    static struct zone_change changes[ZONE_CHANGES]; /* under zones_lock */
    UErrorCode status = U_ZERO_ERROR;
    UChar id[64];
    int32_t length = 0;
    u_strFromUTF8(id, 64, &length, name.p, (int32_t)name.n, &status);
    if (U_FAILURE(status) || !zone_known(id, length) || n_zones == ZONES) {
        return NULL;
    }
    UCalendar *calendar = ucal_open(id, length, "en_US", UCAL_GREGORIAN, &status);
    size_t n = U_SUCCESS(status) ? read_changes(calendar, changes, &status) : 0;
    ucal_close(calendar);
    struct zone *z = U_SUCCESS(status) ? calloc(1, sizeof *z + n * sizeof *changes) : NULL;
    if (!z) {
        return NULL;
    }
    memcpy(z->name, name.p, name.n);
    z->n = n;
    memcpy(z->changes, changes, n * sizeof *changes);
    z->next = atomic_load_explicit(&zones, memory_order_relaxed);
    atomic_store_explicit(&zones, z, memory_order_release);
    n_zones++;
    return z;
}

const struct zone *zone_find(struct str name) {
    const struct zone *z = zone_loaded(name);
    if (z || !name.n || name.n >= sizeof z->name) {
        return z;
    }
    pthread_mutex_lock(&zones_lock);
    z = zone_loaded(name);
    if (!z) {
        z = zone_load(name);
    }
    pthread_mutex_unlock(&zones_lock);
    return z;
}

/* The change in force at an instant. */
static const struct zone_change *change_at(const struct zone *z, int64_t ms) {
    size_t low = 0, high = z->n;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (z->changes[middle].from_ms <= ms) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &z->changes[low];
}

struct date zone_date(const struct zone *z, int64_t ms) {
    return date_from_days(floor_divide(ms + change_at(z, ms)->offset_ms, MS_DAY));
}

int64_t zone_time_of_day(const struct zone *z, int64_t ms) {
    int64_t local = ms + change_at(z, ms)->offset_ms;
    return local - floor_divide(local, MS_DAY) * MS_DAY;
}

/* When the clocks go forward over midnight the day begins at the change; when midnight comes
 * twice, at the first. */
int64_t zone_midnight(const struct zone *z, struct date d) {
    int64_t local = date_to_days(d) * MS_DAY;
    const struct zone_change *before = change_at(z, local - MS_DAY);
    const struct zone_change *after = change_at(z, local + MS_DAY);
    int64_t first = local - before->offset_ms, second = local - after->offset_ms;
    if (change_at(z, first)->offset_ms == before->offset_ms) {
        return first;
    }
    return change_at(z, second)->offset_ms == after->offset_ms ? second : after->from_ms;
}
