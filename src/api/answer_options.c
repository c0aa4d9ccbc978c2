/*
 * Responsible for: options, choices and reasons of an answer; all of them, or what is different
 * since an earlier answer. An answer names hundreds of choices, so what stands around each is
 * written in one piece; ids need no escaping, because their schema leaves letters, digits and
 * . _ - only. Does not: the rest of the answer (answer.c). Server process, any thread; command
 * line.
 */
#include "api/answer.h"

#include <string.h>

#include "api/context.h"
#include "configure/facts.h"

/*
 * Reasons are told once and have keys: hundreds of choices share a few sentences. An answer of its
 * own counts them, k0, k1 …; what is since an earlier answer names them by their content, so that
 * the client can put both answers' reasons together.
 */
#define KEY_BYTES 24
struct reason {
    uint32_t rule, option; /* or CW_NONE */
    const char *message;
    bool plain[2]; /* stands for every choice of that rule and option that is impossible ([1]:
                      unavailable), but for those with words of their own */
    bool told;     /* by a choice that was written */
    uint64_t mark; /* of the content, if answers are compared */
    char key[KEY_BYTES];
};

struct writer {
    struct cw_json_writer *w;
    struct cw_arena *arena;
    const struct cw_product *product;
    const struct cw_answer *answer;
    const char *locale;
    bool marked; /* marks are wanted */
    bool since;  /* only what is different is written */
    size_t count, capacity;
    struct reason **items, *last; /* last: the one found last */
    struct reason **why;          /* of the choices of the option that is being written */
};

static char *put(char *at, const char *text, size_t length) {
    memcpy(at, text, length);
    return at + length;
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static char *put_int(char *at, int64_t value) {
    char digits[24], *first = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) {
        *--first = '-';
    }
    return put(at, first, (size_t)(digits + sizeof digits - first));
}

/* ---- marks ----------------------------------------------------------------------------------- */

/* FNV-1a (Fowler, Noll, Vo 1991): texts of one product, in which nobody but its designer could
 * make two alike. */
static uint64_t text_mark(uint64_t mark, const char *text) {
    for (; *text; text++) {
        mark = (mark ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return mark;
}

/* splitmix64's last step (Steele, Lea and Flood 2014): one to one. */
static uint64_t mixed(uint64_t mark) {
    mark = (mark ^ mark >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mark = (mark ^ mark >> 27) * UINT64_C(0x94d049bb133111eb);
    return mark ^ mark >> 31;
}

#define STATE_BITS 3

/* The reason's lower bits, or the price difference, above the state. */
static uint64_t choice_mark(const struct cw_choice_answer *answer, const struct reason *why) {
    return (why ? why->mark : (uint64_t)answer->delta_minor) << STATE_BITS | answer->state;
}

static uint64_t option_mark(const struct cw_option *option, const struct cw_option_answer *answer) {
    const struct cw_value *value = &answer->value;
    uint64_t flags =
                 answer->active | answer->required << 1 | answer->picked << 2 | answer->known << 3,
             what = value->choice;
    if (option->kind == CW_OPTION_MULTI) {
        what = value->multi;
    } else if (option->kind == CW_OPTION_NUMBER) {
        what = (uint64_t)value->number;
    } else if (option->kind == CW_OPTION_TEXT) {
        what = text_mark(option->artwork, value->text);
    }
    return mixed(answer->known ? what : 0) << 4 | flags;
}

static void mark_option(const struct writer *writer, uint32_t index, size_t choice_count,
                        uint64_t *marks) {
    const struct cw_option_answer *answer = &writer->answer->options[index];
    marks[0] = option_mark(&writer->product->options[index], answer);
    for (size_t c = 0; c < choice_count; c++) {
        marks[1 + c] = choice_mark(&answer->choices[c], writer->why[c]);
    }
}

/* ---- reasons --------------------------------------------------------------------------------- */

static void name_by_content(struct reason *reason) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    char *at = reason->key;
    *at++ = 'r';
    for (uint64_t bits = reason->mark << STATE_BITS; bits; bits <<= 5) {
        *at++ = digits[bits >> 59];
    }
    *at = '\0';
}

static void name_by_count(struct reason *reason, size_t count) {
    reason->key[0] = 'k';
    *put_int(reason->key + 1, (int64_t)count) = '\0';
}

static struct reason *new_reason(struct writer *writer, const struct cw_choice_answer *answer,
                                 const char *message) {
    struct reason *item = cw_arena_alloc(writer->arena, sizeof *item);
    writer->items = cw_arena_grow(writer->arena, writer->items, writer->count, &writer->capacity,
                                  sizeof *writer->items);
    item->rule = answer->reason_rule;
    item->option = answer->reason_option;
    item->message = message;
    if (writer->marked) {
        item->mark = text_mark(mixed((uint64_t)item->rule << 32 | item->option), message);
    }
    if (writer->since) {
        name_by_content(item);
    } else {
        name_by_count(item, writer->count);
    }
    writer->items[writer->count++] = item;
    return item;
}

static bool tells(const struct reason *reason, const struct cw_choice_answer *answer,
                  const char *message) {
    return reason->rule == answer->reason_rule && reason->option == answer->reason_option &&
           strcmp(reason->message, message) == 0;
}

static struct reason *reason_of_text(struct writer *writer, const struct cw_choice_ref *choice) {
    const struct cw_choice_answer *answer =
        &writer->answer->options[choice->option].choices[choice->choice];
    const char *message = cw_choice_reason_text(writer->product, writer->answer, choice,
                                                writer->locale, writer->arena);
    if (writer->last && tells(writer->last, answer, message)) {
        return writer->last;
    }
    for (size_t i = 0; i < writer->count; i++) {
        if (tells(writer->items[i], answer, message)) {
            return writer->items[i];
        }
    }
    return new_reason(writer, answer, message);
}

static bool is_plain(const struct reason *reason, const struct cw_choice_answer *answer) {
    return reason->plain[answer->state == CW_CHOICE_UNAVAILABLE] &&
           reason->rule == answer->reason_rule && reason->option == answer->reason_option;
}

/* The words depend on the rule and the option alone, unless the choice has its own. */
static struct reason *find_reason(struct writer *writer, uint32_t option, uint32_t choice) {
    const struct cw_choice_answer *answer = &writer->answer->options[option].choices[choice];
    if (!answer->only_if && writer->last && is_plain(writer->last, answer)) {
        return writer->last;
    }
    for (size_t i = 0; i < writer->count && !answer->only_if; i++) {
        if (is_plain(writer->items[i], answer)) {
            return writer->items[i];
        }
    }
    struct reason *item = reason_of_text(writer, &(struct cw_choice_ref){option, choice});
    item->plain[answer->state == CW_CHOICE_UNAVAILABLE] |= !answer->only_if;
    return item;
}

/* A derived option shows no choices. */
static size_t shown_choices(const struct writer *writer, uint32_t index) {
    return writer->product->options[index].derive ? 0 : writer->answer->options[index].choice_count;
}

static void find_reasons(struct writer *writer, uint32_t index) {
    const struct cw_choice_answer *choices = writer->answer->options[index].choices;
    for (uint32_t c = 0, end = (uint32_t)shown_choices(writer, index); c < end; c++) {
        writer->why[c] = NULL;
        if (choices[c].state >= CW_CHOICE_IMPOSSIBLE) {
            writer->why[c] = writer->last = find_reason(writer, index, c);
        }
    }
}

static void write_reasons(const struct writer *writer) {
    struct cw_json_writer *w = writer->w;
    cw_jw_begin(w, "reasons", '{');
    for (size_t i = 0; i < writer->count; i++) {
        const struct reason *reason = writer->items[i];
        if (!reason->told) {
            continue;
        }
        cw_jw_begin(w, reason->key, '{');
        if (reason->rule != CW_NONE) {
            cw_jw_str(w, "rule", writer->product->rules[reason->rule].id);
        }
        if (reason->option != CW_NONE) {
            cw_jw_str(w, "option", writer->product->options[reason->option].id);
        }
        cw_jw_str(w, "message", reason->message);
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, '}');
}

/* ---- options --------------------------------------------------------------------------------- */

#define CHOICE_BYTES 128 /* one choice besides its id, with the longest state, number and key */

/* "id":{"state":…,"delta":…,"reason":…} */
static void write_choice(const struct writer *writer, uint32_t index, uint32_t choice) {
#define STATE(name)                                                                                \
    { "\":{\"state\":\"" name "\"", sizeof("\":{\"state\":\"" name "\"") - 1 }
    static const struct {
        const char *text;
        size_t length;
    } states[] = {STATE("selected"), STATE("forced"), STATE("possible"), STATE("impossible"),
                  STATE("unavailable")};
#undef STATE
    struct cw_json_writer *w = writer->w;
    const struct cw_option *option = &writer->product->options[index];
    const struct cw_choice_answer *answer = &writer->answer->options[index].choices[choice];
    const struct reason *why = writer->why[choice];
    const char *id =
        option->kind == CW_OPTION_FLAG ? (choice ? "true" : "false") : option->choices[choice].id;
    size_t id_length = strlen(id);
    cw_buf_reserve(w->buf, id_length + CHOICE_BYTES);
    char *at = w->buf->data + w->buf->length;
    at = w->comma ? PUT(at, ",\"") : PUT(at, "\"");
    at = put(at, id, id_length);
    at = put(at, states[answer->state].text, states[answer->state].length);
    if (answer->delta_minor != 0) {
        at = put_int(PUT(at, ",\"delta\":"), answer->delta_minor);
    }
    if (why) {
        at = put(PUT(at, ",\"reason\":\""), why->key, strlen(why->key));
        at = PUT(at, "\"");
    }
    at = PUT(at, "}");
    *at = '\0';
    w->buf->length = (size_t)(at - w->buf->data);
    w->comma = true;
}

#define OPTION_BYTES 128 /* what stands before an option's value, besides its id */

/* "id":{"active":…,"required":…,"picked":… */
static void begin_option(struct cw_json_writer *w, const char *id,
                         const struct cw_option_answer *answer) {
    size_t id_length = strlen(id);
    cw_buf_reserve(w->buf, id_length + OPTION_BYTES);
    char *at = w->buf->data + w->buf->length;
    at = w->comma ? PUT(at, ",\"") : PUT(at, "\"");
    at = put(at, id, id_length);
    at = answer->active ? PUT(at, "\":{\"active\":true") : PUT(at, "\":{\"active\":false");
    at = answer->required ? PUT(at, ",\"required\":true") : PUT(at, ",\"required\":false");
    at = answer->picked ? PUT(at, ",\"picked\":true") : PUT(at, ",\"picked\":false");
    *at = '\0';
    w->buf->length = (size_t)(at - w->buf->data);
    w->comma = true;
}

/* Those that differ; all where there is nothing to compare with. */
static void write_choices(const struct writer *writer, uint32_t index, const uint64_t *marks,
                          const uint64_t *since) {
    bool any = false;
    for (uint32_t c = 0, end = (uint32_t)shown_choices(writer, index); c < end; c++) {
        if (since && marks[c] == since[c]) {
            continue;
        }
        if (!any) {
            cw_jw_begin(writer->w, "choices", '{');
        }
        any = true;
        if (writer->why[c]) {
            writer->why[c]->told = true;
        }
        write_choice(writer, index, c);
    }
    if (any) {
        cw_jw_end(writer->w, '}');
    }
}

static void write_option(const struct writer *writer, uint32_t index, const uint64_t *marks,
                         const uint64_t *since) {
    const struct cw_option *option = &writer->product->options[index];
    const struct cw_option_answer *answer = &writer->answer->options[index];
    begin_option(writer->w, option->id, answer);
    if (answer->known) {
        api_write_value(writer->w, "value", writer->product, index, &answer->value);
    }
    if (option->derive) {
        cw_jw_bool(writer->w, "derived", true);
    }
    write_choices(writer, index, marks + 1, since ? since + 1 : NULL);
    cw_jw_end(writer->w, '}');
}

size_t api_marks_count(const struct cw_product *product) {
    size_t count = product->option_count;
    for (size_t o = 0; o < product->option_count; o++) {
        count += product->options[o].derive ? 0 : cw_choices_of(&product->options[o]);
    }
    return count;
}

static size_t most_choices(const struct cw_answer *answer) {
    size_t most = 0;
    for (size_t o = 0; o < answer->option_count; o++) {
        most = answer->options[o].choice_count > most ? answer->options[o].choice_count : most;
    }
    return most;
}

void api_write_options(struct cw_json_writer *w, const struct api_click *click,
                       const struct cw_answer *answer, struct cw_arena *arena) {
    const struct cw_product *product = cw_engine_product(click->engine);
    struct writer writer = {.w = w,
                            .arena = arena,
                            .product = product,
                            .answer = answer,
                            .locale = click->context->locale,
                            .marked = click->ret_marks || click->since,
                            .since = click->since != NULL};
    uint64_t *marks = cw_arena_array(arena, api_marks_count(product) + 1, sizeof *marks);
    writer.why = cw_arena_array(arena, most_choices(answer) + 1, sizeof *writer.why);
    cw_jw_begin(w, "options", '{');
    size_t at = 0;
    for (uint32_t i = 0; i < answer->option_count; i++) {
        size_t count = 1 + shown_choices(&writer, i);
        find_reasons(&writer, i);
        if (writer.marked) {
            mark_option(&writer, i, count - 1, marks + at);
        }
        if (!click->since || memcmp(marks + at, click->since + at, count * sizeof *marks) != 0) {
            write_option(&writer, i, marks + at, click->since ? click->since + at : NULL);
        }
        at += count;
    }
    cw_jw_end(w, '}');
    write_reasons(&writer);
    if (click->ret_marks) {
        *click->ret_marks = marks;
    }
}
