/*
 * Responsible for: cutting a UVL text into tokens, with indentation as tokens of its own.
 * Does not: know the grammar. Command line.
 */
#include "exchange/uvl.h"

#include <string.h>

#define INDENTS 512 /* open indentations */
#define TAB     8   /* a tab goes to the next multiple, as in Python */

struct lexer {
    const char *text, *end, *at, *line_start;
    size_t line;
    unsigned brackets; /* open ( [ {: line ends mean nothing in them */
    bool stopped;
    size_t indents[INDENTS], indent_count;
    struct cw_arena *arena;
    struct cw_faults *faults;
    struct cw_uvl_tokens *tokens;
};

static struct cw_spot here(const struct lexer *l) {
    return (struct cw_spot){l->line, (size_t)(l->at - l->line_start) + 1};
}

static void refuse(struct lexer *l, const char *code, const char *hint, const char *message) {
    if (!l->stopped)
        cw_spot_fault(l->faults, code, here(l), hint, "%s", message);
    l->stopped = true;
}

static struct cw_uvl_token *add(struct lexer *l, enum cw_uvl_kind kind, const char *from,
                                const char *to) {
    struct cw_uvl_tokens *t = l->tokens;
    t->items = cw_arena_grow(l->arena, t->items, t->count, &t->capacity, sizeof *t->items);
    struct cw_uvl_token *token = &t->items[t->count++];
    *token = (struct cw_uvl_token){.kind = kind,
                                   .text = cw_arena_strndup(l->arena, from, (size_t)(to - from)),
                                   .spot = here(l),
                                   .start = (size_t)(l->at - l->text),
                                   .end = (size_t)(to - l->text)};
    return token;
}

/* ---- white space ----------------------------------------------------------------------------- */

static bool starts(const struct lexer *l, const char *with) {
    size_t length = strlen(with);
    return (size_t)(l->end - l->at) >= length && memcmp(l->at, with, length) == 0;
}

static void step_line(struct lexer *l) {
    l->at++;
    l->line++;
    l->line_start = l->at;
}

static void skip_block_comment(struct lexer *l) {
    const char *open = l->at, *open_line = l->line_start;
    size_t line = l->line;
    for (l->at += 2; l->at < l->end && !starts(l, "*/");) {
        if (*l->at == '\n')
            step_line(l);
        else
            l->at++;
    }
    if (l->at < l->end) {
        l->at += 2;
        return;
    }
    l->at = open;
    l->line = line;
    l->line_start = open_line;
    refuse(l, "uvl.token", "end it with */", "the comment does not end");
}

/* Blanks and comments, not line ends. */
static void skip_blanks(struct lexer *l) {
    while (l->at < l->end && !l->stopped) {
        if (*l->at == ' ' || *l->at == '\t' || *l->at == '\r' || *l->at == '\f') {
            l->at++;
        } else if (starts(l, "//")) {
            while (l->at < l->end && *l->at != '\n')
                l->at++;
        } else if (starts(l, "/*")) {
            skip_block_comment(l);
        } else {
            return;
        }
    }
}

static size_t indentation(const struct lexer *l) {
    size_t width = 0;
    for (const char *c = l->line_start; c < l->at; c++)
        width = *c == '\t' ? (width / TAB + 1) * TAB : width + 1;
    return width;
}

/* At the first token of a line: INDENT or DEDENTs. */
static void note_indentation(struct lexer *l, size_t width) {
    if (width > l->indents[l->indent_count - 1]) {
        if (l->indent_count == INDENTS) {
            refuse(l, "uvl.indent", "", "the lines are indented too deeply");
            return;
        }
        l->indents[l->indent_count++] = width;
        add(l, CW_UVL_INDENT, l->at, l->at);
        return;
    }
    for (; width < l->indents[l->indent_count - 1]; l->indent_count--)
        add(l, CW_UVL_DEDENT, l->at, l->at);
    if (width != l->indents[l->indent_count - 1])
        refuse(l, "uvl.indent", "indent as far as the lines of the same level above",
               "this indentation fits no line above");
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Letters of other languages come as bytes of 0x80 and more; the grammar names a few of them. */
static bool is_name_part(char c) {
    return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80 || (c && strchr("_#%?\\';", c));
}

static void lex_name(struct lexer *l) {
    const char *to = l->at;
    while (to < l->end && is_name_part(*to))
        to++;
    add(l, CW_UVL_NAME, l->at, to);
    l->at = to;
}

/* "name" or 'text', on one line. */
static void lex_quoted(struct lexer *l, enum cw_uvl_kind kind) {
    const char *to = l->at + 1;
    while (to < l->end && *to != *l->at && *to != '\n')
        to++;
    if (to == l->end || *to == '\n') {
        refuse(l, "uvl.token", "end it with the same quote, on the same line",
               "the quote is not closed");
        return;
    }
    struct cw_uvl_token *token = add(l, kind, l->at + 1, to);
    token->quoted = true;
    token->end = (size_t)(to + 1 - l->text);
    l->at = to + 1;
}

static void lex_number(struct lexer *l) {
    const char *to = l->at;
    while (to < l->end && is_digit(*to))
        to++;
    if (to + 1 < l->end && *to == '.' && is_digit(to[1])) {
        to++;
        while (to < l->end && is_digit(*to))
            to++;
    }
    add(l, CW_UVL_NUMBER, l->at, to);
    l->at = to;
}

static void lex_operator(struct lexer *l) {
    static const char *const operators[] = {"<=>", "=>", "==", "<=", ">=", "!=", "..", "!",
                                            "&",   "|",  "<",  ">",  "+",  "-",  "*",  "/",
                                            "(",   ")",  "[",  "]",  "{",  "}",  ",",  "."};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!starts(l, operators[i]))
            continue;
        const char *to = l->at + strlen(operators[i]);
        add(l, CW_UVL_OPERATOR, l->at, to);
        if (strchr("([{", *l->at))
            l->brackets++;
        else if (strchr(")]}", *l->at) && l->brackets)
            l->brackets--;
        l->at = to;
        return;
    }
    refuse(l, "uvl.token", "write names with other characters in double quotes",
           "this character has no meaning here");
}

static void lex_token(struct lexer *l) {
    if (is_letter(*l->at) || (unsigned char)*l->at >= 0x80)
        lex_name(l);
    else if (is_digit(*l->at) || (*l->at == '.' && l->at + 1 < l->end && is_digit(l->at[1])))
        lex_number(l);
    else if (*l->at == '"')
        lex_quoted(l, CW_UVL_NAME);
    else if (*l->at == '\'')
        lex_quoted(l, CW_UVL_STRING);
    else
        lex_operator(l);
}

/* Returns whether a line with tokens has begun. */
static bool lex_line_end(struct lexer *l, bool in_line) {
    if (in_line && l->brackets == 0) {
        add(l, CW_UVL_NEWLINE, l->at, l->at);
        in_line = false;
    }
    if (l->at < l->end)
        step_line(l);
    return in_line;
}

bool cw_uvl_lex(const char *text, size_t length, struct cw_arena *arena, struct cw_faults *faults,
                struct cw_uvl_tokens *ret) {
    struct lexer l = {.text = text,
                      .end = text + length,
                      .at = text,
                      .line_start = text,
                      .line = 1,
                      .indent_count = 1,
                      .arena = arena,
                      .faults = faults,
                      .tokens = ret};
    bool in_line = false;
    while (!l.stopped) {
        skip_blanks(&l);
        if (l.stopped || l.at == l.end)
            break;
        if (*l.at == '\n') {
            in_line = lex_line_end(&l, in_line);
            continue;
        }
        if (!in_line)
            note_indentation(&l, indentation(&l));
        in_line = true;
        if (!l.stopped)
            lex_token(&l);
    }
    if (!l.stopped) {
        l.brackets = 0;
        (void)lex_line_end(&l, in_line);
        note_indentation(&l, 0);
        add(&l, CW_UVL_END, l.at, l.at);
    }
    return !l.stopped;
}
