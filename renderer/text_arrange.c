/*
 * Places the glyphs of a shaped text: in a line, from top to bottom, or as a monogram.
 *
 * Does not follow curves (text_curve.c) nor choose a size (text.c). Runs in the renderer worker.
 */
#include "text_arrange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

#define SMALL_CAPITAL 0.8  /* a synthetic small capital, of a capital */
#define EM_TOP        880  /* [design px] of an East Asian glyph's box above the baseline */
#define MIDDLE        350  /* [design px] middle of sideways letters above the baseline */
#define GAP           110  /* [design px] between the letters of a monogram */
#define BESIDE        0.62 /* letters beside a large middle one */
#define STACKED       0.45 /* letters above each other beside a large one */

static int64_t to_units(double px) {
    return llround(px * CW_DESIGN_UNITS_PER_PX);
}

enum cw_status cw_lettered_take(cairo_t *cr, struct cw_lettered *ret, struct cw_error *err) {
    double x0, y0, x1, y1;
    cairo_path_extents(cr, &x0, &y0, &x1, &y1);
    cairo_path_t *path = cairo_copy_path(cr);
    cairo_new_path(cr);
    ret->left = to_units(x0);
    ret->top = to_units(y0);
    ret->size[0] = to_units(x1) - ret->left;
    ret->size[1] = to_units(y1) - ret->top;
    if (path->status == CAIRO_STATUS_SUCCESS && ret->size[0] > 0 && ret->size[1] > 0) {
        ret->path = path;
        return CW_OK;
    }
    enum cw_status status = path->status == CAIRO_STATUS_SUCCESS
                                ? cw_fail(err, CW_E_INPUT, "render.text", "text has no ink")
                                : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    cairo_path_destroy(path);
    return status;
}

/* ---- clusters -------------------------------------------------------------------------------- */

static struct cw_cluster cluster_at(const struct cw_shaped *shaped, const PangoGlyphItem *run,
                                    int first) {
    const PangoGlyphString *glyphs = run->glyphs;
    struct cw_cluster cluster = {.run = run, .first = first, .scale = 1};
    double width = 0;
    do
        width += glyphs->glyphs[first + cluster.count++].geometry.width;
    while (first + cluster.count < glyphs->num_glyphs &&
           glyphs->log_clusters[first + cluster.count] == glyphs->log_clusters[first]);
    cluster.byte = (size_t)(run->item->offset + glyphs->log_clusters[first]);
    if (shaped->small.data[cluster.byte])
        cluster.scale = SMALL_CAPITAL;
    cluster.advance = width / PANGO_SCALE * cluster.scale;
    cluster.joined = cw_script_is_joined((GUnicodeScript)run->item->analysis.script);
    return cluster;
}

enum cw_status cw_clusters_of(const struct cw_shaped *shaped, struct cw_clusters *ret,
                              struct cw_error *err) {
    PangoLayoutLine *line = pango_layout_get_line_readonly(shaped->layout, 0);
    size_t most = 1;
    for (GSList *at = line->runs; at; at = at->next)
        most += (size_t)((const PangoGlyphItem *)at->data)->glyphs->num_glyphs;
    struct cw_clusters clusters = {.items = calloc(most, sizeof *clusters.items)};
    if (!clusters.items)
        return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    for (GSList *at = line->runs; at; at = at->next) {
        const PangoGlyphItem *run = at->data;
        for (int i = 0; i < run->glyphs->num_glyphs;) {
            struct cw_cluster *cluster = &clusters.items[clusters.count++];
            *cluster = cluster_at(shaped, run, i);
            clusters.advance += cluster->advance;
            i += cluster->count;
        }
    }
    *ret = clusters;
    return CW_OK;
}

void cw_clusters_deinit(struct cw_clusters *clusters) {
    free(clusters->items);
    *clusters = (struct cw_clusters){0};
}

cairo_path_t *cw_cluster_path(const struct cw_shaped *shaped, const struct cw_cluster *cluster) {
    PangoGlyphString *glyphs = pango_glyph_string_new();
    pango_glyph_string_set_size(glyphs, cluster->count);
    for (int i = 0; i < cluster->count; i++) {
        glyphs->glyphs[i] = cluster->run->glyphs->glyphs[cluster->first + i];
        glyphs->log_clusters[i] = 0;
    }
    cairo_t *cr = cw_stack_scratch(shaped->stack);
    cairo_new_path(cr);
    cairo_move_to(cr, 0, 0);
    pango_cairo_glyph_string_path(cr, cluster->run->item->analysis.font, glyphs);
    pango_glyph_string_free(glyphs);
    cairo_path_t *path = cairo_copy_path(cr);
    cairo_new_path(cr);
    return path;
}

static void append(cairo_t *to, const struct cw_shaped *shaped, const struct cw_cluster *cluster,
                   const cairo_matrix_t *place) {
    cairo_path_t *path = cw_cluster_path(shaped, cluster);
    cairo_save(to);
    cairo_transform(to, place);
    cairo_append_path(to, path);
    cairo_restore(to);
    cairo_path_destroy(path);
}

/* ---- layouts --------------------------------------------------------------------------------- */

static void arrange_line(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                         cairo_t *to) {
    double x = 0;
    for (size_t i = 0; i < clusters->count; i++) {
        const struct cw_cluster *cluster = &clusters->items[i];
        const cairo_matrix_t place = {cluster->scale, 0, 0, cluster->scale, x, 0};
        append(to, shaped, cluster, &place);
        x += cluster->advance;
    }
}

static bool stands_upright(gunichar c) {
    switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_HANGUL:
    case G_UNICODE_SCRIPT_BOPOMOFO:
        return true;
    default:
        return (c >= 0x3000 && c <= 0x30FF) || (c >= 0xFF00 && c <= 0xFFEF);
    }
}

static void arrange_vertical(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                             cairo_t *to) {
    double y = 0;
    for (size_t i = 0; i < clusters->count; i++) {
        const struct cw_cluster *cluster = &clusters->items[i];
        double scale = cluster->scale;
        cairo_matrix_t place = {0, scale, -scale, 0, -MIDDLE * scale, y};
        if (stands_upright(g_utf8_get_char(shaped->text.data + cluster->byte)))
            place = (cairo_matrix_t){1, 0, 0, 1, -CW_DESIGN_EM_PX / 2.0, y + EM_TOP};
        append(to, shaped, cluster, &place);
        y += cluster->advance;
    }
}

/* ---- monograms ------------------------------------------------------------------------------- */

struct initial {
    const struct cw_cluster *cluster;
    double left, right; /* ink, design px */
};

/* One to three letters in the order of the text; 0 for anything else. */
static size_t find_initials(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                            struct initial ret[3]) {
    size_t found = 0;
    cairo_t *cr = cw_stack_scratch(shaped->stack);
    for (size_t i = 0; i < clusters->count; i++) {
        const struct cw_cluster *cluster = &clusters->items[i];
        gunichar c = g_utf8_get_char(shaped->text.data + cluster->byte);
        if (g_unichar_type(c) == G_UNICODE_FORMAT)
            continue;
        if (!g_unichar_isalpha(c) || found == 3)
            return 0;
        size_t at = found++;
        for (; at > 0 && ret[at - 1].cluster->byte > cluster->byte; at--)
            ret[at] = ret[at - 1]; /* drawn from right to left */
        cairo_path_t *path = cw_cluster_path(shaped, cluster);
        cairo_append_path(cr, path);
        cairo_path_destroy(path);
        double top, low;
        ret[at].cluster = cluster;
        cairo_path_extents(cr, &ret[at].left, &top, &ret[at].right, &low);
        cairo_new_path(cr);
    }
    return found;
}

/* Its ink from `x` on; returns where it ends. */
static double put_initial(cairo_t *to, const struct cw_shaped *shaped,
                          const struct initial *initial, double scale, const double at[2]) {
    const cairo_matrix_t place = {scale, 0, 0, scale, at[0] - initial->left * scale, at[1]};
    append(to, shaped, initial->cluster, &place);
    return at[0] + (initial->right - initial->left) * scale;
}

/* From the side the script is read from: Persian initials have the first one at the right. */
static void arrange_row(cairo_t *to, const struct cw_shaped *shaped, const struct initial *letters,
                        size_t count, bool centre) {
    static const uint8_t rows[] = {0, 1, 2}, centred[] = {0, 2, 1};
    const bool rtl = cw_text_is_rtl(shaped->text.data);
    const double cap = (double)cw_stack_cap_height(shaped->stack) / CW_DESIGN_UNITS_PER_PX;
    double x = 0;
    for (size_t i = 0; i < count; i++) {
        double scale = centre && i != 1 ? BESIDE : 1;
        const double at[2] = {x, -cap * (1 - scale) / 2};
        const uint8_t letter = (centre ? centred : rows)[rtl ? count - 1 - i : i];
        x = GAP + put_initial(to, shaped, &letters[letter], scale, at);
    }
}

static void arrange_stacked(cairo_t *to, const struct cw_shaped *shaped,
                            const struct initial *letters) {
    const double cap = (double)cw_stack_cap_height(shaped->stack) / CW_DESIGN_UNITS_PER_PX;
    const bool rtl = cw_text_is_rtl(shaped->text.data);
    double widths[2], start = 0;
    for (size_t i = 0; i < 2; i++)
        widths[i] = (letters[i].right - letters[i].left) * STACKED;
    const double width = widths[0] > widths[1] ? widths[0] : widths[1];
    if (rtl)
        start = GAP + put_initial(to, shaped, &letters[2], 1, (const double[2]){0, 0});
    for (size_t i = 0; i < 2; i++) {
        const double at[2] = {start + (width - widths[i]) / 2, i == 0 ? -cap * (1 - STACKED) : 0};
        put_initial(to, shaped, &letters[i], STACKED, at);
    }
    if (!rtl)
        put_initial(to, shaped, &letters[2], 1, (const double[2]){width + GAP, 0});
}

/* ---- all ------------------------------------------------------------------------------------- */

double cw_clusters_smallest(const struct cw_clusters *clusters) {
    for (size_t i = 0; i < clusters->count; i++)
        if (clusters->items[i].scale < 1)
            return SMALL_CAPITAL;
    return 1;
}

/* Fewer than three initials have no large one: they stand in a row. */
static double smallest_of(const struct cw_clusters *clusters, enum cw_layout layout) {
    double smallest = cw_clusters_smallest(clusters);
    return layout == CW_LAYOUT_MONOGRAM_CENTRE    ? BESIDE * smallest
           : layout == CW_LAYOUT_MONOGRAM_STACKED ? STACKED * smallest
                                                  : smallest;
}

static enum cw_status arrange(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                              enum cw_layout layout, struct cw_lettered *ret,
                              struct cw_error *err) {
    struct initial letters[3] = {0};
    size_t count = cw_layout_is_monogram(layout) ? find_initials(shaped, clusters, letters) : 3;
    if (count == 0)
        return CW_OK;
    if (count < 3)
        layout = CW_LAYOUT_MONOGRAM_ROW;
    ret->smallest = smallest_of(clusters, layout);
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    cairo_t *to = cairo_create(surface);
    cairo_surface_destroy(surface);
    if (layout == CW_LAYOUT_VERTICAL)
        arrange_vertical(shaped, clusters, to);
    else if (layout == CW_LAYOUT_MONOGRAM_STACKED)
        arrange_stacked(to, shaped, letters);
    else if (cw_layout_is_monogram(layout))
        arrange_row(to, shaped, letters, count, layout == CW_LAYOUT_MONOGRAM_CENTRE);
    else
        arrange_line(shaped, clusters, to);
    enum cw_status status = cw_lettered_take(to, ret, err);
    cairo_destroy(to);
    return status;
}

enum cw_status cw_text_arrange(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                               enum cw_layout layout, struct cw_lettered *ret,
                               struct cw_error *err) {
    struct cw_lettered result = {.smallest = cw_clusters_smallest(clusters)};
    enum cw_status status;
    if (layout == CW_LAYOUT_LINE && result.smallest >= 1) {
        cairo_t *cr = cw_stack_scratch(shaped->stack);
        cairo_new_path(cr);
        cairo_move_to(cr, 0, 0);
        pango_cairo_layout_line_path(cr, pango_layout_get_line_readonly(shaped->layout, 0));
        status = cw_lettered_take(cr, &result, err);
    } else {
        status = arrange(shaped, clusters, layout, &result, err);
    }
    if (status == CW_OK)
        *ret = result;
    return status;
}
