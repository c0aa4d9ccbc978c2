/*
 * Table rules on domains: allowed combinations keep the values some row supports, forbidden ones
 * remove the last value that would complete a row. Rows are compressed (a mask per option). In
 * `allowed` an inactive option fits every cell; in `forbidden` only "*". Server process, any
 * thread.
 */
#include "configure/engine.h"

#include <string.h>

struct cell {
    bool can, must; /* some / every remaining value fits, "inactive" included */
};

static bool is_any(const struct cw_engine *engine, uint32_t option,
                   const struct cw_choice_mask *mask) {
    const struct cw_domain *full = &engine->domains[option];
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        if (full->bits[w] & ~mask->bits[w])
            return false;
    return true;
}

static struct cell cell_state(const struct cw_engine *engine, const struct cw_domain *domains,
                              const struct cw_rule *table, const struct cw_row *row, size_t i) {
    const struct cw_domain *domain = &domains[table->options[i]];
    const struct cw_choice_mask *mask = &row->masks[i];
    struct cell cell = {.can = false, .must = true};
    if (domain->activity & CW_MAY_INACTIVE) {
        bool fits = table->kind == CW_RULE_ALLOWED || is_any(engine, table->options[i], mask);
        cell.can |= fits;
        cell.must &= fits;
    }
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++) {
        cell.can |= (domain->bits[w] & mask->bits[w]) != 0;
        cell.must &= (domain->bits[w] & ~mask->bits[w]) == 0;
    }
    return cell;
}

/* can: the row is still possible. must: it holds whatever comes. `ret_open` is a cell that is not
 * decided, `ret_open_count` how many there are. */
static struct cell row_state(const struct cw_engine *engine, const struct cw_domain *domains,
                             const struct cw_rule *table, const struct cw_row *row,
                             size_t *ret_open, size_t *ret_open_count) {
    struct cell state = {.can = true, .must = true};
    *ret_open = *ret_open_count = 0;
    for (size_t i = 0; i < table->option_count && state.can; i++) {
        struct cell cell = cell_state(engine, domains, table, row, i);
        state.can &= cell.can;
        state.must &= cell.must;
        if (!cell.must) {
            *ret_open = i;
            (*ret_open_count)++;
        }
    }
    return state;
}

enum cw_truth cw_table_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                             const struct cw_constraint *constraint) {
    const struct cw_rule *table = constraint->table;
    bool some = false, sure = false;
    for (size_t r = 0; r < table->row_count && !sure; r++) {
        size_t open, open_count;
        struct cell row = row_state(engine, domains, table, &table->rows[r], &open, &open_count);
        some |= row.can;
        sure |= row.can && row.must;
    }
    bool allowed = constraint->kind == CW_CON_ALLOWED;
    if (sure)
        return allowed ? CW_TRUE : CW_FALSE;
    if (!some)
        return allowed ? CW_FALSE : CW_TRUE;
    return CW_UNKNOWN;
}

static bool propagate_allowed(struct cw_search *search, const struct cw_rule *table) {
    const struct cw_engine *engine = search->engine;
    struct cw_choice_mask support[CW_SEARCH_OPTIONS];
    memset(support, 0, table->option_count * sizeof support[0]);
    bool some = false;
    for (size_t r = 0; r < table->row_count; r++) {
        size_t open, open_count;
        if (!row_state(engine, search->domains, table, &table->rows[r], &open, &open_count).can)
            continue;
        some = true;
        for (size_t i = 0; i < table->option_count; i++)
            for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
                support[i].bits[w] |= table->rows[r].masks[i].bits[w];
    }
    for (size_t i = 0; some && i < table->option_count; i++) {
        struct cw_domain domain = search->domains[table->options[i]];
        for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
            domain.bits[w] &= support[i].bits[w];
        some = cw_search_set(search, table->options[i], domain);
    }
    return some;
}

static bool propagate_forbidden(struct cw_search *search, const struct cw_rule *table) {
    for (size_t r = 0; r < table->row_count; r++) {
        size_t open, open_count;
        struct cell row =
            row_state(search->engine, search->domains, table, &table->rows[r], &open, &open_count);
        if (!row.can || open_count > 1)
            continue;
        if (open_count == 0)
            return false;
        struct cw_domain domain = search->domains[table->options[open]];
        for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
            domain.bits[w] &= ~table->rows[r].masks[open].bits[w];
        if (!cw_search_set(search, table->options[open], domain))
            return false;
    }
    return true;
}

bool cw_table_propagate(struct cw_search *search, const struct cw_constraint *constraint) {
    if (constraint->kind == CW_CON_ALLOWED)
        return propagate_allowed(search, constraint->table);
    return propagate_forbidden(search, constraint->table);
}
