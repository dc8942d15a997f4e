/*
 * Regions of China: province, city, district, by the division table in src/base/data.
 */
#ifndef GUANTONG_BASE_REGION_H
#define GUANTONG_BASE_REGION_H

#include "base/str.h"

/* Official names; static. Municipalities have a province and no city; counties that a
 * province governs itself stand as city. Parts that are unknown are empty. */
struct region {
    struct str province, city, district;
};

/*
 * Read an address or a name: 江苏省无锡市新吴区, 江苏 无锡, 江苏-无锡, 无锡, Wuxi is none.
 * A bare name is a city before a province before a district; a district alone counts when
 * only one city has it. What follows the parts found (street, number) is not looked at.
 * False when no part was found; *r is then empty.
 */
bool region_parse(struct str text, struct region *r);

/* Province and city in one: 江苏省无锡市, 北京市. */
struct str region_name(struct arena *a, const struct region *r);

/* All provinces, and the cities of a province, in the order of the table, for choices. */
size_t region_provinces(const struct str **names);
size_t region_cities(struct str province, struct str *names, size_t capacity);

#endif
