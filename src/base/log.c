#include "base/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

static const char *const level_words[] = {"debug", "info", "warn", "error"};
static _Atomic int lowest_level = LOG_INFO;

void log_set_level(enum log_level level) {
    atomic_store(&lowest_level, (int)level);
}

bool log_parse_level(struct str word, enum log_level *level) {
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
        if (str_is(word, level_words[i])) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static void put_fields(struct json_writer *w, const struct log_field *fields, size_t n) {
    for (size_t i = 0; i < n; i++) {
        json_key(w, fields[i].name);
        if (fields[i].text.n) {
            json_put_str(w, fields[i].text);
        } else {
            json_put_int(w, fields[i].number);
        }
    }
}

/* A line that cannot be written is lost: there is nowhere to say so. One write a line keeps
 * lines of several threads apart. */
static void write_line(struct str line) {
    while (line.n) {
        ssize_t n = write(STDERR_FILENO, line.p, line.n);
        if (n <= 0) {
            return;
        }
        line = str_slice(line, (size_t)n, line.n);
    }
}

void log_write(enum log_level level, const char *message, const struct log_field *fields,
               size_t n) {
    if ((int)level < atomic_load_explicit(&lowest_level, memory_order_relaxed)) {
        return;
    }
    struct arena a;
    arena_init(&a);
    struct json_writer w = json_writer(&a);
    json_begin_object(&w);
    JSON_MEMBER(&w, "time", json_put_instant, clock_now_ms());
    JSON_MEMBER(&w, "level", json_put_c, level_words[level]);
    JSON_MEMBER(&w, "message", json_put_c, message);
    put_fields(&w, fields, n);
    json_end_object(&w);
    text_add_char(&w.out, '\n');
    write_line(text_str(&w.out));
    arena_free(&a);
}

static const char *error_word(enum error_code code) {
    static const char *const words[] = {"none",     "invalid", "denied", "absent",
                                        "conflict", "limit",   "retry",  "internal"};
    return words[code];
}

/* The pointers of field errors are names of fields, never values. */
void log_error(const struct ctx *c, const char *message) {
    const struct error *e = &c->error;
    const struct log_field fields[] = {
        {"error", .text = str_from(error_word(e->code))},
        {"text", .text = str_from(e->text)},
        {"field", .text = e->fields ? e->fields->pointer : STR("")},
        {"internal", .text = str_from(e->internal)},
        {"request_id", .text = c->request_id},
    };
    struct log_field said[5];
    size_t n = 0;
    for (size_t i = 0; i < 5; i++) {
        if (fields[i].text.n) {
            said[n++] = fields[i];
        }
    }
    log_write(e->code == ERROR_INTERNAL ? LOG_ERROR : LOG_WARN, message, said, n);
}
