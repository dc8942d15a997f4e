#include "db/texts.h"

const struct text database_texts[] = {
    {"database.duplicate", "该记录已存在。", "This already exists."},
    {"database.busy", "系统正忙，请稍后再试。", "The system is busy. Please try again."},
    {"database.lost", "数据库暂时无法连接，请稍后再试。",
     "The database cannot be reached at the moment. Please try again."},
    {"database.deadline", "查询耗时过长，已中止。请缩小范围后再试。",
     "This took too long and was stopped. Please narrow it down."},
    {"schema.newer", "数据库由更新版本的程序创建，当前版本无法使用。",
     "The database was written by a newer version of the program."},
    {"schema.older", "数据库还是旧版本的结构，请先用本版本启动一次（guantong serve），再做这件事。",
     "The database has the tables of an older version: start this version on it once "
     "(guantong serve), then try again."},
    {"schema.none", "这里没有贯通的数据库。", "There is no database of Guantong here."},
    {0},
};
