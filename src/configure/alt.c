/*
 * Alt text: one sentence that says what a configuration looks like, from the product's own titles,
 * with the separators and quotation marks of the language. Server process, any thread.
 */
#include "configure/configure.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "cordwain/limits.h"

struct style {
    const char *locale;
    const char *colon, *comma, *semicolon;
    const char *open, *close; /* quotation marks */
    bool material_first;      /* "leather, chalk" instead of "Chalk leather" */
    bool lower;               /* titles are written small inside a sentence */
};

static const struct style styles[] = {
    {"en", ": ", ", ", "; ", "“", "”", false, true},
    {"uz", ": ", ", ", "; ", "“", "”", false, true},
    {"fa", ": ", "، ", "؛ ", "«", "»", true, false},
    {"ar", ": ", "، ", "؛ ", "«", "»", true, false},
    {"zh", "：", "，", "；", "“", "”", true, false},
};

struct writer {
    const struct cw_product *product;
    const struct cw_resolved *resolved;
    const char *locale;
    const struct style *style;
    struct cw_buf buf;
    size_t items;
};

static const struct style *style_for(const char *locale) {
    for (size_t i = 0; locale && i < sizeof styles / sizeof styles[0]; i++)
        if (strncmp(styles[i].locale, locale, 2) == 0 && (locale[2] == '\0' || locale[2] == '-'))
            return &styles[i];
    return &styles[0];
}

/* "Toe box" becomes "toe box", "O‘lcham" "o‘lcham"; "EU size" and "42" stay. */
static void put_small(struct writer *writer, const struct cw_l10n *title) {
    const char *text = cw_l10n_get(title, writer->locale);
    bool small = writer->style->lower && text[0] >= 'A' && text[0] <= 'Z' &&
                 ((text[1] >= 'a' && text[1] <= 'z') || (unsigned char)text[1] >= 0x80);
    if (!small) {
        cw_buf_puts(&writer->buf, text);
        return;
    }
    cw_buf_putc(&writer->buf, (char)(text[0] - 'A' + 'a'));
    cw_buf_puts(&writer->buf, text + 1);
}

static void put_title(struct writer *writer, const struct cw_l10n *title) {
    cw_buf_puts(&writer->buf, cw_l10n_get(title, writer->locale));
}

static void next_item(struct writer *writer) {
    cw_buf_puts(&writer->buf, writer->items++ ? writer->style->semicolon : writer->style->colon);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void put_look(struct writer *writer, const struct cw_resolved_part *part) {
    const struct cw_product *product = writer->product;
    bool both = part->material != CW_NONE && part->colour != CW_NONE;
    if (writer->style->material_first && part->material != CW_NONE)
        put_small(writer, &product->materials[part->material].title);
    if (writer->style->material_first && both)
        cw_buf_puts(&writer->buf, writer->style->comma);
    if (part->colour != CW_NONE)
        put_title(writer, &product->colours[part->colour].title);
    if (!writer->style->material_first && both)
        cw_buf_putc(&writer->buf, ' ');
    if (!writer->style->material_first && part->material != CW_NONE)
        put_small(writer, &product->materials[part->material].title);
}

static bool same_look(const struct cw_resolved_part *a, const struct cw_resolved_part *b) {
    return a->material == b->material && a->colour == b->colour;
}

static bool told_before(const struct cw_resolved *resolved, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (same_look(&resolved->parts[i], &resolved->parts[index]))
            return true;
    return false;
}

/* Parts that look alike are named together: "toe box, tongue Chalk leather". */
static void put_parts(struct writer *writer) {
    const struct cw_resolved *resolved = writer->resolved;
    for (size_t i = 0; i < resolved->part_count; i++) {
        if (told_before(resolved, i))
            continue;
        next_item(writer);
        for (size_t k = i; k < resolved->part_count; k++) {
            if (!same_look(&resolved->parts[i], &resolved->parts[k]))
                continue;
            cw_buf_puts(&writer->buf, k > i ? writer->style->comma : "");
            put_small(writer, &writer->product->parts[resolved->parts[k].part].title);
        }
        cw_buf_puts(&writer->buf, writer->style->material_first ? writer->style->colon : " ");
        put_look(writer, &resolved->parts[i]);
    }
}

/* ---- what is drawn --------------------------------------------------------------------------- */

static void put_decals(struct writer *writer) {
    const struct cw_product *product = writer->product;
    for (size_t i = 0; i < writer->resolved->decal_count; i++) {
        const struct cw_resolved_decal *decal = &writer->resolved->decals[i];
        next_item(writer);
        put_small(writer, &product->options[decal->option].title);
        if (decal->kind == CW_DECAL_ARTWORK) /* what it shows is not known */
            continue;
        cw_buf_puts(&writer->buf, writer->style->material_first ? writer->style->colon : " ");
        if (decal->kind == CW_DECAL_TEXT) {
            cw_buf_puts(&writer->buf, writer->style->open);
            cw_buf_puts(&writer->buf, decal->text);
            cw_buf_puts(&writer->buf, writer->style->close);
        } else {
            put_title(writer, &product->patterns[decal->pattern].title);
        }
    }
}

/* ---- the other options ----------------------------------------------------------------------- */

static void mark(bool *told, uint32_t option) {
    if (option != CW_NONE)
        told[option] = true;
}

/* Options whose value parts and decals already told. */
static void mark_told(const struct cw_product *product, bool *told) {
    for (size_t p = 0; p < product->part_count; p++) {
        mark(told, product->parts[p].material_option);
        mark(told, product->parts[p].colour_option);
    }
    for (size_t i = 0; i < product->pattern_use_count; i++) {
        mark(told, product->pattern_uses[i].pattern_option);
        mark(told, product->pattern_uses[i].colour_option);
    }
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        if (option->kind != CW_OPTION_TEXT)
            continue;
        told[o] = option->text.surface != CW_NONE;
        mark(told, option->text.font_option);
        mark(told, option->text.colour_option);
        mark(told, option->text.rotation_option);
    }
}

static void put_members(struct writer *writer, const struct cw_option *option, uint64_t set) {
    bool more = false;
    for (size_t c = 0; c < option->choice_count; c++) {
        if (!(set >> c & 1))
            continue;
        cw_buf_puts(&writer->buf, more ? writer->style->comma : "");
        put_title(writer, &option->choices[c].title);
        more = true;
    }
}

static void put_option(struct writer *writer, const struct cw_pick *pick) {
    const struct cw_option *option = &writer->product->options[pick->option];
    bool nothing = (option->kind == CW_OPTION_FLAG && pick->value.choice == 0) ||
                   (option->kind == CW_OPTION_MULTI && pick->value.multi == 0) ||
                   (option->kind == CW_OPTION_TEXT && !pick->value.text[0]);
    if (nothing)
        return;
    next_item(writer);
    put_small(writer, &option->title);
    if (option->kind == CW_OPTION_FLAG)
        return;
    cw_buf_puts(&writer->buf, writer->style->material_first ? writer->style->colon : " ");
    if (option->kind == CW_OPTION_CHOICE)
        put_title(writer, &option->choices[pick->value.choice].title);
    else if (option->kind == CW_OPTION_MULTI)
        put_members(writer, option, pick->value.multi);
    else if (option->kind == CW_OPTION_NUMBER)
        cw_buf_printf(&writer->buf, "%lld", (long long)pick->value.number);
    else
        cw_buf_printf(&writer->buf, "%s%s%s", writer->style->open, pick->value.text,
                      writer->style->close);
}

char *cw_alt_text(const struct cw_product *product, const struct cw_resolved *resolved,
                  const char *locale, struct cw_arena *arena) {
    struct writer writer = {
        .product = product, .resolved = resolved, .locale = locale, .style = style_for(locale)};
    bool *told = cw_arena_array(arena, product->option_count + 1, sizeof *told);
    put_title(&writer, &product->title);
    put_parts(&writer);
    put_decals(&writer);
    mark_told(product, told);
    for (size_t i = 0; i < resolved->selection.count; i++)
        if (!told[resolved->selection.picks[i].option] &&
            !product->options[resolved->selection.picks[i].option].derive)
            put_option(&writer, &resolved->selection.picks[i]);
    char *text = cw_arena_strdup(arena, writer.buf.data ? writer.buf.data : "");
    cw_buf_deinit(&writer.buf);
    return text;
}
