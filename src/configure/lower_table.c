/*
 * Lowering tables: rows of masks over choices become rows of sets over values; "derive" is a table
 * as well. It asks no condition. Any process.
 */
#include "configure/lower_inside.h"

#include <string.h>

#include "cordwain/limits.h"

struct column {
    uint32_t option, var, first_word, words;
};

/* A table under construction: lines of sets, one per column. */
struct lines {
    struct cw_lowering *lowering;
    size_t column_count;
    struct column *columns;
    uint32_t *places; /* per option of the document's table: its column */
    uint32_t words;   /* of a line */
    uint64_t *rows;
    uint32_t row_count;
};

static uint32_t column_for(struct lines *lines, uint32_t option) {
    const struct cw_lowering *lowering = lines->lowering;
    for (uint32_t i = 0; i < lines->column_count; i++)
        if (lines->columns[i].option == option)
            return i;
    uint32_t var = lowering->options[option].var;
    uint32_t words = cw_set_words(lowering->model->value_counts[var]);
    lines->columns[lines->column_count] = (struct column){option, var, lines->words, words};
    lines->words += words;
    return (uint32_t)lines->column_count++;
}

/* Columns for the options, and one for `last` unless it is CW_NONE. False when there is no room. */
static bool start(struct lines *lines, const uint32_t *options, size_t count, uint32_t last,
                  size_t row_count) {
    struct cw_lowering *lowering = lines->lowering;
    if (row_count > CW_RULES_TABLE_ROWS) {
        cw_lower_too_large(lowering, "rows of a table");
        return false;
    }
    lines->columns = cw_arena_array(lowering->scratch, count + 1, sizeof *lines->columns);
    lines->places = cw_arena_array(lowering->scratch, count + 1, sizeof *lines->places);
    for (size_t i = 0; i < count; i++)
        lines->places[i] = column_for(lines, options[i]);
    if (last != CW_NONE)
        lines->places[count] = column_for(lines, last);
    lines->rows =
        cw_arena_array(lowering->scratch, (row_count + 1) * lines->words, sizeof *lines->rows);
    return true;
}

/* A line in which every column has every value. */
static uint64_t *open_line(struct lines *lines) {
    uint64_t *line = &lines->rows[(size_t)lines->row_count * lines->words];
    for (size_t i = 0; i < lines->column_count; i++) {
        const struct column *column = &lines->columns[i];
        uint32_t values = lines->lowering->model->value_counts[column->var];
        memset(line + column->first_word, 0, column->words * sizeof *line);
        for (uint32_t x = 0; x < values; x++)
            cw_set_add(line + column->first_word, x);
    }
    return line;
}

/* Leave what the cell takes; `lenient`: the inactive option fits every cell, else only "*". */
static void narrow(struct lines *lines, uint64_t *line, uint32_t place,
                   const struct cw_choice_mask *mask, bool lenient) {
    const struct column *column = &lines->columns[lines->places[place]];
    const struct cw_option *option = &lines->lowering->product->options[column->option];
    uint32_t inactive = lines->lowering->options[column->option].inactive;
    uint64_t *set = line + column->first_word;
    for (uint32_t c = 0; c < cw_choices_of(option); c++)
        if (!cw_mask_has(mask, c))
            cw_set_drop(set, c);
    if (inactive != CW_NONE && !lenient && !cw_mask_is_any(option, mask))
        cw_set_drop(set, inactive);
}

/* Keep the line unless some column is empty: then no configuration fits it. */
static void close_line(struct lines *lines, const uint64_t *line) {
    for (size_t i = 0; i < lines->column_count; i++) {
        const struct column *column = &lines->columns[i];
        uint64_t some = 0;
        for (uint32_t w = 0; w < column->words; w++)
            some |= line[column->first_word + w];
        if (!some)
            return;
    }
    lines->row_count++;
}

/* A table over one variable says no more than a clause. */
static void add_unary(struct lines *lines, uint32_t origin, bool allowed) {
    struct cw_lowering *lowering = lines->lowering;
    const struct column *column = &lines->columns[0];
    uint64_t *set = cw_arena_array(lowering->scratch, column->words, sizeof *set);
    for (uint32_t x = 0; x < lowering->model->value_counts[column->var]; x++) {
        bool fits = false;
        for (uint32_t r = 0; r < lines->row_count; r++)
            fits |= cw_set_has(&lines->rows[(size_t)r * lines->words], x);
        if (fits == allowed)
            cw_set_add(set, x);
    }
    cw_model_add_clause(lowering->model, origin, &column->var, 1, set);
}

static void finish(struct lines *lines, uint32_t origin, bool allowed) {
    struct cw_lowering *lowering = lines->lowering;
    if (lines->column_count == 0 || lines->row_count == 0) {
        if ((lines->row_count > 0) != allowed)
            cw_model_add_clause(lowering->model, origin, NULL, 0, NULL);
        return;
    }
    if (lines->column_count == 1) {
        add_unary(lines, origin, allowed);
        return;
    }
    uint32_t *scope = cw_arena_array(lowering->scratch, lines->column_count, sizeof *scope);
    for (size_t i = 0; i < lines->column_count; i++)
        scope[i] = lines->columns[i].var;
    cw_model_add_table(lowering->model, origin,
                       &(struct cw_model_table){.scope = scope,
                                                .scope_count = (uint32_t)lines->column_count,
                                                .rows = lines->rows,
                                                .row_count = lines->row_count,
                                                .allowed = allowed});
}

void cw_lower_table_rule(struct cw_lowering *lowering, uint32_t origin,
                         const struct cw_rule *rule) {
    struct lines lines = {.lowering = lowering};
    bool allowed = rule->kind == CW_RULE_ALLOWED;
    if (!start(&lines, rule->options, rule->option_count, CW_NONE, rule->row_count))
        return;
    for (size_t r = 0; r < rule->row_count; r++) {
        uint64_t *line = open_line(&lines);
        for (uint32_t i = 0; i < rule->option_count; i++)
            narrow(&lines, line, i, &rule->rows[r].masks[i], allowed);
        close_line(&lines, line);
    }
    finish(&lines, origin, allowed);
}

/* Some row fits and gives the choice, or the option is inactive. */
void cw_lower_derive(struct cw_lowering *lowering, uint32_t origin, uint32_t option) {
    const struct cw_derive *derive = lowering->product->options[option].derive;
    uint32_t inactive = lowering->options[option].inactive, last = (uint32_t)derive->from_count;
    struct lines lines = {.lowering = lowering};
    if (!start(&lines, derive->from, derive->from_count, option, derive->row_count + 1))
        return;
    for (size_t r = 0; r < derive->row_count; r++) {
        const struct cw_derive_row *row = &derive->rows[r];
        struct cw_choice_mask given = {{0}};
        given.bits[row->choice / 64] = UINT64_C(1) << (row->choice % 64);
        uint64_t *line = open_line(&lines);
        for (uint32_t i = 0; i < derive->from_count; i++)
            narrow(&lines, line, i, &row->masks[i], /* lenient: */ false);
        narrow(&lines, line, last, &given, /* lenient: */ false);
        if (inactive != CW_NONE) /* an only choice looks like "*" */
            cw_set_drop(line + lines.columns[lines.places[last]].first_word, inactive);
        close_line(&lines, line);
    }
    if (inactive != CW_NONE) {
        const struct cw_choice_mask none = {{0}};
        uint64_t *line = open_line(&lines);
        narrow(&lines, line, last, &none, /* lenient: */ true);
        close_line(&lines, line);
    }
    finish(&lines, origin, /* allowed: */ true);
}
