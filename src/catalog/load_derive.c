/*
 * Responsible for: `derive`, the rows that give a choice from other options.
 * Does not: ask whether every configuration has exactly one row (publish does, on the compiled
 * rules). Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

struct derive_site {
    struct loader *loader;
    const struct cw_option *option;
    struct cw_derive *derive;
};

/* The last cell: one choice of the option itself. */
static uint32_t load_result(struct derive_site *site, const json_t *cell, const char *pointer) {
    const char *id = json_string_value(cell);
    if (id && strcmp(id, "*") != 0)
        return cw_load_choice(site->loader, site->option, id, pointer);
    cw_load_fault(site->loader, "derive.value", pointer, "name one choice",
                  "a row ends with the choice that option '%s' takes", site->option->id);
    return CW_NONE;
}

static void load_row(struct derive_site *site, const json_t *row, const char *pointer,
                     struct cw_derive_row *ret_row) {
    struct loader *loader = site->loader;
    size_t count = site->derive->from_count;
    struct cw_choice_mask *masks = cw_arena_array(loader->arena, count + 1, sizeof *masks);
    ret_row->masks = masks;
    if (json_array_size(row) != count + 1) {
        cw_load_fault(
            loader, "rule.arity", pointer, "one value per option of \"from\", then the choice",
            "the row has %zu values for %zu options and a choice", json_array_size(row), count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t option = site->derive->from[i];
        if (option != CW_NONE)
            cw_load_cell(loader, &loader->options[option], json_array_get(row, i),
                         cw_load_at_index(loader, pointer, i), &masks[i]);
    }
    ret_row->choice =
        load_result(site, json_array_get(row, count), cw_load_at_index(loader, pointer, count));
}

void cw_load_derive(struct loader *loader, const json_t *json, struct cw_option *option,
                    const char *pointer) {
    const json_t *from = json_object_get(json_object_get(json, "derive"), "from");
    const json_t *rows = json_object_get(json_object_get(json, "derive"), "rows");
    if (!from)
        return;
    const char *at = cw_load_at(loader, pointer, "derive");
    struct cw_derive *derive = cw_arena_alloc(loader->arena, sizeof *derive);
    derive->from = cw_load_table_options(loader, from, cw_load_at(loader, at, "from"));
    if (!derive->from)
        return;
    derive->from_count = json_array_size(from);
    struct derive_site site = {loader, option, derive};
    size_t count = json_array_size(rows);
    struct cw_derive_row *items = cw_arena_array(loader->arena, count + 1, sizeof *items);
    const char *below = cw_load_at(loader, at, "rows");
    for (size_t i = 0; i < count; i++)
        load_row(&site, json_array_get(rows, i), cw_load_at_index(loader, below, i), &items[i]);
    derive->rows = items;
    derive->row_count = count;
    option->derive = derive;
}
