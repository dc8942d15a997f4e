/*
 * Mails of the sample company: where a salesman noted in the last months that he had written, there
 * is what he wrote, with the papers he sent, and mostly the customer's answer; and some customers
 * wrote these days and wait for theirs. They come in as from mailboxes that were read; nobody's
 * mailbox is connected, and nothing goes to anybody.
 *
 * What was written after the last follow-up that is known of a deal would move it: such answers are
 * left out, but for those that wait.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "base/text.h"
#include "connector/mail_html.h"
#include "customer/correspondence.h"
#include "customer/file.h"
#include "db/db.h"
#include "organization/company.h"
#include "sample/setup_paper.h"

enum { LETTERS = 240, DAYS = 150, WAITING = 14, LINES = 10 };

/* What is written when; {n} the customer, {p} what the deal is about, {w} who writes. */
static const struct letter {
    const char *when; /* a word of the salesman's note */
    const char *subject, *ours, *theirs, *ours_again;
    const char *paper; /* that goes along; NULL: none */
} letters[] = {
    {"报价", "{p}——正式报价",
     "{n}您好：\n\n附上{p}的正式报价，含安装调试和一年质保，有效期三十天。交货期自收到预付款起六周。\n"
     "如需分期，我这边可以再申请。\n\n{w}\n华岳工控",
     "{w}你好，\n\n报价收到了。领导觉得比预算高了一些，付款能不能改成 3/6/1？另外请确认备件是否包含在内。\n\n{n}",
     "{n}您好：\n\n3/6/1 可以，备件清单在报价第二页，易损件含一年用量。更新后的报价随信附上。\n\n{w}",
     "报价单"},
    {"样本", "{p}样本与选型表",
     "{n}您好：\n\n按电话里说的，附上样本和选型表。麻烦把负载、行程和节拍填一下，"
     "我们技术部两天内给出方案。\n\n{w}\n华岳工控",
     "{w}你好，\n\n选型表填好了见附件，节拍按每分钟 24 件算，请尽快出方案。\n\n{n}",
     "{n}您好：\n\n方案出来了，推荐的型号余量在 20% 以上，下周三方便的话我带工程师过来讲一遍。\n\n{w}",
     "选型表"},
    {"检测报告", "资质与检测报告",
     "{n}您好：\n\n营业执照、体系认证和第三方检测报告一并附上，原件可以随时查验。\n\n{w}\n华岳工控",
     "收到，已转给质量部，有问题再联系。\n\n{n}", NULL, "检测报告"},
    {"需求", "{p}需求确认书",
     "{n}您好：\n\n附件是上次会上谈定的需求，请核对后盖章回传，我们据此排产。\n\n{w}\n华岳工控",
     "{w}你好，\n\n第三条的接口协议请改成 PROFINET，其余没有问题，改好我们就盖章。\n\n{n}",
     "{n}您好：\n\n已改为 PROFINET，请看附件最新一版。\n\n{w}", "需求确认书"},
    {"合同", "合同初稿",
     "{n}您好：\n\n合同初稿附上，违约条款按贵司法务的意见改了两处，请再看一眼。\n\n{w}\n华岳工控",
     "{w}你好，\n\n法务在走流程，预计这周内能定。验收标准请补一个附件。\n\n{n}", NULL, "合同初稿"},
    {NULL, "关于{p}",
     "{n}您好：\n\n跟进一下上次谈的{p}，同行一条线改造后停机时间从八小时降到了四小时，"
     "有空可以安排去现场看看。\n\n{w}\n华岳工控",
     "谢谢，等我们月底的会开完再定，届时联系你。\n\n{n}", NULL, NULL}};

/* What waits for an answer. */
static const char *const questions[][2] = {
    {"{p}能不能再优惠一些", "{w}你好，\n\n{p}的价格还是偏高，别家报价低了两成。能不能再优惠一些？"
                            "周五前要报上去。\n\n{n}"},
    {"交货期能否提前", "{w}你好，\n\n生产那边希望提前两周到货，{p}的交期能压缩吗？\n\n{n}"},
    {"技术问题三个", "{w}你好，\n\n工艺提了三个问题：防护等级、与现有 PLC 的通讯、备件多久能到。"
                     "请书面答复一下。\n\n{n}"},
    {"请安排一次现场演示",
     "{w}你好，\n\n领导想看实机，下周二或周四能否安排一次演示？大概五个人。\n\n{n}"}};

struct deal {
    int64_t id, owner_id, at, last;
    struct str note, name, person, address, owner, owner_address;
    const char *paper; /* that goes along with the next letter; NULL: none */
};

/* When somebody at work would write, at the instant or the next morning after it. */
static int64_t at_work(struct ctx *c, int64_t at) {
    int64_t midnight = zone_midnight(company_zone(c), zone_date(company_zone(c), at));
    int64_t hour = (at - midnight) / MS_HOUR;
    return hour < 8    ? at + (9 - hour) * MS_HOUR
           : hour > 18 ? midnight + MS_DAY + 9 * MS_HOUR + at % MS_HOUR
                       : at;
}

static struct str filled(struct ctx *c, const struct deal *d, const char *words) {
    struct text_buffer out = {.arena = c->arena};
    for (const char *p = words; *p; p++) {
        bool place = p[0] == '{' && p[1] && p[2] == '}';
        if (!place) {
            text_add_char(&out, *p);
            continue;
        }
        text_add(&out, p[1] == 'n' ? d->person : p[1] == 'w' ? d->owner : d->name);
        p += 2;
    }
    return text_str(&out);
}

static void paper_add(struct ctx *c, const struct deal *d, struct mail_read *m) {
    const char *title = d->paper;
    struct str lines[LINES];
    size_t n = 0;
    struct file_content content;
    lines[n++] = str_from(title);
    lines[n++] = str_format(c->arena, "项目：%.*s", STR_ARG(d->name));
    lines[n++] = str_format(c->arena, "联系人：%.*s", STR_ARG(d->person));
    lines[n++] = STR("供方：华岳工控");
    lines[n++] = str_format(c->arena, "经办：%.*s", STR_ARG(d->owner));
    struct str name = str_format(c->arena, "%s-%.*s.pdf", title, STR_ARG(d->name));
    if (file_keep(c, sample_paper(c->arena, lines, n), name, &content)) {
        m->attachments[m->n_attachments++] = (struct mail_attachment){.name = content.name,
                                                                      .type = content.mime,
                                                                      .size = content.stored.size,
                                                                      .hash = content.stored.hash};
    }
}

/* One mail of a thread; its Message-ID is told by deal, thread and place. Nothing of a mail is kept
 * whose people the salesman no longer sees, not its paper either. */
static void letter_file(struct ctx *c, const struct deal *d, struct mail_read *m, int place) {
    struct mailbox box = {
        .id = d->owner_id, .user_id = d->owner_id, .name = d->owner, .address = d->owner_address};
    const char *host = place % 2 ? "kehu.example" : "huayue.example";
    struct mail_party us = {d->owner, d->owner_address}, them = {d->person, d->address};
    m->from = place % 2 ? them : us;
    m->to[0] = place % 2 ? us : them;
    m->n_to = 1;
    m->message_id = str_format(c->arena, "l.%lld.%lld.%d@%s", (long long)d->id,
                               (long long)(d->at / MS_MINUTE), place, host);
    if (place > 0) {
        m->in_reply_to = str_format(c->arena, "l.%lld.%lld.%d@%s", (long long)d->id,
                                    (long long)(d->at / MS_MINUTE), place - 1,
                                    place % 2 ? "huayue.example" : "kehu.example");
    }
    if (!correspondence_subjects(c, &box, m).n) {
        return;
    }
    if (d->paper) {
        paper_add(c, d, m);
    }
    m->html = mail_html_of_text(c->arena, m->text);
    correspondence_file(c, &box,
                        &(struct mail_place){place % 2 ? "inbox" : "sent", 1, m->at + place}, m);
}

static const struct letter *letter_of(struct str note) {
    const struct letter *l = letters;
    while (l->when && str_find(note, str_from(l->when)) < 0) {
        l++;
    }
    return l;
}

/* What the salesman wrote, what came back, what he wrote then. */
static void thread_make(struct ctx *c, struct deal *d, size_t nth) {
    const struct letter *l = letter_of(d->note);
    const char *texts[] = {l->ours, nth % 5 == 4 ? NULL : l->theirs,
                           nth % 5 == 4 ? NULL : l->ours_again};
    int64_t at = d->at;
    for (int place = 0; place < 3 && texts[place] && !ctx_failed(c); place++) {
        struct mail_read *m = ARENA_NEW(c->arena, struct mail_read);
        struct str subject = filled(c, d, l->subject);
        m->at = at;
        m->subject = place ? str_format(c->arena, "Re: %.*s", STR_ARG(subject)) : subject;
        m->text = filled(c, d, texts[place]);
        d->paper = place == 0 || (place == 2 && nth % 2) ? l->paper : NULL;
        letter_file(c, d, m, place);
        at += (int64_t)(2 + (nth * 7 + (size_t)place * 5) % 21) * MS_HOUR + nth % 50 * MS_MINUTE;
        at = at_work(c, at);
        if (at > d->last || at > c->now_ms) {
            return;
        }
    }
}

static void question_make(struct ctx *c, struct deal *d, size_t nth) {
    const char *const *q = questions[nth % (sizeof questions / sizeof *questions)];
    struct mail_read *m = ARENA_NEW(c->arena, struct mail_read);
    d->at = at_work(c, c->now_ms - (int64_t)(1 + nth * 5) * MS_HOUR - (int64_t)nth * 7 * MS_MINUTE);
    d->at -= d->at > c->now_ms ? MS_DAY : 0;
    m->at = d->at;
    m->subject = filled(c, d, q[0]);
    m->text = filled(c, d, q[1]);
    d->paper = nth % 4 == 2 ? "技术要求" : NULL;
    letter_file(c, d, m, 1);
}

#define DEAL                                                                                  \
    "d.id, d.owner_id, COALESCE(d.last_follow_up_at, 0), d.name, p.name, p.email, u.name, "   \
    "u.email FROM opportunity d JOIN person p ON p.id = d.person_id AND p.email IS NOT NULL " \
    "JOIN \"user\" u ON u.id = d.owner_id "

static struct deal deal_read(const struct db_rows *rows, int first) {
    return (struct deal){.id = db_int(rows, first),
                         .owner_id = db_int(rows, first + 1),
                         .last = db_int(rows, first + 2),
                         .name = db_text(rows, first + 3),
                         .person = db_text(rows, first + 4),
                         .address = db_text(rows, first + 5),
                         .owner = db_text(rows, first + 6),
                         .owner_address = db_text(rows, first + 7)};
}

static size_t written_read(struct ctx *c, struct deal *list) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT a.occurred_at, a.content, " DEAL
             "JOIN activity a ON a.subject_id = d.id AND a.subject_type = 'opportunity' "
             "AND a.type = 'mail' AND a.occurred_at > $1 AND a.deleted_at IS NULL "
             "WHERE d.deleted_at IS NULL ORDER BY a.occurred_at DESC, a.id LIMIT $2",
             c->now_ms - (int64_t)DAYS * MS_DAY, (int64_t)LETTERS);
    while (n < LETTERS && db_next(&rows)) {
        list[n] = deal_read(&rows, 2);
        list[n].at = db_int(&rows, 0);
        list[n++].note = db_text(&rows, 1);
    }
    db_done(&rows);
    return n;
}

static size_t waiting_read(struct ctx *c, struct deal *list) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT " DEAL "WHERE d.state = 'open' AND d.deleted_at IS NULL "
             "ORDER BY d.last_follow_up_at DESC, d.id LIMIT $1",
             (int64_t)WAITING);
    while (n < WAITING && db_next(&rows)) {
        list[n++] = deal_read(&rows, 0);
    }
    db_done(&rows);
    return n;
}

void sample_letter(struct ctx *c) {
    struct deal *list = ARENA_NEW_ARRAY(c->arena, LETTERS, struct deal);
    size_t n = written_read(c, list);
    for (size_t i = n; i-- > 0 && !ctx_failed(c);) {
        thread_make(c, &list[i], i);
    }
    n = waiting_read(c, list);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        question_make(c, &list[i], i);
    }
}
