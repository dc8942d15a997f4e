#include "sample/work.h"

#include "entity/record.h"

/* In the words: {p} what it is about, {n} a number of pieces, {d} a day, {m} thousands of yuan,
 * {s} a percentage. */
struct said {
    const char *kind, *words;
};

static const struct said first[] = {
    {"call", "介绍了{p}方案，对方对交期比较关心，要一份同行案例。"},
    {"call", "首次通话，产线 {n} 台设备，想先了解{p}大概预算。"},
    {"call", "对方正在比较两家供应商，先发资料，{d}再聊。"},
    {"call", "电话里确认了需求：{p}，首批 {n} 台，年内再加。"},
    {"call", "接电话的是采购，技术在现场，留了技术的分机，{d}再打。"},
    {"message", "已加企业微信，发了{p}资料和价格区间。"},
    {"message", "微信上回了：先看案例，{d}有空再约电话。"},
    {"mail", "发送了{p}的样本和选型表，抄送对方技术部。"},
    {"note", "官网看过价格页，可能已经在询价，尽快跟。"},
    {"call", "客户说目前只是了解，今年预算还没批。"}};
static const struct said nurture[] = {
    {"call", "联系人说预算下月批，月底再约一次。"},
    {"call", "确认了现场工况，{n} 个工位，需要先做一次节拍测试。"},
    {"message", "转发了《数采十问》和同行案例，对方说转给了设备部。"},
    {"message", "对方问{p}有没有国产替代经验，已回复案例。"},
    {"call", "对方在等总部流程，{d}回访。"},
    {"mail", "按对方要求补发了资质和检测报告。"},
    {"call", "设备部对{p}认可，采购还没松口，继续跟。"},
    {"note", "从招聘网站看到对方在扩产线，需求应该是真的。"},
    {"call", "约了{d}线上交流，技术和采购都参加。"},
    {"visit", "顺路拜访，见到设备主管，现场 {n} 台旧驱动器，备件已经停产。"}};
static const struct said contact[] = {
    {"visit", "到厂里看了产线，{n} 台设备，节拍 32 秒，改造空间大。"},
    {"meeting", "和技术部开了需求会，{p}范围基本清楚，还缺工艺参数。"},
    {"call", "对方补充了图纸，安排售前{d}出初步方案。"},
    {"message", "对方发来现场照片和电气柜清单，转给售前。"},
    {"call", "确认决策链：设备部提需求，生产总监定，采购谈价。"}};
static const struct said needs[] = {{"meeting", "需求评审：首批 {n} 台，年内再加一条线。"},
                                    {"visit", "带售前工程师到现场测绘，确认安装空间和接线。"},
                                    {"call", "生产总监关心停机时间，承诺改造不超过两个周末。"},
                                    {"message", "对方要同行业的验收报告，已找服务部要。"},
                                    {"mail", "发送需求确认书，请对方盖章回传。"}};
static const struct said quoted[] = {
    {"mail", "发送正式报价，含{p}、安装调试和一年质保。"},
    {"call", "对方嫌单价高 {s}%，要{d}前的修改报价。"},
    {"meeting", "讲解方案和报价，财务关心付款方式，想要三七分期。"},
    {"call", "竞争对手报价低 {m} 千，但不含现场调试，对方在比较。"},
    {"message", "补了分项报价和备件清单。"}};
static const struct said negotiating[] = {
    {"meeting", "商务谈判：让了 {s} 个点，换三年框架。"},
    {"call", "对方总经理还要压一轮价，{d}给答复。"},
    {"visit", "拜访采购总监，交期和违约条款谈妥。"},
    {"message", "付款方式定了：三成预付，六成发货，一成质保。"},
    {"call", "售后响应写进合同：4 小时电话，24 小时到场。"}};
static const struct said contracting[] = {{"mail", "合同初稿已发法务，违约条款两处要改。"},
                                          {"call", "对方法务回了意见，只剩质保期一处。"},
                                          {"message", "双方合同定稿，等对方走用印流程。"},
                                          {"call", "催用印，对方说{d}前能盖完。"}};
static const struct said won[] = {{"note", "合同已盖章回传，转交付团队，{d}开启动会。"},
                                  {"call", "致电感谢，约了启动会，介绍服务经理。"},
                                  {"message", "预付款到账，通知备货。"}};
static const struct said lost[] = {{"call", "对方告知已选别家，主要是价格，留了后续备件的口子。"},
                                   {"call", "项目暂停，总部冻结了今年的投资预算。"},
                                   {"note", "三次联系未果，按输单处理，半年后再看。"},
                                   {"message", "对方说今年先不改造，明年再评估。"}};
static const struct said shop[] = {{"message", "问有没有现货和运费，回复当天发。"},
                                   {"message", "客户报了设备铭牌，帮忙确认了型号。"},
                                   {"message", "发了付款链接，提醒 48 小时内有效。"},
                                   {"call", "老客户补货，顺带问了{p}的替代型号。"},
                                   {"message", "问开票信息，已登记抬头。"}};
static const struct said care[] = {{"call", "季度回访，设备运行正常，备件还够用两个月。"},
                                   {"visit", "到现场巡检，建议更换两只风扇，客户同意下单。"},
                                   {"message", "发了保养提醒和备件清单。"},
                                   {"call", "客户提到二期计划，大约 {n} 台，立项后联系。"}};

static const struct {
    const struct said *items;
    size_t n;
} phases[WORK_PHASES] = {
    [WORK_FIRST] = {first, sizeof first / sizeof *first},
    [WORK_NURTURE] = {nurture, sizeof nurture / sizeof *nurture},
    [WORK_STAGE] = {contact, sizeof contact / sizeof *contact},
    [WORK_STAGE + 1] = {needs, sizeof needs / sizeof *needs},
    [WORK_STAGE + 2] = {quoted, sizeof quoted / sizeof *quoted},
    [WORK_STAGE + 3] = {negotiating, sizeof negotiating / sizeof *negotiating},
    [WORK_STAGE + 4] = {contracting, sizeof contracting / sizeof *contracting},
    [WORK_WON] = {won, sizeof won / sizeof *won},
    [WORK_LOST] = {lost, sizeof lost / sizeof *lost},
    [WORK_SHOP] = {shop, sizeof shop / sizeof *shop},
    [WORK_CARE] = {care, sizeof care / sizeof *care},
};

static void fill(struct text_buffer *b, struct draw *d, char slot, const char *interest) {
    static const char *const days[] = {"周一", "周二", "周三", "周四", "周五", "下周一", "下周三"};
    switch (slot) {
    case 'p':
        text_add_c(b, interest);
        break;
    case 'd':
        text_add_c(b, DRAW_PICK(d, days));
        break;
    case 's':
        text_add_int(b, draw_between(d, 2, 9));
        break;
    case 'm':
        text_add_int(b, draw_between(d, 3, 40));
        break;
    default:
        text_add_int(b, draw_between(d, 2, 16) * 2);
    }
}

static struct str say(struct arena *a, struct draw *d, const char *words, const char *interest) {
    struct text_buffer b = {.arena = a};
    for (const char *at = words; *at; at++) {
        if (*at == '{') {
            fill(&b, d, at[1], interest);
            at += 2;
        } else {
            text_add_char(&b, *at);
        }
    }
    return text_str(&b);
}

/* A call may find nobody. */
static void set_call(struct change_set *set, struct draw *d, bool reached) {
    change_text(set, "outcome", reached ? STR("reached") : STR("no_answer"));
    if (reached) {
        change_int(set, "duration_seconds", (int64_t)draw_log_normal(d, 240, 0.8) + 20);
    }
}

bool work_follow_up(struct company *k, struct draw *d, const struct work *w, int64_t at) {
    const struct said *s = &phases[w->phase].items[draw_below(d, phases[w->phase].n)];
    bool call = str_is(str_from(s->kind), "call");
    bool reached = !call || draw_chance(d, 0.78);
    if (!company_reached(k, at)) {
        return false;
    }
    company_at(k, at, w->who);
    struct change_set set = company_new(k, "activity");
    change_text(&set, "type", str_from(s->kind));
    change_text(&set, "subject_type", str_from(w->type));
    change_id(&set, "subject_id", w->subject_id);
    change_int(&set, "occurred_at", at);
    if (call) {
        set_call(&set, d, reached);
    }
    change_text(&set, "content",
                reached ? say(k->c->arena, d, s->words, w->interest)
                        : STR("电话没接通，已发短信留言。"));
    company_insert(k, &set);
    return true;
}

static const char *const wanted[WORK_PHASES][3] = {
    [WORK_FIRST] = {"发送样本和案例", "电话回访", "加企业微信"},
    [WORK_NURTURE] = {"电话回访", "发送同行案例", "约线上交流"},
    [WORK_STAGE] = {"约现场测绘", "准备初步方案", "确认决策链"},
    [WORK_STAGE + 1] = {"发需求确认书", "准备上门演示", "约技术交流"},
    [WORK_STAGE + 2] = {"发修改后的报价", "寄样品", "准备分项报价"},
    [WORK_STAGE + 3] = {"确认付款条款", "申请折扣审批", "约采购总监面谈"},
    [WORK_STAGE + 4] = {"确认合同条款", "跟进用印", "安排启动会"},
    [WORK_WON] = {"安排启动会", "回访安装情况", "收验收单"},
    [WORK_LOST] = {"半年后回访", "整理丢单复盘", "发节日问候"},
    [WORK_SHOP] = {"确认收货地址", "催付款", "确认型号"},
    [WORK_CARE] = {"季度回访", "发保养提醒", "约现场巡检"},
};

static bool takes_in_time(struct company *k, struct draw *d, const struct actor *who) {
    for (int i = 0; i < SAMPLE_REPS; i++) {
        if (who == &k->reps[i]) {
            return draw_chance(d, sample_reps[i].diligence / 100.0);
        }
    }
    return true;
}

int64_t work_task_open(struct company *k, struct draw *d, const struct work *w, int64_t at,
                       int64_t due) {
    struct change_set set = company_new(k, "task");
    company_at(k, at, w->who);
    change_text(&set, "title", str_from(wanted[w->phase][draw_below(d, 3)]));
    change_text(&set, "subject_type", str_from(w->type));
    change_id(&set, "subject_id", w->subject_id);
    change_int(&set, "due_at", due);
    change_text(&set, "priority", draw_chance(d, 0.2) ? STR("high") : STR("normal"));
    return company_insert(k, &set);
}

void work_task(struct company *k, struct draw *d, const struct work *w, int64_t at, int64_t due) {
    int64_t done = takes_in_time(k, d, w->who) ? due - draw_between(d, 0, 20) * MS_HOUR
                                               : due + draw_between(d, 4, 120) * MS_HOUR;
    done = company_next_work(k, d, done > at ? done : at + MS_HOUR);
    if (!company_reached(k, at)) {
        return;
    }
    int64_t id = work_task_open(k, d, w, at, due);
    if (company_reached(k, done)) {
        struct change_set end = company_new(k, "task");
        company_at(k, done, w->who);
        change_text(&end, "status", STR("done"));
        record_change(k->c, id, &end);
    }
}
