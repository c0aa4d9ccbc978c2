/*
 * Responsible for: example texts: words of the option's scripts, or, where it asks for a form none
 * of them has, a text grown character by character. Does not: know whether a text fits its surface
 * (the renderer measures). Server process, any thread.
 */
#include "configure/sample_text.h"

#include <string.h>

#include "base/draw.h"
#include "base/unicode.h"
#include "configure/form.h"
#include "configure/value.h"
#include "cordwain/limits.h"

#define MATCHES 20000 /* tried for one text; some milliseconds */

static const struct {
    const char *script;
    const char *words[8];
} vocabulary[] = {
    {"Latn", {"Ada", "Grace", "Emmy", "Nilufar", "Leo", "Zoë", "Max", "Ida"}},
    {"Cyrl", {"Анна", "Лев", "Зоя", "Юрий", "Ольга", "Иван", "Мир", "Вера"}},
    {"Arab", {"نیلوفر", "سارا", "علی", "مریم", "نور", "دریا", "امید", "بهار"}},
    {"Hani", {"明月", "春風", "和平", "山水", "花", "天空", "福", "星光"}},
    {"Hira", {"さくら", "そら", "はる", "ゆき", "うみ", "ほし", "あおい", "ひかり"}},
    {"Kana", {"サクラ", "ソラ", "ハル", "ユキ", "ウミ", "ホシ", "アオイ", "ヒカリ"}},
    {"Hang", {"하늘", "바다", "나무", "별", "사랑", "봄", "지우", "하나"}},
    {"Grek", {"Άννα", "Ζωή", "Λέων", "Ίρις", "Νίκη", "Φως", "Άρης", "Ήλιος"}},
    {"Hebr", {"נועה", "אור", "דוד", "מאיה", "שלום", "תמר", "גיל", "רון"}},
    {"Deva", {"आशा", "माया", "नील", "तारा", "दिया", "राम", "सूर्य", "गीता"}},
    {"Thai", {"ดาว", "ฟ้า", "ใจ", "นก", "ทราย", "แก้ว", "ปลา", "ฝน"}},
};

struct growing {
    struct cw_value_reader *reader;
    const struct cw_form *form; /* NULL: any */
    uint64_t *random;
    const char *const *letters; /* one character each */
    size_t letter_count;
    unsigned left; /* matches */
    char text[CW_TEXT_BYTES + CW_TEXT_BYTES];
    const char *found;
};

/* As a shopper's text would be: normalised, in its case, held against everything. */
static bool accepts(struct growing *g, const char *text) {
    struct cw_faults faults = {.arena = g->reader->arena};
    g->reader->faults = &faults;
    return cw_value_text(g->reader, text, strlen(text), &g->found) && *g->found;
}

/* Its first characters, as many as the option takes. */
static const char *shortened(const struct growing *g, const char *word) {
    const char *end = word;
    for (uint32_t n = 0; n < g->reader->option->text.max_graphemes && *end; n++)
        end += cw_text_first_grapheme(end);
    return cw_arena_strndup(g->reader->arena, word, (size_t)(end - word));
}

static bool takes_script(const struct cw_text_rule *rule, const char *script) {
    bool takes = rule->script_count == 0 && strcmp(script, "Latn") == 0;
    for (size_t i = 0; i < rule->script_count && !takes; i++)
        takes = strcmp(rule->scripts[i], script) == 0;
    return takes;
}

/* "": any. */
static const char *form_of(const struct cw_option *option) {
    return option->text.pattern ? option->text.pattern : "";
}

static size_t list_words(const struct growing *g, const char **ret) {
    size_t count = 0;
    for (size_t v = 0; v < sizeof vocabulary / sizeof *vocabulary; v++)
        for (size_t w = 0; takes_script(&g->reader->option->text, vocabulary[v].script) && w < 8;
             w++)
            ret[count++] = vocabulary[v].words[w];
    if (!*form_of(g->reader->option))
        ret[count++] = "2026"; /* of no script */
    return count;
}

static bool find_word(struct growing *g, const char *const *words, size_t count) {
    size_t first = count ? (size_t)cw_draw_below(g->random, count) : 0;
    for (size_t i = 0; i < count; i++)
        if (accepts(g, shortened(g, words[(first + i) % count])))
            return true;
    return false;
}

/* ---- growing --------------------------------------------------------------------------------- */

/* Every character of the words once more, then what forms are made of. */
static void list_letters(struct growing *g, const char *const *words, size_t count) {
    static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                " -.&/'+#*_:,()!?@";
    size_t room = sizeof plain, at = 0;
    for (size_t w = 0; w < count; w++)
        room += strlen(words[w]);
    const char **letters = cw_arena_array(g->reader->arena, room, sizeof *letters);
    for (const char *p = plain; *p; p++)
        letters[at++] = cw_arena_strndup(g->reader->arena, p, 1);
    for (size_t w = 0; w < count; w++)
        for (const char *p = words[w]; *p; p += cw_text_first_grapheme(p))
            letters[at++] = cw_arena_strndup(g->reader->arena, p, cw_text_first_grapheme(p));
    for (size_t i = at; i > 1; i--) { /* shuffled, so that no letter follows one more often */
        size_t other = (size_t)cw_draw_below(g->random, i);
        const char *letter = letters[i - 1];
        letters[i - 1] = letters[other];
        letters[other] = letter;
    }
    g->letters = letters;
    g->letter_count = at;
}

/* Small and capital letters, digits, what joins them, and everything else are tried equally often:
 * a form like "letters, a dash, digits" is then met soon. */
enum kind { DIGIT, CAPITAL, SMALL, MARK, OTHER, KINDS };

static enum kind kind_of(const char *letter) {
    unsigned char c = (unsigned char)*letter;
    return c >= 0x80                ? OTHER
           : c >= '0' && c <= '9'   ? DIGIT
           : c >= 'A' && c <= 'Z'   ? CAPITAL
           : (c >= 'a' && c <= 'z') ? SMALL
                                    : MARK;
}

/* Tries every character behind `length` bytes. True: the text is found. Else one of each kind that
 * may lead to one, or NULL. */
static bool try_letters(struct growing *g, size_t length, const char *ret_next[KINDS]) {
    size_t first = (size_t)cw_draw_below(g->random, g->letter_count);
    memset(ret_next, 0, KINDS * sizeof *ret_next);
    for (size_t i = 0; i < g->letter_count && g->left > 0; i++) {
        const char *letter = g->letters[(first + i) % g->letter_count];
        const char **next = &ret_next[kind_of(letter)];
        memcpy(g->text + length, letter, strlen(letter) + 1);
        g->left--;
        enum cw_match match = cw_form_match(g->form, g->text);
        if (match == CW_MATCH_WHOLE && accepts(g, g->text))
            return true;
        if (match == CW_MATCH_BEGINS && !*next)
            *next = letter;
    }
    return false;
}

/* One walk from the empty text, a random kind of character at a time. False: it led nowhere. */
static bool grow(struct growing *g) {
    size_t length = 0;
    for (uint32_t n = 0; n < g->reader->option->text.max_graphemes && g->left > 0; n++) {
        const char *next[KINDS];
        if (try_letters(g, length, next))
            return true;
        size_t first = (size_t)cw_draw_below(g->random, KINDS), k = 0;
        while (k < KINDS && !next[(first + k) % KINDS])
            k++;
        if (k == KINDS)
            return false;
        const char *letter = next[(first + k) % KINDS];
        if (length + strlen(letter) > CW_TEXT_BYTES)
            return false;
        memcpy(g->text + length, letter, strlen(letter) + 1);
        length += strlen(letter);
    }
    return false;
}

bool cw_sample_text(const struct cw_product *product, uint32_t option, uint64_t *random,
                    struct cw_arena *arena, const char **ret) {
    const char *words[8 * sizeof vocabulary / sizeof *vocabulary + 1];
    struct cw_value_reader reader = {
        .product = product, .arena = arena, .pointer = "", .option = &product->options[option]};
    struct growing growing = {.reader = &reader, .random = random, .left = MATCHES};
    size_t count = list_words(&growing, words);
    bool found = find_word(&growing, words, count);
    if (!found && *form_of(reader.option)) {
        struct cw_form *compiled = cw_form_new_partial(form_of(reader.option));
        growing.form = compiled;
        list_letters(&growing, words, count);
        while (compiled && !found && growing.left > 0)
            found = grow(&growing);
        cw_form_free(compiled);
    }
    if (found)
        *ret = growing.found;
    return found;
}
