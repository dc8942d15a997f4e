# Turns provinces.csv, cities.csv, areas.csv and hk_mo_tw.csv (in this order) into the C table
# declared in base/data/divisions.h.
BEGIN {
    FS = ","
    file = provinces = cities = areas = 0
}
{
    gsub(/["\r]/, "")
}
FNR == 1 {
    file++
    next
}
file == 1 {
    province_at[$1] = provinces
    province[provinces++] = $2
}
file == 2 {
    # "市辖区", "县" and "…直辖县级行政区划" are places in the code scheme, not cities.
    nominal = $2 == "市辖区" || $2 == "县" || $2 ~ /直辖县级行政区划$/
    direct[$1] = $2 ~ /直辖县级行政区划$/
    city_at[$1] = nominal ? -1 : cities
    if (!nominal) {
        city_province[cities] = province_at[$3]
        city[cities++] = $2
    }
}
file == 3 && direct[$3] {
    city_province[cities] = province_at[$4]
    city[cities++] = $2
    next
}
file == 3 {
    area_province[areas] = province_at[$4]
    area_city[areas] = city_at[$3]
    area[areas++] = $2
}
file == 4 {
    if (!($1 in named)) {
        named[$1] = provinces
        province[provinces++] = $1
    }
    if (!(($1, $2) in outer)) {
        outer[$1, $2] = cities
        city_province[cities] = named[$1]
        city[cities++] = $2
    }
    if ($3 != "") {
        area_province[areas] = named[$1]
        area_city[areas] = outer[$1, $2]
        area[areas++] = $3
    }
}
END {
    print "#include \"base/data/divisions.h\"\n"
    print "#define NAME(text) {text, sizeof(text) - 1}\n"
    print "const struct str division_provinces[] = {"
    for (i = 0; i < provinces; i++)
        printf "    NAME(\"%s\"),\n", province[i]
    print "};\nconst struct division division_cities[] = {"
    for (i = 0; i < cities; i++)
        printf "    {NAME(\"%s\"), %d, -1},\n", city[i], city_province[i]
    print "};\nconst struct division division_areas[] = {"
    for (i = 0; i < areas; i++)
        printf "    {NAME(\"%s\"), %d, %d},\n", area[i], area_province[i], area_city[i]
    print "};"
    printf "const size_t division_province_count = %d;\n", provinces
    printf "const size_t division_city_count = %d;\n", cities
    printf "const size_t division_area_count = %d;\n", areas
}
