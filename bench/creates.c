#include "creates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/session.h"

enum { BODY = 2048 };

/* For as long as the process lives: the company's arena ends before the load begins. */
const char *creates_keep(struct str s) {
    return strndup(s.p, s.n);
}

static void people_read(struct creates *b) {
    struct company *company = &b->company;
    int64_t ids[CREATES_PEOPLE] = {0};
    struct db_rows rows;
    int n = 0;
    DB_QUERY(&company->c, &rows, "SELECT id FROM \"user\" ORDER BY id LIMIT $1",
             (int64_t)CREATES_PEOPLE);
    while (db_next(&rows) && n < CREATES_PEOPLE) {
        ids[n++] = db_int(&rows, 0);
    }
    struct json_writer w = json_writer(company->c.arena);
    json_begin_array(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "action", json_put_c, "assign_round_robin");
    json_key(&w, "parameters");
    json_begin_object(&w);
    json_key(&w, "user_ids");
    json_begin_array(&w);
    db_begin(&company->c);
    for (int i = 0; i < n; i++) {
        struct token_grant grant = {.name = STR("bench"), .scopes = STR("")};
        b->people[i] = creates_keep(token_create(&company->c, ids[i], &grant));
        json_put_id(&w, ids[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    json_end_object(&w);
    json_end_array(&w);
    struct change_set set = change_new(&company->c, entity_named(&company->c, "automation"));
    change_text(&set, "name", STR("新线索轮流分配"));
    change_text(&set, "trigger", STR("lead.created"));
    change_text(&set, "entity_name", STR("lead"));
    change_text(&set, "condition", STR("{\"field\":\"owner_id\",\"op\":\"is_empty\"}"));
    change_text(&set, "actions", json_str(&w));
    change_int(&set, "enabled", 1);
    record_insert(&company->c, &set);
    db_commit(&company->c);
    company_check(company);
}

void creates_open(struct creates *b, const char *build, const char *url, int64_t leads) {
    *b = (struct creates){.url = url};
    company_open(&b->company, url, leads);
    b->program = creates_keep(str_format(&b->company.arena, "%s/guantong", build));
    snprintf(b->files, sizeof b->files, "%s/bench/files", build);
    people_read(b);
    b->first = id_time(id_new()) % 700 * 10000; /* another run meets other leads */
}

struct child creates_serve(const struct creates *b, int batch) {
    char number[16];
    snprintf(number, sizeof number, "%d", batch);
    const char *const arguments[] = {b->program,
                                     "serve",
                                     "--port",
                                     "0",
                                     "--db",
                                     b->url,
                                     "--files",
                                     b->files,
                                     "--secret-key-file",
                                     "",
                                     "--log-level",
                                     "error",
                                     "--writer-batch",
                                     number,
                                     "--requests-per-minute",
                                     "1000000",
                                     NULL};
    return child_start(arguments);
}

size_t creates_write(void *data, int64_t i, int connection, char text[LOAD_REQUEST]) {
    static const char *const names[] = {"孙立民", "王思远", "李秀英", "陈晓燕", "周建国", "吴海波"};
    static const char *const places[] = {"无锡", "苏州", "杭州", "上海", "深圳",
                                         "广州", "成都", "武汉", "南京", "宁波"};
    static const char *const words[] = {"天工", "华信", "中科", "远大", "金石", "海联", "博雅",
                                        "同创", "瑞丰", "新宇", "恒通", "安泰", "立德"};
    static const char *const trades[] = {"智能装备", "机械制造", "信息技术", "生物医药",
                                         "新材料",   "电子科技", "环保工程"};
    struct creates *b = data;
    char body[BODY];
    (void)connection;
    if (b->first + i >= CREATES_NUMBERS) {
        fputs("creates: the leads' numbers have no room in their names\n", stderr);
        exit(EXIT_FAILURE);
    }
    int64_t number = b->first + i, phone = i % 50 == 49 ? number - 1 : number;
    uint64_t any = (uint64_t)number * UINT64_C(0x9E3779B97F4A7C15) >> 20;
    int n = snprintf(body, sizeof body,
                     "{\"name\":\"%s %0*lld\",\"company_name\":\"%s%s%s%s有限公司\","
                     "\"phone\":\"139%08lld\",\"email\":\"b%lld@example.cn\",\"source\":\"官网\","
                     "\"region\":\"江苏省 无锡市\",\"job_title\":\"采购经理\","
                     "\"description\":\"想了解设备的价格与交期，请尽快联系。\"%s}",
                     names[any % 6], CREATES_DIGITS, (long long)number, places[any / 6 % 10],
                     words[any / 60 % 13], words[any / 780 % 13], trades[any / 10140 % 7],
                     (long long)(phone * 7919 % 100000000), (long long)number,
                     b->unowned ? ",\"owner_id\":null" : "");
    return (size_t)snprintf(text, LOAD_REQUEST,
                            "POST /api/v1/leads HTTP/1.1\r\nHost: bench\r\n"
                            "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                            "Content-Length: %d\r\n\r\n%s",
                            b->token, n, body);
}
