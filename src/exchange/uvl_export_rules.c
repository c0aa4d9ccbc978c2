/*
 * Responsible for: conditions and rules of a product as UVL constraints.
 * Does not: the tree of features (uvl_export.c). Command line.
 *
 * Every expression stands in parentheses, so that no reader has to agree on what binds tighter. A
 * count of conditions is a sum: each condition gets a feature of its own that a constraint makes
 * equal to it and that counts 1.
 */
#include "exchange/uvl_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAIRS 16 /* conditions of `atMostOne` written pair by pair */

typedef void (*put_function)(struct cw_uvl_writer *w, const void *what, size_t index,
                             struct cw_buf *buf);

/* (a OP b OP c); nothing is true in an `&` and false in an `|`. */
static void put_joined(struct cw_uvl_writer *w, const char *op, size_t count, const void *what,
                       put_function put, struct cw_buf *buf) {
    if (count == 0) {
        cw_buf_printf(buf, *op == '&' ? "%s" : "!%s", w->root);
        return;
    }
    cw_buf_puts(buf, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++) {
        if (i)
            cw_buf_printf(buf, " %s ", op);
        put(w, what, i, buf);
    }
    cw_buf_puts(buf, count > 1 ? ")" : "");
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void put_flag(struct cw_uvl_writer *w, uint32_t o, const struct cw_choice_mask *mask,
                     struct cw_buf *buf) {
    if (!cw_mask_has(mask, 0)) {
        if (cw_mask_has(mask, 1))
            cw_buf_puts(buf, w->places[o].name);
        else
            cw_buf_printf(buf, "!%s", w->root);
        return;
    }
    if (!cw_mask_has(mask, 1))
        cw_buf_puts(buf, "(");
    cw_uvl_put_active(w, o, buf);
    if (!cw_mask_has(mask, 1))
        cw_buf_printf(buf, " & !%s)", w->places[o].name);
}

void cw_uvl_put_mask(struct cw_uvl_writer *w, uint32_t o, const struct cw_choice_mask *mask,
                     struct cw_buf *buf) {
    const struct cw_option *option = &w->product->options[o];
    size_t count = 0;
    if (option->kind == CW_OPTION_FLAG) {
        put_flag(w, o, mask, buf);
        return;
    }
    for (uint32_t c = 0; c < option->choice_count; c++)
        count += cw_mask_has(mask, c);
    cw_buf_puts(buf, count > 1 ? "(" : "");
    for (uint32_t c = 0, written = 0; c < option->choice_count; c++) {
        if (!cw_mask_has(mask, c))
            continue;
        cw_buf_puts(buf, written++ ? " | " : "");
        cw_buf_puts(buf, w->places[o].choices[c]);
    }
    if (count == 0)
        cw_buf_printf(buf, "!%s", w->root);
    cw_buf_puts(buf, count > 1 ? ")" : "");
}

static void put_present(struct cw_uvl_writer *w, uint32_t o, struct cw_buf *buf) {
    struct cw_choice_mask all;
    memset(&all, 0xff, sizeof all);
    switch (w->product->options[o].kind) {
    case CW_OPTION_TEXT:
        cw_buf_puts(buf, w->places[o].name);
        return;
    case CW_OPTION_MULTI:
        cw_uvl_put_mask(w, o, &all, buf);
        return;
    default:
        cw_uvl_put_active(w, o, buf);
    }
}

static void put_item(struct cw_uvl_writer *w, const void *what, size_t index, struct cw_buf *buf) {
    cw_uvl_put_cond(w, (const struct cw_cond *)what + index, buf);
}

void cw_uvl_put_cond(struct cw_uvl_writer *w, const struct cw_cond *cond, struct cw_buf *buf) {
    switch (cond->kind) {
    case CW_COND_ALL:
    case CW_COND_ANY:
        put_joined(w, cond->kind == CW_COND_ALL ? "&" : "|", cond->count, cond->items, put_item,
                   buf);
        return;
    case CW_COND_NOT:
        cw_buf_puts(buf, "!(");
        cw_uvl_put_cond(w, cond->items, buf);
        cw_buf_puts(buf, ")");
        return;
    case CW_COND_IN:
    case CW_COND_HAS:
        cw_uvl_put_mask(w, cond->option, &cond->mask, buf);
        return;
    case CW_COND_RANGE: { /* what is away counts 0, which may lie in the range */
        const char *name = w->places[cond->option].name;
        cw_buf_printf(buf, "(%s & %s >= %" PRId64 " & %s <= %" PRId64 ")", name, name, cond->min,
                      name, cond->max);
        return;
    }
    case CW_COND_PRESENT:
        put_present(w, cond->option, buf);
        return;
    case CW_COND_ACTIVE:
        cw_uvl_put_active(w, cond->option, buf);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

static struct cw_buf *begin(struct cw_uvl_writer *w) {
    cw_buf_puts(&w->constraints, "\t");
    return &w->constraints;
}

static void end(struct cw_uvl_writer *w) {
    cw_buf_puts(&w->constraints, "\n");
}

static void put_line(struct cw_uvl_writer *w, const char *left, const char *op,
                     const struct cw_cond *right) {
    cw_buf_printf(begin(w), "%s %s ", left, op);
    cw_uvl_put_cond(w, right, &w->constraints);
    end(w);
}

static void put_pair(struct cw_uvl_writer *w, const struct cw_cond *left, const char *op,
                     const struct cw_cond *right) {
    cw_uvl_put_cond(w, left, begin(w));
    cw_buf_printf(&w->constraints, " %s ", op);
    cw_uvl_put_cond(w, right, &w->constraints);
    end(w);
}

/* ---- counting -------------------------------------------------------------------------------- */

static const char *add_counter(struct cw_uvl_writer *w, const struct cw_cond *cond) {
    char id[32];
    snprintf(id, sizeof id, "counted-%u", ++w->extra_count);
    const char *name = cw_uvl_writer_name(w, "", id);
    cw_buf_printf(&w->extras, "\t\t\t%s {abstract, one 1}\n", name);
    put_line(w, name, "<=>", cond);
    return name;
}

static void put_count(struct cw_uvl_writer *w, const struct cw_rule *rule, uint32_t min,
                      uint32_t max) {
    CW_AUTO_BUF struct cw_buf sum = {0};
    for (size_t i = 0; i < rule->cond_count; i++)
        cw_buf_printf(&sum, "%s%s.one", i ? " + " : "", add_counter(w, &rule->conds[i]));
    if (rule->cond_count == 0)
        cw_buf_puts(&sum, "0");
    if (min > 0)
        cw_buf_printf(&w->constraints, "\t%s >= %u\n", sum.data, min);
    if (max < rule->cond_count)
        cw_buf_printf(&w->constraints, "\t%s <= %u\n", sum.data, max);
}

static void put_at_most_one(struct cw_uvl_writer *w, const struct cw_rule *rule) {
    if (rule->cond_count > PAIRS) {
        put_count(w, rule, 0, 1);
        return;
    }
    for (size_t i = 0; i < rule->cond_count; i++) {
        for (size_t k = i + 1; k < rule->cond_count; k++) {
            cw_buf_puts(begin(w), "!(");
            cw_uvl_put_cond(w, &rule->conds[i], &w->constraints);
            cw_buf_puts(&w->constraints, " & ");
            cw_uvl_put_cond(w, &rule->conds[k], &w->constraints);
            cw_buf_puts(&w->constraints, ")");
            end(w);
        }
    }
}

/* ---- tables ---------------------------------------------------------------------------------- */

struct table {
    const uint32_t *options;
    size_t option_count;
    bool inactive_fits; /* every cell; else only "*" */
};

/* (cell & cell & …): the row holds. */
static void put_row(struct cw_uvl_writer *w, const struct table *table,
                    const struct cw_choice_mask *masks, struct cw_buf *buf) {
    size_t written = 0;
    cw_buf_puts(buf, "(");
    for (size_t i = 0; i < table->option_count; i++) {
        const struct cw_option *option = &w->product->options[table->options[i]];
        bool away = table->inactive_fits && option->active_if;
        if (cw_mask_is_any(option, &masks[i]))
            continue;
        cw_buf_puts(buf, written++ ? " & " : "");
        cw_buf_puts(buf, away ? "(" : "");
        cw_uvl_put_mask(w, table->options[i], &masks[i], buf);
        if (away) {
            cw_buf_puts(buf, " | !");
            cw_uvl_put_active(w, table->options[i], buf);
            cw_buf_puts(buf, ")");
        }
    }
    if (written == 0)
        cw_buf_puts(buf, w->root);
    cw_buf_puts(buf, ")");
}

static void put_rule_row(struct cw_uvl_writer *w, const void *what, size_t index,
                         struct cw_buf *buf) {
    const struct cw_rule *rule = what;
    struct table table = {rule->options, rule->option_count, rule->kind == CW_RULE_ALLOWED};
    put_row(w, &table, rule->rows[index].masks, buf);
}

static void put_table(struct cw_uvl_writer *w, const struct cw_rule *rule) {
    if (rule->kind == CW_RULE_ALLOWED) {
        put_joined(w, "|", rule->row_count, rule, put_rule_row, begin(w));
        end(w);
        return;
    }
    for (size_t i = 0; i < rule->row_count; i++) {
        cw_buf_puts(begin(w), "!");
        put_rule_row(w, rule, i, &w->constraints);
        end(w);
    }
}

/* A derived choice is there only by a row that fits. */
static void put_derive(struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_derive *derive = w->product->options[o].derive;
    struct table table = {derive->from, derive->from_count, false};
    for (uint32_t c = 0; c < w->product->options[o].choice_count; c++) {
        size_t written = 0;
        cw_buf_printf(begin(w), "%s => (", w->places[o].choices[c]);
        for (size_t r = 0; r < derive->row_count; r++) {
            if (derive->rows[r].choice != c)
                continue;
            cw_buf_puts(&w->constraints, written++ ? " | " : "");
            put_row(w, &table, derive->rows[r].masks, &w->constraints);
        }
        if (written == 0)
            cw_buf_printf(&w->constraints, "!%s", w->root);
        cw_buf_puts(&w->constraints, ")");
        end(w);
    }
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static void put_plus(struct cw_buf *buf) {
    cw_buf_puts(buf, buf->length ? " + " : "");
}

/* The attribute of an option: of a flag, of each choice, or of each unit of a number. */
static void put_attribute(struct cw_uvl_writer *w, uint32_t o, const char *attribute,
                          struct cw_buf *buf) {
    const struct cw_option *option = &w->product->options[o];
    const struct cw_attribute *own =
        cw_attribute_find(option->attributes, option->attribute_count, attribute);
    const char *member = cw_uvl_writer_word(w, attribute);
    if (own) {
        put_plus(buf);
        if (option->kind == CW_OPTION_NUMBER)
            cw_buf_printf(buf, "%s * %" PRId64, w->places[o].name, own->value);
        else
            cw_buf_printf(buf, "%s.%s", w->places[o].name, member);
    }
    for (size_t c = 0; c < option->choice_count; c++) {
        const struct cw_choice *choice = &option->choices[c];
        if (!cw_attribute_find(choice->attributes, choice->attribute_count, attribute))
            continue;
        put_plus(buf);
        cw_buf_printf(buf, "%s.%s", w->places[o].choices[c], member);
    }
}

static void put_term(struct cw_uvl_writer *w, const struct cw_term *term, struct cw_buf *buf) {
    if (term->option == CW_NONE)
        cw_buf_printf(buf, "%" PRId64, term->constant);
    else if (!term->attribute)
        cw_buf_puts(buf, w->places[term->option].name);
    else
        put_attribute(w, term->option, term->attribute, buf);
    if (buf->length == 0)
        cw_buf_puts(buf, "0");
}

static void put_arithmetic(struct cw_uvl_writer *w, const struct cw_rule *rule) {
    static const char *const signs[] = {"<", "<=", "==", "!=", ">=", ">"};
    CW_AUTO_BUF struct cw_buf left = {0};
    CW_AUTO_BUF struct cw_buf right = {0};
    if (rule->kind == CW_RULE_COMPARE) {
        put_term(w, &rule->left, &left);
        put_term(w, &rule->right, &right);
    } else {
        for (size_t i = 0; i < rule->option_count; i++)
            put_attribute(w, rule->options[i], rule->attribute, &left);
        cw_buf_puts(&left, left.length ? "" : "0");
        cw_buf_printf(&right, "%" PRId64, rule->value);
    }
    cw_buf_printf(begin(w), "%s %s %s", left.data, signs[rule->op], right.data);
    end(w);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void put_rule(struct cw_uvl_writer *w, uint32_t index) {
    const struct cw_rule *rule = &w->product->rules[index];
    if (rule->warning) {
        cw_uvl_note(w, cw_arena_printf(w->arena, "/rules/%u", index), "a warning");
        return;
    }
    switch (rule->kind) {
    case CW_RULE_REQUIRES:
        put_pair(w, &rule->conds[0], "=>", &rule->conds[1]);
        return;
    case CW_RULE_IFF:
        put_pair(w, &rule->conds[0], "<=>", &rule->conds[1]);
        return;
    case CW_RULE_EXCLUDES:
        cw_buf_puts(begin(w), "!");
        put_joined(w, "&", rule->cond_count, rule->conds, put_item, &w->constraints);
        end(w);
        return;
    case CW_RULE_AT_MOST_ONE:
        put_at_most_one(w, rule);
        return;
    case CW_RULE_CARDINALITY:
        put_count(w, rule, rule->min, rule->max);
        return;
    case CW_RULE_ALLOWED:
    case CW_RULE_FORBIDDEN:
        put_table(w, rule);
        return;
    case CW_RULE_COMPARE:
    case CW_RULE_SUM:
        put_arithmetic(w, rule);
        return;
    case CW_RULE_FORMULA:
        cw_uvl_put_cond(w, &rule->conds[0], begin(w));
        end(w);
    }
}

/* Where the tree does not say when an option is there, and what it needs while it is. */
static void put_option_lines(struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    const struct cw_uvl_place *place = &w->places[o];
    bool may_be_away =
        option->kind == CW_OPTION_FLAG || (option->kind == CW_OPTION_TEXT && !option->required);
    if (place->written_out && place->name)
        put_line(w, place->name, may_be_away ? "=>" : "<=>", option->active_if);
    for (size_t c = 0; c < option->choice_count; c++) {
        if (option->choices[c].only_if)
            put_line(w, place->choices[c], "=>", option->choices[c].only_if);
    }
    if (option->derive)
        put_derive(w, o);
    if (!option->required_if && !(option->required && option->kind == CW_OPTION_MULTI))
        return;
    cw_buf_puts(begin(w), "(");
    cw_uvl_put_active(w, o, &w->constraints);
    if (option->required_if && !option->required) {
        cw_buf_puts(&w->constraints, " & ");
        cw_uvl_put_cond(w, option->required_if, &w->constraints);
    }
    cw_buf_puts(&w->constraints, ") => ");
    put_present(w, o, &w->constraints);
    end(w);
}

void cw_uvl_put_constraints(struct cw_uvl_writer *w) {
    for (uint32_t o = 0; o < w->product->option_count; o++)
        put_option_lines(w, o);
    for (uint32_t r = 0; r < w->product->rule_count; r++) {
        if (!w->said[r])
            put_rule(w, r);
    }
}
