#include "customer/mailbox_sync.h"

#include "connector/mail_returns.h"
#include "customer/correspondence.h"
#include "customer/correspondence_file.h"

/* UIDs asked for at once; heads of one look into a folder; bytes of mails held at once. */
enum { WINDOW = 5000, LOOK_MOST = 500, HELD_MOST = 16 * 1024 * 1024, FOLDERS = 200 };
enum { WINDOWS_MOST = 400 };

struct look {
    struct ctx *c;
    const struct mailbox *box;
    struct mailbox_commit commit;
    struct imap *imap;
    bool more, lost; /* lost: a batch could not be written */
};

/* What a batch came to. */
struct batch {
    const struct mailbox *box;
    const char *folder;
    struct mailbox_place before, after;
    struct {
        const struct mail_read *mail;
        int64_t uid;
    } mails[IMAP_FETCH_MOST];
    size_t n, single; /* single: the one that is filed by itself */
};

static struct str return_key(struct ctx *c, const struct batch *b, int64_t uid) {
    return str_format(c->arena, "box:%lld:%lld:%lld", (long long)b->box->id,
                      (long long)b->after.uidvalidity, (long long)uid);
}

static void mail_file(struct ctx *c, const struct batch *b, size_t i) {
    const struct mail_read *m = b->mails[i].mail;
    struct mail_place at = {b->folder, b->after.uidvalidity, b->mails[i].uid};
    bool report = m->report.kind != RETURN_NONE;
    if (!b->box->user_id && report) {
        mail_return_keep(c, return_key(c, b, at.uid), m, false);
    } else if (!b->box->user_id && !m->automatic) {
        mail_reply_keep(c, return_key(c, b, at.uid), m);
    } else if (b->box->user_id && !(report && correspondence_returned(c, b->box, m))) {
        correspondence_file(c, b->box, &at, m);
    }
}

static void batch_run(struct ctx *c, void *data) {
    const struct batch *b = data;
    for (size_t i = 0; i < b->n && !ctx_failed(c); i++) {
        mail_file(c, b, i);
    }
    mailbox_advance(c, b->box->id, b->folder, &b->before, &b->after);
}

static void single_run(struct ctx *c, void *data) {
    const struct batch *b = data;
    mail_file(c, b, b->single);
}

/* A mail that cannot be filed must not hold up the others: each by itself, those that fail (the
 * log says so) passed over; what was filed is known if this is done again. */
static bool batch_write_singly(struct look *l, struct batch *b) {
    for (b->single = 0; b->single < b->n; b->single++) {
        l->commit.run(l->commit.how, l->c, single_run, b);
    }
    b->n = 0;
    return l->commit.run(l->commit.how, l->c, batch_run, b);
}

static bool batch_write(struct look *l, struct batch *b) {
    bool same = b->before.uidvalidity == b->after.uidvalidity && b->before.uid == b->after.uid;
    if (!same && !l->commit.run(l->commit.how, l->c, batch_run, b) && !batch_write_singly(l, b)) {
        l->lost = true;
        return false;
    }
    b->before = b->after;
    b->n = 0;
    return true;
}

/* Whether more than the head of a mail is to be read. */
static bool wanted(struct look *l, const struct mail_read *head) {
    struct str from = head->from.address;
    bool postmaster = str_starts(from, STR("mailer-daemon@")) ||
                      str_starts(from, STR("postmaster@"));
    return !l->box->user_id || postmaster || correspondence_subjects(l->c, l->box, head).n > 0;
}

/* Of a mail that was not read to its end the last file is none. */
static void cut_take(struct mail_read *m, bool cut) {
    m->broken = m->broken || cut;
    if (cut && m->n_attachments) {
        m->attachments[m->n_attachments - 1].bytes = STR("");
    }
}

/* Read the mails of a batch until too much is held; the last UID that was dealt with. */
static int64_t mails_read(struct look *l, struct batch *b, const int64_t *uids, size_t n) {
    struct imap_mail heads[IMAP_FETCH_MOST];
    struct arena *a = l->c->arena;
    int64_t held = 0, last = b->after.uid;
    size_t n_heads = imap_heads(l->imap, uids, n, heads);
    for (size_t i = 0; i < n && held < HELD_MOST && !ctx_failed(l->c); i++) {
        struct mail_read *mail = ARENA_NEW(a, struct mail_read);
        size_t at = 0;
        while (at < n_heads && heads[at].uid != uids[i]) {
            at++;
        }
        if (at < n_heads && mail_read_head(a, heads[at].bytes, mail) && wanted(l, mail)) {
            struct imap_mail whole = imap_mail(l->imap, uids[i]);
            held += (int64_t)whole.bytes.n;
            if (mail_read(a, whole.bytes, mail)) {
                cut_take(mail, whole.size > (int64_t)whole.bytes.n);
                if (l->box->user_id) {
                    mail_files_store(l->c, mail);
                }
                b->mails[b->n].mail = mail;
                b->mails[b->n++].uid = uids[i];
            }
        }
        if (imap_outcome(l->imap) != IMAP_WORKS) {
            return last; /* this one is read again next time */
        }
        last = uids[i];
    }
    return last;
}

/* One batch; false when the folder is read to its end, or nothing goes on. */
static bool folder_batch(struct look *l, struct batch *b, int64_t uidnext, size_t *read) {
    int64_t uids[IMAP_FETCH_MOST];
    int64_t from = b->after.uid + 1;
    int64_t to = from + WINDOW - 1 < uidnext - 1 ? from + WINDOW - 1 : uidnext - 1;
    if (from > to) {
        return false;
    }
    struct imap_range range = {from, to, l->box->since};
    size_t n = imap_search(l->imap, &range, uids, IMAP_FETCH_MOST);
    if (imap_outcome(l->imap) != IMAP_WORKS) {
        return false;
    }
    if (!n) {
        b->after.uid = to;
        return true;
    }
    b->after.uid = mails_read(l, b, uids, n);
    *read += n;
    return !ctx_failed(l->c) && batch_write(l, b) && imap_outcome(l->imap) == IMAP_WORKS;
}

static void folder_look(struct look *l, const char *folder, struct str name) {
    struct imap_state state = imap_examine(l->imap, name);
    struct batch *b = ARENA_NEW(l->c->arena, struct batch);
    struct arena_mark mark = arena_mark(l->c->arena);
    size_t read = 0, windows = 0;
    if (imap_outcome(l->imap) != IMAP_WORKS) {
        return;
    }
    b->box = l->box;
    b->folder = folder;
    b->before = b->after = mailbox_place(l->c, l->box->id, folder);
    if (b->after.uidvalidity != state.uidvalidity) {
        b->after = (struct mailbox_place){state.uidvalidity, 0};
    }
    while (read < LOOK_MOST && windows++ < WINDOWS_MOST &&
           folder_batch(l, b, state.uidnext, &read)) {
        arena_reset(l->c->arena, mark);
    }
    if (imap_outcome(l->imap) == IMAP_WORKS && !l->lost && !ctx_failed(l->c)) {
        l->more = l->more || b->after.uid + 1 < state.uidnext;
        batch_write(l, b);
    }
}

/* The folder of sent mails, when the user named none; empty when there is none. */
static struct str sent_find(struct look *l) {
    struct imap_folder *folders = ARENA_NEW_ARRAY(l->c->arena, FOLDERS, struct imap_folder);
    size_t n = imap_folders(l->imap, folders, FOLDERS);
    for (size_t i = 0; i < n; i++) {
        if (folders[i].sent) {
            return folders[i].name;
        }
    }
    return STR("");
}

struct mailbox_end mailbox_look(struct ctx *c, const struct mailbox *box,
                                struct mailbox_commit commit) {
    struct look l = {.c = c, .box = box, .commit = commit};
    struct mailbox_end end = {.sent = STR("")};
    l.imap = imap_open(c->arena, &box->imap);
    if (box->user_id && !box->sent.n) {
        end.sent = sent_find(&l);
    }
    folder_look(&l, "inbox", box->inbox);
    struct str sent = box->sent.n ? box->sent : end.sent;
    if (box->user_id && sent.n && !l.lost) {
        folder_look(&l, "sent", sent);
    }
    end.outcome = imap_outcome(l.imap);
    end.why = imap_why(l.imap).n ? str_copy(c->arena, imap_why(l.imap)) : STR("");
    end.more = l.more && !l.lost;
    if (end.outcome == IMAP_WORKS && l.lost) {
        end.outcome = IMAP_STRANGE;
        end.why = STR("the mails could not be stored");
    }
    imap_close(l.imap);
    return end;
}
