/*
 * Responsible for: a case's recorded documents against what was made now, by JSON value; recording
 * them. Does not: decode pictures (golden_picture.c) or run a design (golden_make.c). The golden
 * test program.
 */
#include "golden.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

/* One recorded file and what was made now. */
struct document {
    struct golden *golden;
    struct cw_arena *arena;
    const char *file, *path;
    json_t *made;   /* NULL: there must be no file */
    json_t *wanted; /* NULL: there is no file */
    struct cw_buf *notes;
};

/* ---- first difference ------------------------------------------------------------------------ */

static bool differ_at(struct cw_arena *arena, const json_t *a, const json_t *b, const char *pointer,
                      const char **ret_pointer);

static bool differ_in_object(struct cw_arena *arena, const json_t *a, const json_t *b,
                             const char *pointer, const char **ret_pointer) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)a, name, value) {
        if (differ_at(arena, value, json_object_get(b, name), cw_json_pointer(arena, pointer, name),
                      ret_pointer)) {
            return true;
        }
    }
    json_object_foreach((json_t *)(uintptr_t)b, name, value) {
        if (!json_object_get(a, name)) {
            *ret_pointer = cw_json_pointer(arena, pointer, name);
            return true;
        }
    }
    return false;
}

static bool differ_in_array(struct cw_arena *arena, const json_t *a, const json_t *b,
                            const char *pointer, const char **ret_pointer) {
    size_t count =
        json_array_size(a) > json_array_size(b) ? json_array_size(a) : json_array_size(b);
    for (size_t i = 0; i < count; i++) {
        if (differ_at(arena, json_array_get(a, i), json_array_get(b, i),
                      cw_json_pointer_index(arena, pointer, i), ret_pointer)) {
            return true;
        }
    }
    return false;
}

/* Depth is bounded: both documents passed cw_json_read or were built here. */
static bool differ_at(struct cw_arena *arena, const json_t *a, const json_t *b, const char *pointer,
                      const char **ret_pointer) {
    if (json_is_object(a) && json_is_object(b)) {
        return differ_in_object(arena, a, b, pointer, ret_pointer);
    }
    if (json_is_array(a) && json_is_array(b)) {
        return differ_in_array(arena, a, b, pointer, ret_pointer);
    }
    if (a && b && json_equal(a, b)) {
        return false;
    }
    *ret_pointer = pointer;
    return true;
}

static const char *shown(struct cw_arena *arena, const json_t *root, const char *pointer) {
    const json_t *value = cw_json_at(root, pointer);
    const char *text = value ? cw_json_canonical_dup(arena, value) : "nothing";
    return strlen(text) > 120 ? cw_arena_printf(arena, "%.117s…", text) : text;
}

/* ---- what another machine's fonts and libraries change --------------------------------------- */

/* Take digests of drawn bytes, and what is derived from them, out of a spec. */
static void mask_spec(json_t *spec) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(spec, "artworks"), i, item) {
        json_object_del(item, "FileSpec");
        json_object_del(item, "alternates");
    }
    json_array_foreach(json_object_get(spec, "previews"), i, item) {
        json_object_del(item, "digest");
        json_object_del(item, "URL");
    }
    json_object_del(spec, "integrity");
}

/* ---- one document ---------------------------------------------------------------------------- */

static bool read_wanted(struct document *d) {
    struct cw_error err = {0};
    char *text;
    size_t length;
    if (!cw_file_exists(d->path)) {
        return true;
    }
    if (cw_file_read(d->arena, d->path, GOLDEN_FILE_BYTES, &text, &length, &err) != CW_OK ||
        cw_json_read(d->arena, text, length, GOLDEN_FILE_BYTES, &d->wanted, &err) != CW_OK) {
        cw_buf_printf(d->notes, "%s cannot be read: %s\n", d->file, err.message);
        return false;
    }
    return true;
}

static bool record(struct document *d, bool same) {
    struct cw_error err = {0};
    if (same) {
        return true;
    }
    if (!d->made) {
        return unlink(d->path) == 0;
    }
    char *text = json_dumps(d->made, JSON_INDENT(1));
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, text);
    cw_buf_putc(&buf, '\n');
    free(text);
    if (cw_file_write_atomic(d->path, buf.data, buf.length, 0644, &err) != CW_OK) {
        cw_buf_printf(d->notes, "%s: %s\n", d->file, err.message);
        return false;
    }
    return true;
}

static bool same_values(struct document *d) {
    if (!d->made || !d->wanted) {
        if (d->made || d->wanted) {
            cw_buf_printf(d->notes, "%s is %s\n", d->file,
                          d->made ? "not recorded" : "recorded, but there is no such thing now");
        }
        return !d->made && !d->wanted;
    }
    const char *pointer;
    if (!differ_at(d->arena, d->wanted, d->made, "", &pointer)) {
        return true;
    }
    cw_buf_printf(d->notes, "%s differs at '%s': recorded %s, now %s\n", d->file, pointer,
                  shown(d->arena, d->wanted, pointer), shown(d->arena, d->made, pointer));
    return false;
}

static bool compare_document(struct document *d) {
    if (!read_wanted(d)) {
        return false;
    }
    if (d->golden->other_fonts && strcmp(d->file, "spec.json") == 0 && d->made && d->wanted) {
        mask_spec(d->made);
        mask_spec(d->wanted);
    }
    if (d->golden->write) {
        CW_AUTO_BUF struct cw_buf ignored = {0};
        struct cw_buf *notes = d->notes;
        d->notes = &ignored;
        bool same = same_values(d);
        d->notes = notes;
        return record(d, same);
    }
    return same_values(d);
}

/* resolved.json is for reading; what counts are the canonical bytes the digest is taken of. */
static bool compare_canonical(const struct document *d, const char *canonical) {
    if (!d->wanted || !canonical ||
        strcmp(cw_json_canonical_dup(d->arena, d->wanted), canonical) == 0) {
        return true;
    }
    cw_buf_puts(d->notes,
                "resolved.json has the same values, but its canonical bytes are not those the "
                "steps use\n");
    return false;
}

bool golden_compare(struct golden *golden, const char *name, const struct golden_made *made,
                    struct cw_buf *ret_notes) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct {
        const char *file;
        json_t *made;
    } documents[] = {{"error.json", made->error},
                     {"resolved.json", made->resolved},
                     {"price.json", made->price},
                     {"text.json", made->text},
                     {"spec.json", made->spec}};
    bool same = true;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct document d = {
            .golden = golden,
            .arena = arena,
            .file = documents[i].file,
            .path = cw_arena_printf(arena, "%s/%s/%s", golden->cases, name, documents[i].file),
            .made = documents[i].made,
            .notes = ret_notes};
        if (golden->other_fonts && strcmp(d.file, "text.json") == 0) {
            continue;
        }
        bool equal = compare_document(&d);
        if (equal && !golden->write && strcmp(d.file, "resolved.json") == 0) {
            equal = compare_canonical(&d, made->canonical);
        }
        same = equal && same;
    }
    if (!golden->other_fonts) {
        same = golden_compare_picture(golden, name, made->picture, ret_notes) && same;
    }
    return same;
}
