/*
 * Responsible for: DIMACS CNF files as product documents.
 * Does not: write them; solve anything. Command line.
 */
#include "exchange/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cordwain/limits.h"
#include "exchange/draft.h"
#include "exchange/names.h"

#define NAME_BYTES    48  /* of one name in a rule's message */
#define MESSAGE_BYTES 300 /* then the rest of the clause is "…" */

struct dimacs {
    const char *text, *end, *at, *line_start;
    size_t line;
    bool stopped; /* a fault after which nothing can be trusted */
    bool header;
    long vars, clauses;
    struct cw_spot vars_spot, clauses_spot;
    struct cw_buf literals; /* int32_t, clauses end with 0 */
    size_t clause_count;
    struct cw_spot open; /* where the unfinished clause begins; line 0: none */
    struct cw_buf named; /* struct name */
    struct cw_faults *faults;
};

struct name { /* a comment "c N text" */
    long variable;
    const char *text;
    size_t length;
};

static struct cw_spot here(const struct dimacs *d) {
    return (struct cw_spot){d->line, (size_t)(d->at - d->line_start) + 1};
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static void skip_blanks(struct dimacs *d) {
    while (d->at < d->end && is_blank(*d->at))
        d->at++;
}

static void next_line(struct dimacs *d) {
    const char *feed = memchr(d->at, '\n', (size_t)(d->end - d->at));
    d->at = feed ? feed + 1 : d->end;
    d->line_start = d->at;
    d->line++;
}

static size_t word_length(const struct dimacs *d) {
    const char *at = d->at;
    while (at < d->end && !is_blank(*at) && *at != '\n')
        at++;
    return (size_t)(at - d->at);
}

/* A whole word that is a number; false (and nothing read) otherwise. Numbers beyond `long` are
 * read as its ends, which no header allows. */
static bool read_number(struct dimacs *d, long *ret) {
    size_t length = word_length(d);
    size_t digits = length && *d->at == '-' ? length - 1 : length;
    const char *first = d->at + (length - digits);
    long value = 0;
    if (digits == 0 || (digits > 1 && *first == '0') || (digits != length && *first == '0'))
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (first[i] < '0' || first[i] > '9')
            return false;
        if (value <= INT32_MAX)
            value = value * 10 + (first[i] - '0');
    }
    *ret = digits == length ? value : -value;
    d->at += length;
    return true;
}

/* A number of the header: not negative. */
static bool read_count(struct dimacs *d, long *ret) {
    return d->at < d->end && *d->at != '-' && read_number(d, ret);
}

static void stop(struct dimacs *d, const char *code, const char *hint, const char *message) {
    if (!d->stopped)
        cw_spot_fault(d->faults, code, here(d), hint, "%s", message);
    d->stopped = true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* "c 12 name": remembered; the range is known when the header was read. */
static void read_comment(struct dimacs *d) {
    const char *feed = memchr(d->at, '\n', (size_t)(d->end - d->at));
    const char *stop_at = feed ? feed : d->end;
    struct name name;
    d->at++;
    skip_blanks(d);
    if (d->at < stop_at && read_number(d, &name.variable) && name.variable > 0) {
        skip_blanks(d);
        while (stop_at > d->at && is_blank(stop_at[-1]))
            stop_at--;
        name.text = d->at;
        name.length = stop_at > d->at ? (size_t)(stop_at - d->at) : 0;
        if (name.length > 0)
            cw_buf_add(&d->named, &name, sizeof name);
    }
}

static void read_header(struct dimacs *d) {
    static const char hint[] = "the header is one line: p cnf VARIABLES CLAUSES";
    if (d->header) {
        stop(d, "dimacs.header", hint, "there is a second header");
        return;
    }
    d->at++;
    skip_blanks(d);
    if (word_length(d) != 3 || memcmp(d->at, "cnf", 3) != 0) {
        stop(d, "dimacs.header", hint, "the header does not say 'cnf'");
        return;
    }
    d->at += 3;
    skip_blanks(d);
    d->vars_spot = here(d);
    if (!read_count(d, &d->vars)) {
        stop(d, "dimacs.header", hint, "the header does not tell the number of variables");
        return;
    }
    skip_blanks(d);
    d->clauses_spot = here(d);
    if (!read_count(d, &d->clauses)) {
        stop(d, "dimacs.header", hint, "the header does not tell the number of clauses");
        return;
    }
    skip_blanks(d);
    if (d->at < d->end && *d->at != '\n')
        stop(d, "dimacs.header", hint, "something stands behind the header");
    d->header = true;
}

static void add_literal(struct dimacs *d, long value, struct cw_spot spot) {
    int32_t literal = (int32_t)value;
    if (labs(value) > d->vars) {
        cw_spot_fault(d->faults, "dimacs.variable", spot, "raise the first number of the header",
                      "the header says %ld variables, this is %s%ld", d->vars,
                      labs(value) > INT32_MAX ? "more than " : "variable ",
                      labs(value) > INT32_MAX ? (long)INT32_MAX : labs(value));
        literal = 1; /* only counted from here on */
    }
    cw_buf_add(&d->literals, &literal, sizeof literal);
    if (value == 0) {
        d->clause_count++;
        d->open.line = 0;
    } else if (d->open.line == 0) {
        d->open = spot;
    }
}

static void read_literals(struct dimacs *d) {
    long value;
    for (skip_blanks(d); d->at < d->end && *d->at != '\n' && !d->stopped; skip_blanks(d)) {
        struct cw_spot spot = here(d);
        if (!d->header && word_length(d) > 0 && strchr("-0123456789", *d->at))
            stop(d, "dimacs.header", "write p cnf VARIABLES CLAUSES before the first clause",
                 "there is a clause before the header");
        else if (!read_number(d, &value))
            stop(d, "dimacs.token", "a clause is numbers, and 0 at its end",
                 *d->at == '%' ? "'%' is no number: delete it and what follows"
                               : "this is no number");
        else
            add_literal(d, value, spot);
    }
}

static bool is_line_of(const struct dimacs *d, char letter) {
    return *d->at == letter && (d->at + 1 == d->end || is_blank(d->at[1]) || d->at[1] == '\n');
}

static void read_lines(struct dimacs *d) {
    for (; d->at < d->end && !d->stopped; next_line(d)) {
        if (is_line_of(d, 'c')) {
            read_comment(d);
            continue;
        }
        skip_blanks(d);
        if (d->at < d->end && is_line_of(d, 'p'))
            read_header(d);
        else
            read_literals(d);
    }
}

/* What can only be said at the end of the file. */
static void check_whole(struct dimacs *d) {
    if (d->stopped)
        return;
    if (!d->header) {
        stop(d, "dimacs.header", "the header is one line: p cnf VARIABLES CLAUSES",
             "there is no header");
        return;
    }
    if (d->open.line)
        cw_spot_fault(d->faults, "dimacs.clause_open", d->open, "write 0 at its end",
                      "the clause that begins here does not end");
    else if (d->clause_count != (size_t)d->clauses)
        cw_spot_fault(d->faults, "dimacs.counts", d->clauses_spot, "",
                      "the header says %ld clauses, the file has %zu", d->clauses, d->clause_count);
    if (d->vars == 0)
        cw_spot_fault(d->faults, "exchange.empty", d->vars_spot, "",
                      "a product has at least one option");
}

static enum cw_status check_limits(const struct dimacs *d, struct cw_error *err) {
    if (d->header && d->vars > CW_MAX_OPTIONS)
        return cw_fail(err, CW_E_LIMIT, "exchange.too_large",
                       "the model has more variables than a product may have options (%d)",
                       CW_MAX_OPTIONS);
    if (d->header && (d->clauses > CW_MAX_RULES || d->clause_count > CW_MAX_RULES))
        return cw_fail(err, CW_E_LIMIT, "exchange.too_large",
                       "the model has more clauses than a product may have rules (%d)",
                       CW_MAX_RULES);
    return CW_OK;
}

/* ---- the document ---------------------------------------------------------------------------- */

static bool is_printable(const struct name *name) {
    for (size_t i = 0; i < name->length; i++) {
        if ((unsigned char)name->text[i] < 0x20 || name->text[i] == 0x7f)
            return false;
    }
    return true;
}

/* Titles by variable, from 1. The first comment that names a variable counts. */
static const char **make_titles(const struct dimacs *d, struct cw_arena *arena) {
    const char **titles = cw_arena_array(arena, (size_t)d->vars + 1, sizeof *titles);
    const char *bytes = d->named.data;
    for (size_t at = 0; at < d->named.length; at += sizeof(struct name)) {
        struct name name;
        memcpy(&name, bytes + at, sizeof name);
        if (name.variable <= d->vars && !titles[name.variable] && is_printable(&name))
            titles[name.variable] = cw_arena_strndup(arena, name.text, name.length);
    }
    for (long v = 1; v <= d->vars; v++) {
        if (!titles[v])
            titles[v] = cw_arena_printf(arena, "Variable %ld", v);
    }
    return titles;
}

static void put_literal(struct cw_buf *literals, int32_t literal) {
    cw_buf_printf(literals, "{\"v%d\":%s}", abs(literal), literal > 0 ? "true" : "false");
}

static void put_words(struct cw_buf *message, const char *title, int32_t literal) {
    if (message->length > MESSAGE_BYTES) {
        if (message->data[message->length - 1] != '.')
            cw_buf_puts(message, " or ...");
        return;
    }
    cw_buf_puts(message, message->length ? " or " : "");
    cw_buf_puts(message, literal < 0 ? "not " : "");
    cw_draft_cut(message, title, NAME_BYTES);
}

/* One clause from *at, which is moved behind its 0. */
static void write_clause(struct cw_draft *draft, const char *const *titles, const int32_t **at) {
    CW_AUTO_BUF struct cw_buf literals = {0};
    CW_AUTO_BUF struct cw_buf expr = {0};
    CW_AUTO_BUF struct cw_buf message = {0};
    char id[24];
    size_t count = 0;
    for (; **at; ++*at, count++) {
        bool full = count > 0 && count % CW_MAX_RULE_CONDITIONS == 0;
        cw_buf_puts(&literals, full ? "]},{\"any\":[" : count ? "," : "");
        put_literal(&literals, **at);
        put_words(&message, titles[abs(**at)], **at);
    }
    ++*at;
    if (count == 0) { /* the empty clause: what nothing satisfies */
        cw_buf_puts(&literals, "{\"all\":[{\"v1\":true},{\"v1\":false}]}");
        cw_buf_puts(&message, "The empty clause: never satisfied");
    }
    bool nested = count > CW_MAX_RULE_CONDITIONS; /* lists of lists */
    cw_buf_puts(&expr, nested ? "{\"any\":[{\"any\":[" : count > 1 ? "{\"any\":[" : "");
    cw_buf_puts(&expr, literals.data);
    cw_buf_puts(&expr, nested ? "]}]}" : count > 1 ? "]}" : "");
    snprintf(id, sizeof id, "c%zu", draft->rule_count + 1);
    cw_draft_formula(draft, &(struct cw_draft_rule){id, message.data}, expr.data);
}

static enum cw_status write_document(const struct dimacs *d,
                                     const struct cw_exchange_source *source,
                                     struct cw_buf *ret_document, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_DRAFT struct cw_draft draft = {0};
    struct cw_names ids = {.arena = arena};
    const char **titles = make_titles(d, arena);
    for (long v = 1; v <= d->vars; v++) {
        char id[24];
        snprintf(id, sizeof id, "v%ld", v);
        cw_draft_flag(&draft, &(struct cw_draft_option){.id = id, .title = titles[v]});
    }
    const int32_t *at = (const int32_t *)(const void *)d->literals.data;
    for (size_t c = 0; c < d->clause_count; c++)
        write_clause(&draft, titles, &at);
    const char *stem = cw_draft_file_stem(arena, source->name);
    return cw_draft_write(&draft, cw_names_make_id(&ids, stem, 0), stem, ret_document, err);
}

enum cw_status cw_dimacs_import(const struct cw_exchange_source *source,
                                struct cw_buf *ret_document, struct cw_faults *faults,
                                struct cw_error *err) {
    struct dimacs d = {.text = source->text,
                       .end = source->text + source->length,
                       .at = source->text,
                       .line_start = source->text,
                       .line = 1,
                       .faults = faults};
    size_t before = faults->count + faults->dropped;
    d.stopped = !cw_spot_check_encoding(source->text, source->length, faults);
    read_lines(&d);
    check_whole(&d);
    enum cw_status status = check_limits(&d, err);
    if (status == CW_OK && faults->count + faults->dropped > before)
        status = cw_fail(err, CW_E_INPUT, "exchange.invalid", "the model has faults");
    if (status == CW_OK)
        status = write_document(&d, source, ret_document, err);
    cw_buf_deinit(&d.literals);
    cw_buf_deinit(&d.named);
    return status;
}
