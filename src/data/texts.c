#include "data/texts.h"

#include "data/data.h"

const struct text data_texts[] = {
    {"table.unreadable", "打不开这个文件", "The file cannot be opened"},
    {"table.too_large", "文件太大", "The file is too large"},
    {"table.too_many_rows", "行数超过上限 {rows}", "More than {rows} rows"},
    {"table.too_many_columns", "第 {line} 行的列数太多", "Too many columns in row {line}"},
    {"table.cell_too_long", "第 {line} 行有单元格太长", "A cell in row {line} is too long"},
    {"table.quote_open", "从第 {line} 行起有引号没有闭合，请检查",
     "A quotation mark is not closed, from row {line} on"},
    {"table.old_excel", "这是旧版 XLS 或带密码的文件，请另存为 XLSX 再上传",
     "This is an old XLS file or one with a password; please save it as XLSX"},
    {"table.not_workbook", "不是 Excel 工作簿", "Not an Excel workbook"},
    {"table.no_sheet", "工作簿里没有名为“{sheet}”的工作表",
     "The workbook has no sheet called \"{sheet}\""},
    {"table.damaged", "文件已损坏（{part}）", "The file is damaged ({part})"},
    {"table.bomb", "文件解压后过大", "The file unpacks to too much"},
    {"table.timeout", "读取这个文件用时太久，已停止",
     "Reading the file took too long and was stopped"},
    {"table.crashed", "读取这个文件时出错，已停止", "Reading the file failed and was stopped"},
    {0},
};

const struct module data_module = {.name = "data", .cloud = "data", .texts = data_texts};
