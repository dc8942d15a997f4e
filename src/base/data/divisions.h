/* The division table, generated from the files beside by divisions.awk. */
#ifndef GUANTONG_BASE_DATA_DIVISIONS_H
#define GUANTONG_BASE_DATA_DIVISIONS_H

#include "base/str.h"

struct division {
    struct str name;
    int province; /* index in division_provinces */
    int city;     /* of an area: index in division_cities, -1 in a municipality */
};

extern const struct str division_provinces[];
extern const struct division division_cities[]; /* and counties a province governs itself */
extern const struct division division_areas[];
extern const size_t division_province_count, division_city_count, division_area_count;

#endif
