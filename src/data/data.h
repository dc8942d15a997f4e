/* The modules of this folder, for app/modules.c. */
#ifndef GUANTONG_DATA_DATA_H
#define GUANTONG_DATA_DATA_H

#include "base/module.h"

extern const struct module data_module; /* words about reading and writing tables */
extern const struct module import_module;
extern const struct module import_routes_module;
extern const struct module export_module;
extern const struct module cleansing_report_module;

#endif
