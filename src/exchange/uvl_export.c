/*
 * Responsible for: products as UVL models: names, the tree of features, what cannot be said.
 * Does not: say where options stand (uvl_export_place.c); conditions and rules
 * (uvl_export_rules.c). Command line.
 *
 *   flag      optional feature, mandatory when a rule says just that
 *   choice    feature with an `alternative` group
 *   multi     feature with [min..max]   number   Integer with min, max, step
 *   text      feature: there is a text
 *
 * An option stands below the flag or choice its activeIf names; when activeIf says more, it stands
 * below the root and a constraint says when it is there. A first option that is a flag a rule makes
 * true is the root itself. So the model has exactly as many
 * configurations as the product; what else a product says (price, dates, pictures) is noted.
 */
#include "exchange/exchange.h"

#include <inttypes.h>
#include <string.h>

#include "exchange/uvl_export.h"

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_plain(const char *name) {
    if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')))
        return false;
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] ==
           '\0';
}

/* Every word of the grammar, so that other tools read it too. */
static bool is_word(const char *name) {
    static const char *const words[] = {
        "include",   "features",   "imports", "namespace", "as",  "constraint",  "constraints",
        "String",    "Boolean",    "Integer", "Real",      "len", "cardinality", "sum",
        "avg",       "floor",      "ceil",    "Type",      "or",  "alternative", "optional",
        "mandatory", "Arithmetic", "true",    "false"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], name) == 0)
            return true;
    }
    return false;
}

const char *cw_uvl_writer_word(struct cw_uvl_writer *w, const char *name) {
    return is_plain(name) && !is_word(name) ? name : cw_arena_printf(w->arena, "\"%s\"", name);
}

static bool is_sayable(const char *name) {
    if (!*name || strchr(name, '"') || strchr(name, '.'))
        return false;
    for (; *name; name++) {
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            return false;
    }
    return true;
}

/* The English title when it is free, else the id, else the id and a number. */
const char *cw_uvl_writer_name(struct cw_uvl_writer *w, const char *title, const char *id) {
    if (is_sayable(title) && cw_names_add(&w->names, title, 0))
        return cw_uvl_writer_word(w, title);
    char *plain = cw_arena_strdup(w->arena, id);
    for (char *c = plain; *c; c++)
        *c = *c == '.' ? '-' : *c;
    const char *name = plain;
    for (unsigned n = 2; !cw_names_add(&w->names, name, 0); n++)
        name = cw_arena_printf(w->arena, "%s-%u", plain, n);
    return cw_uvl_writer_word(w, name);
}

static const char *english(const struct cw_l10n *text) {
    return cw_l10n_get(text, "en");
}

/* The alternatives of a flag or choice of the same title need no feature in between. */
static bool is_direct(const struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    const struct cw_uvl_place *place = &w->places[o];
    uint32_t above = place->parent == CW_NONE && place->always ? w->root_option : place->parent;
    if (option->kind != CW_OPTION_CHOICE || above == CW_NONE)
        return false;
    const struct cw_option *parent = &w->product->options[above];
    const struct cw_l10n *title = place->parent_choice == CW_NONE
                                      ? &parent->title
                                      : &parent->choices[place->parent_choice].title;
    return strcmp(english(title), english(&option->title)) == 0;
}

static void name_option(struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    struct cw_uvl_place *place = &w->places[o];
    if (!is_direct(w, o))
        place->name = cw_uvl_writer_name(w, english(&option->title), option->id);
    place->choices = cw_arena_array(w->arena, option->choice_count + 1, sizeof(const char *));
    for (size_t c = 0; c < option->choice_count; c++)
        place->choices[c] = cw_uvl_writer_name(
            w, english(&option->choices[c].title),
            cw_arena_printf(w->arena, "%s-%s", option->id, option->choices[c].id));
}

/* ---- the tree -------------------------------------------------------------------------------- */

void cw_uvl_put_active(struct cw_uvl_writer *w, uint32_t o, struct cw_buf *buf) {
    const struct cw_option *option = &w->product->options[o];
    const struct cw_uvl_place *place = &w->places[o];
    bool own = option->kind == CW_OPTION_CHOICE || option->kind == CW_OPTION_MULTI ||
               option->kind == CW_OPTION_NUMBER;
    if (own && place->name)
        cw_buf_puts(buf, place->name);
    else if (place->always)
        cw_buf_puts(buf, w->root);
    else
        cw_uvl_put_cond(w, option->active_if, buf);
}

static void indent(struct cw_buf *buf, size_t depth) {
    for (; depth > 0; depth--)
        cw_buf_putc(buf, '\t');
}

static void put_attributes(struct cw_uvl_writer *w, const struct cw_attribute *attributes,
                           size_t count, struct cw_buf *buf) {
    for (size_t i = 0; i < count; i++)
        cw_buf_printf(buf, "%s%s %" PRId64, i ? ", " : " {",
                      cw_uvl_writer_word(w, attributes[i].name), attributes[i].value);
    cw_buf_puts(buf, count ? "}" : "");
}

static void put_children(struct cw_uvl_writer *w, uint32_t parent, uint32_t choice, size_t depth,
                         struct cw_buf *buf);

static void put_choices(struct cw_uvl_writer *w, uint32_t o, size_t depth, struct cw_buf *buf) {
    const struct cw_option *option = &w->product->options[o];
    indent(buf, depth);
    if (option->kind == CW_OPTION_CHOICE)
        cw_buf_puts(buf, "alternative\n");
    else
        cw_buf_printf(buf, "[%u..%u]\n", option->multi_min, option->multi_max);
    for (uint32_t c = 0; c < option->choice_count; c++) {
        indent(buf, depth + 1);
        cw_buf_puts(buf, w->places[o].choices[c]);
        put_attributes(w, option->choices[c].attributes, option->choices[c].attribute_count, buf);
        cw_buf_putc(buf, '\n');
        put_children(w, o, c, depth + 2, buf);
    }
}

static bool is_optional(const struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    return (option->kind == CW_OPTION_FLAG && !w->places[o].mandatory) ||
           (option->kind == CW_OPTION_TEXT && !option->required) || w->places[o].written_out;
}

static void put_option(struct cw_uvl_writer *w, uint32_t o, size_t depth, struct cw_buf *buf) {
    const struct cw_option *option = &w->product->options[o];
    if (!w->places[o].name) {
        put_choices(w, o, depth, buf);
        return;
    }
    indent(buf, depth);
    cw_buf_puts(buf, is_optional(w, o) ? "optional\n" : "mandatory\n");
    indent(buf, depth + 1);
    if (option->kind == CW_OPTION_NUMBER)
        cw_buf_printf(buf, "Integer %s {min %" PRId64 ", max %" PRId64 ", step %" PRId64 "}\n",
                      w->places[o].name, option->number_min, option->number_max,
                      option->number_step);
    else if (option->kind == CW_OPTION_FLAG || option->kind == CW_OPTION_TEXT)
        cw_buf_puts(buf, w->places[o].name);
    else
        cw_buf_printf(buf, "%s {abstract}\n", w->places[o].name);
    if (option->kind == CW_OPTION_FLAG)
        put_attributes(w, option->attributes, option->attribute_count, buf);
    if (option->kind == CW_OPTION_FLAG || option->kind == CW_OPTION_TEXT)
        cw_buf_putc(buf, '\n');
    if (option->kind == CW_OPTION_CHOICE || option->kind == CW_OPTION_MULTI)
        put_choices(w, o, depth + 2, buf);
    if (option->kind == CW_OPTION_FLAG)
        put_children(w, o, CW_NONE, depth + 2, buf);
}

static void put_children(struct cw_uvl_writer *w, uint32_t parent, uint32_t choice, size_t depth,
                         struct cw_buf *buf) {
    for (uint32_t o = w->first_child[parent]; o != CW_NONE; o = w->next_child[o]) {
        if (w->places[o].parent_choice == choice)
            put_option(w, o, depth, buf);
    }
}

/* Children of each option in product order; those of the root are at option_count. */
static void link_children(struct cw_uvl_writer *w) {
    size_t count = w->product->option_count;
    w->first_child = cw_arena_array(w->arena, count + 1, sizeof(uint32_t));
    w->next_child = cw_arena_array(w->arena, count + 1, sizeof(uint32_t));
    for (size_t i = 0; i <= count; i++)
        w->first_child[i] = CW_NONE;
    for (size_t i = count; i-- > 0;) {
        if (i == w->root_option)
            continue;
        size_t parent = w->places[i].parent == CW_NONE ? count : w->places[i].parent;
        w->next_child[i] = w->first_child[parent];
        w->first_child[parent] = (uint32_t)i;
    }
}

/* ---- what is not said ------------------------------------------------------------------------ */

void cw_uvl_note(struct cw_uvl_writer *w, const char *pointer, const char *what) {
    cw_buf_printf(w->notes, "%s%s%s\n", pointer, *pointer ? ": " : "", what);
}

static void note_option(struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    bool limited = false;
    for (size_t c = 0; c < option->choice_count; c++)
        limited = limited || option->choices[c].market_count > 0 || *option->choices[c].from_date ||
                  *option->choices[c].until_date;
    if (limited)
        cw_uvl_note(w, cw_arena_printf(w->arena, "/options/%u", o), "markets and dates of choices");
    if (option->kind == CW_OPTION_TEXT)
        cw_uvl_note(w, cw_arena_printf(w->arena, "/options/%u", o),
                    "what the text is: the feature says that there is one");
}

static void note_all(struct cw_uvl_writer *w) {
    const struct cw_product *p = w->product;
    for (uint32_t o = 0; o < p->option_count; o++)
        note_option(w, o);
    if (p->overlay_count)
        cw_uvl_note(w, "/overlays", "overlays");
    if (p->test_count)
        cw_uvl_note(w, "/tests", "tests");
    if (p->preset_count)
        cw_uvl_note(w, "/presets", "presets");
    if (!p->rules_only)
        cw_uvl_note(w, "", "defaults, prices, lead times, pictures and manufacturing");
}

/* As comments at the head of the model too, where whoever gets the file sees them. */
static void put_notes(const struct cw_uvl_writer *w, size_t first, struct cw_buf *buf) {
    bool line = true;
    for (size_t i = first; i < w->notes->length; i++) {
        cw_buf_puts(buf, line ? "// not in the model: " : "");
        cw_buf_putc(buf, w->notes->data[i]);
        line = w->notes->data[i] == '\n';
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool has_depth(const struct cw_uvl_writer *w) {
    for (uint32_t o = 0; o < w->product->option_count; o++) {
        size_t depth = 0;
        for (uint32_t up = o; up != CW_NONE; up = w->places[up].parent)
            depth++;
        if (depth > CW_UVL_LEVELS)
            return false;
    }
    return true;
}

static void put_model(struct cw_uvl_writer *w, size_t first_note, struct cw_buf *ret_model) {
    const char *title = english(&w->product->title);
    put_notes(w, first_note, ret_model);
    cw_buf_printf(ret_model, "namespace %s\n\nfeatures\n\t%s",
                  is_sayable(title) ? cw_uvl_writer_word(w, title) : w->root, w->root);
    if (w->root_option == CW_NONE)
        cw_buf_puts(ret_model, " {abstract}");
    else
        put_attributes(w, w->product->options[w->root_option].attributes,
                       w->product->options[w->root_option].attribute_count, ret_model);
    cw_buf_putc(ret_model, '\n');
    for (uint32_t o = w->first_child[w->product->option_count]; o != CW_NONE; o = w->next_child[o])
        put_option(w, o, 2, ret_model);
    if (w->extras.length) {
        cw_buf_puts(ret_model, "\t\toptional\n");
        cw_buf_add(ret_model, w->extras.data, w->extras.length);
    }
    if (w->constraints.length) {
        cw_buf_puts(ret_model, "\nconstraints\n");
        cw_buf_add(ret_model, w->constraints.data, w->constraints.length);
    }
}

enum cw_status cw_uvl_export(const struct cw_product *product, struct cw_buf *ret_model,
                             struct cw_buf *ret_notes, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_uvl_writer w = {
        .product = product, .arena = arena, .notes = ret_notes, .names.arena = arena};
    size_t first_note = ret_notes->length;
    cw_uvl_place_options(&w);
    if (!has_depth(&w))
        return cw_fail(err, CW_E_LIMIT, "exchange.too_large",
                       "options depend on each other more than %d deep", CW_UVL_LEVELS);
    if (w.root_option == CW_NONE)
        w.root = cw_uvl_writer_name(&w, english(&product->title), product->id);
    for (uint32_t o = 0; o < product->option_count; o++)
        name_option(&w, o);
    w.root = w.root_option == CW_NONE ? w.root : w.places[w.root_option].name;
    link_children(&w);
    note_all(&w);
    cw_uvl_put_constraints(&w);
    put_model(&w, first_note, ret_model);
    cw_buf_deinit(&w.constraints);
    cw_buf_deinit(&w.extras);
    return CW_OK;
}
