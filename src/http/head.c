/*
 * Reads the request line and the field lines, byte by byte, and refuses the first byte that RFC
 * 9112 does not allow (or allows only for old peers). Also reads trailers, which are the same field
 * lines. Does not decide what the fields mean (framing.c) nor split the target (target.c). Runs in
 * the server.
 */
#include "http/head.h"

#include <string.h>
#include <strings.h>

#define LEADING_BLANK_BYTES 4 /* two empty lines before a request line, as old clients send */

enum state {
    S_START,
    S_START_LF,
    S_METHOD,
    S_TARGET_FIRST,
    S_TARGET,
    S_VERSION,
    S_LINE_LF,
    S_FIELD,
    S_NAME,
    S_VALUE_FIRST,
    S_VALUE,
    S_VALUE_LF,
    S_END_LF,
    S_DONE,
};

bool cw_http_is_tchar(unsigned char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_value_char(unsigned char c) {
    return (c >= 0x20 && c <= 0x7e) || c == '\t';
}

/* Printable, and none of the characters that end or quote a URI in other contexts. */
static bool is_target_char(unsigned char c) {
    return c > 0x20 && c <= 0x7e && c != '"' && c != '<' && c != '>' && c != '#';
}

static void release_text(void *object) {
    cw_buf_deinit(object);
}

void cw_http_head_init(struct cw_http_head *head, struct cw_arena *arena,
                       const struct cw_http_limits *limits, bool trailer) {
    *head = (struct cw_http_head){.limits = limits, .arena = arena, .trailer = trailer};
    head->state = trailer ? S_FIELD : S_START;
    cw_arena_defer(arena, release_text, &head->text);
}

static enum cw_status line_end(struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "http.line_end", "lines must end with CR LF");
}

static enum cw_status bad_line(struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "http.request_line",
                   "the request line is not 'method SP target SP HTTP/1.1'");
}

/* c is byte number `at` of "HTTP/1.1"; the CR after it ends the version. */
static enum cw_status version_byte(struct cw_http_head *head, unsigned char c, size_t pos,
                                   struct cw_error *err) {
    static const char form[] = "HTTP/d.d";
    size_t at = pos - head->version;
    if (at == sizeof form - 1) {
        if (c != '\r')
            return c == '\n' ? line_end(err) : bad_line(err);
        if (head->major != 1 || head->minor > 1)
            return cw_fail(err, CW_E_INPUT, "http.version",
                           "only HTTP/1.1 and HTTP/1.0 are spoken here");
        head->state = S_LINE_LF;
        return CW_OK;
    }
    if (at == 5)
        head->major = c - '0';
    if (at == 7)
        head->minor = c - '0';
    bool fits = form[at] == 'd' ? c >= '0' && c <= '9' : c == (unsigned char)form[at];
    return fits ? CW_OK : bad_line(err);
}

static enum cw_status line_byte(struct cw_http_head *head, unsigned char c, size_t pos,
                                struct cw_error *err) {
    switch (head->state) {
    case S_START:
        if (c == '\r' && head->blank < LEADING_BLANK_BYTES) {
            head->state = S_START_LF;
            head->blank += 2;
            return CW_OK;
        }
        if (!cw_http_is_tchar(c))
            return c == '\n' ? line_end(err) : bad_line(err);
        head->line_start = pos;
        head->state = S_METHOD;
        return CW_OK;
    case S_START_LF:
        head->state = S_START;
        return c == '\n' ? CW_OK : line_end(err);
    case S_METHOD:
        if (c == ' ') {
            head->method_end = pos;
            head->state = S_TARGET_FIRST;
            return CW_OK;
        }
        return cw_http_is_tchar(c) ? CW_OK : bad_line(err);
    case S_TARGET_FIRST:
        head->target = pos;
        head->state = S_TARGET;
        __attribute__((fallthrough));
    case S_TARGET:
        if (c == ' ' && pos > head->target) {
            head->target_end = pos;
            head->version = pos + 1;
            head->state = S_VERSION;
            return CW_OK;
        }
        if (!is_target_char(c))
            return cw_fail(err, CW_E_INPUT, "http.target",
                           "the target has a character that must be percent-encoded");
        return CW_OK;
    default: /* S_VERSION */
        return version_byte(head, c, pos, err);
    }
}

static struct cw_http_mark *new_mark(struct cw_http_head *head) {
    if (head->field_count == head->mark_capacity) {
        size_t capacity = head->mark_capacity == 0 ? 16 : head->mark_capacity * 2;
        struct cw_http_mark *marks = cw_arena_array(head->arena, capacity, sizeof head->marks[0]);
        if (head->field_count > 0)
            memcpy(marks, head->marks, head->field_count * sizeof marks[0]);
        head->marks = marks;
        head->mark_capacity = capacity;
    }
    return &head->marks[head->field_count];
}

static enum cw_status field_start(struct cw_http_head *head, unsigned char c, size_t pos,
                                  struct cw_error *err) {
    if (c == '\r') {
        head->state = S_END_LF;
        return CW_OK;
    }
    if (c == ' ' || c == '\t')
        return cw_fail(err, CW_E_INPUT, "http.obsolete_fold",
                       "a field line must not start with white space");
    if (c == '\n')
        return line_end(err);
    if (!cw_http_is_tchar(c))
        return cw_fail(err, CW_E_INPUT, "http.field_name", "a field name is not a token");
    if (head->field_count >= head->limits->fields)
        return cw_fail(err, CW_E_LIMIT, "http.too_many_fields", "more than %zu field lines",
                       head->limits->fields);
    new_mark(head)->name = (uint32_t)pos;
    head->state = S_NAME;
    return CW_OK;
}

static enum cw_status value_byte(struct cw_http_head *head, struct cw_http_mark *mark,
                                 unsigned char c, size_t pos, struct cw_error *err) {
    if (c == '\r') {
        if (head->state == S_VALUE_FIRST)
            mark->value = mark->value_end = (uint32_t)pos;
        head->state = S_VALUE_LF;
        return CW_OK;
    }
    if (c == '\n')
        return line_end(err);
    if (!is_value_char(c))
        return cw_fail(err, CW_E_INPUT, "http.field_value",
                       "a field value has a character that is not printable ASCII");
    if (c == ' ' || c == '\t')
        return CW_OK;
    if (head->state == S_VALUE_FIRST) {
        mark->value = (uint32_t)pos;
        head->state = S_VALUE;
    }
    mark->value_end = (uint32_t)pos + 1; /* white space after it is not part of the value */
    return CW_OK;
}

static enum cw_status field_byte(struct cw_http_head *head, unsigned char c, size_t pos,
                                 struct cw_error *err) {
    if (head->state == S_FIELD)
        return field_start(head, c, pos, err);
    struct cw_http_mark *mark = &head->marks[head->field_count];
    switch (head->state) {
    case S_NAME:
        if (c == ':') {
            mark->name_end = (uint32_t)pos;
            head->state = S_VALUE_FIRST;
            return CW_OK;
        }
        if (!cw_http_is_tchar(c)) /* white space before the colon too: a smuggling classic */
            return cw_fail(err, CW_E_INPUT, "http.field_name",
                           "a field name is not a token followed by ':'");
        return CW_OK;
    case S_VALUE_LF:
        head->field_count++;
        head->state = S_FIELD;
        return c == '\n' ? CW_OK : line_end(err);
    default: /* S_VALUE_FIRST, S_VALUE */
        return value_byte(head, mark, c, pos, err);
    }
}

/* Marks become texts: every mark is followed by a byte we may overwrite (SP, ':', white space or
 * CR). */
static void finish(struct cw_http_head *head) {
    char *text = head->text.data;
    head->fields = cw_arena_array(head->arena, head->field_count + 1, sizeof head->fields[0]);
    for (size_t i = 0; i < head->field_count; i++) {
        const struct cw_http_mark *mark = &head->marks[i];
        text[mark->name_end] = '\0';
        text[mark->value_end] = '\0';
        head->fields[i] = (struct cw_http_field){text + mark->name, text + mark->value};
    }
    if (head->trailer)
        return;
    text[head->method_end] = '\0';
    text[head->target_end] = '\0';
    head->method = text + head->line_start;
    head->target_text = text + head->target;
}

static enum cw_status check_size(const struct cw_http_head *head, size_t pos,
                                 struct cw_error *err) {
    const struct cw_http_limits *limits = head->limits;
    if (head->state >= S_METHOD && head->state <= S_VERSION) {
        if (pos + 1 - head->line_start > limits->request_line_bytes)
            return cw_fail(err, CW_E_LIMIT, "http.request_line_too_long",
                           "the request line is longer than %zu bytes", limits->request_line_bytes);
    } else if (head->state >= S_FIELD && pos + 1 - head->fields_start > limits->head_bytes) {
        return cw_fail(err, CW_E_LIMIT, "http.head_too_large",
                       "the field lines are longer than %zu bytes", limits->head_bytes);
    }
    return CW_OK;
}

static enum cw_status feed_byte(struct cw_http_head *head, unsigned char c, size_t pos,
                                struct cw_error *err) {
    switch (head->state) {
    case S_LINE_LF:
        if (c != '\n')
            return line_end(err);
        head->fields_start = pos + 1;
        head->state = S_FIELD;
        return CW_OK;
    case S_END_LF:
        head->state = S_DONE;
        return c == '\n' ? CW_OK : line_end(err);
    case S_FIELD:
    case S_NAME:
    case S_VALUE_FIRST:
    case S_VALUE:
    case S_VALUE_LF:
        return field_byte(head, c, pos, err);
    default:
        return line_byte(head, c, pos, err);
    }
}

enum cw_status cw_http_head_feed(struct cw_http_head *head, struct cw_bytes input, size_t *ret_used,
                                 bool *ret_done, struct cw_error *err) {
    size_t base = head->text.length, used = 0;
    while (used < input.length && head->state != S_DONE) {
        size_t pos = base + used;
        enum cw_status status = feed_byte(head, input.data[used], pos, err);
        if (status == CW_OK)
            status = check_size(head, pos, err);
        if (status != CW_OK)
            return status;
        used++;
    }
    cw_buf_add(&head->text, input.data, used);
    if (head->state == S_DONE)
        finish(head);
    *ret_used = used;
    *ret_done = head->state == S_DONE;
    return CW_OK;
}

const char *cw_http_head_field(const struct cw_http_head *head, const char *name,
                               size_t *ret_count) {
    const char *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < head->field_count; i++) {
        if (strcasecmp(head->fields[i].name, name) != 0)
            continue;
        if (count++ == 0)
            first = head->fields[i].value;
    }
    if (ret_count != NULL)
        *ret_count = count;
    return first;
}
