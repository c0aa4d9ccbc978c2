/*
 * Responsible for: the release rule: may a factory start from this document without asking
 * anything? Does not: share code with the building of specs, so that a mistake there is seen here.
 * Server and command line.
 */
#include <string.h>

#include "base/json.h"
#include "base/unicode.h"
#include "manufacturing/spec.h"

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool has_id(const json_t *list, const char *id) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(text_of(json_array_get(list, i), "id"), id) == 0) {
            return true;
        }
    }
    return false;
}

struct check {
    const json_t *spec;
    struct cw_faults *faults;
    const char *section;
    size_t index;
};

static void fault(struct check *c, const char *code, const char *member, const char *message) {
    CW_AUTO_BUF struct cw_buf pointer = {0};
    cw_buf_printf(&pointer, "/%s/%zu%s%s", c->section, c->index, *member ? "/" : "", member);
    cw_fault_add(c->faults, code, pointer.data, "%s", message);
}

/* The member names an entry of a section. */
static void check_reference(struct check *c, const json_t *item, const char *member,
                            const char *section) {
    if (!has_id(json_object_get(c->spec, section), text_of(item, member))) {
        fault(c, "spec.reference", member, "names nothing that is in this spec");
    }
}

static void check_references(struct check *c, const json_t *item, const char *member,
                             const char *section) {
    const json_t *names = json_object_get(item, member);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!name || !has_id(json_object_get(c->spec, section), name)) {
            fault(c, "spec.reference", member, "names something that is not in this spec");
        }
    }
}

static bool is_digest(const char *text) {
    return strlen(text) == 72 && strncmp(text, "sha-256:", 8) == 0 &&
           strspn(text + 8, "0123456789abcdef") == 64;
}

static void check_part(struct check *c, const json_t *item) {
    check_reference(c, item, "material", "materials");
    check_reference(c, item, "colour", "colours");
}

static void check_colour(struct check *c, const json_t *item) {
    const json_t *lab = json_object_get(item, "Lab");
    if (!json_is_number(json_object_get(lab, "L")) || !json_is_number(json_object_get(lab, "a")) ||
        !json_is_number(json_object_get(lab, "b"))) {
        fault(c, "spec.colour", "Lab", "a colour without CIELAB values cannot be matched");
    }
    if (json_number_value(json_object_get(json_object_get(item, "tolerance"), "max")) <= 0) {
        fault(c, "spec.colour", "tolerance", "a colour without tolerance cannot be judged");
    }
}

static void check_text(struct check *c, const json_t *content) {
    const char *text = text_of(content, "text");
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *normal;
    if (cw_text_normalise(arena, text, strlen(text), &normal, NULL) != CW_OK ||
        strcmp(normal, text) != 0 || !*text) {
        fault(c, "spec.text", "content/text", "the text is empty or not in normal form NFC");
    }
    if (!json_is_true(json_object_get(content, "fontOutlined"))) {
        fault(c, "spec.text", "content/fontOutlined", "the font is not outlined");
    }
}

/* Exactly the layouts that have it carry this member. */
static bool goes_with(const json_t *lettering, const char *member, bool wanted) {
    return (json_object_get(lettering, member) != NULL) == wanted;
}

/* Lengths are squares of micrometres below 2^64: sizes are at most 10 m. */
static double square(const json_t *object, const char *name) {
    double length = json_number_value(json_object_get(object, name));
    return length * length;
}

/* Documents from before there was lettering have none: their texts are plain lines. */
static void check_lettering(struct check *c, const json_t *item) {
    const json_t *lettering = json_object_get(json_object_get(item, "content"), "lettering");
    const json_t *size = json_object_get(item, "size");
    if (!lettering) {
        return;
    }
    const char *layout = text_of(lettering, "layout");
    if (!goes_with(lettering, "radius", strncmp(layout, "arc", 3) == 0) ||
        !goes_with(lettering, "path", strcmp(layout, "path") == 0)) {
        fault(c, "spec.lettering", "content/lettering", "the baseline is not told, or told twice");
    }
    json_int_t em = json_integer_value(json_object_get(lettering, "em"));
    if (em < json_integer_value(json_object_get(lettering, "minLetter")) || em <= 0) {
        fault(c, "spec.lettering", "content/lettering/em",
              "the letters are lower than the process makes");
    }
    /* turned by whatever angle, what is inside an area has no longer diagonal than it */
    if (square(lettering, "inkWidth") <= 0 || square(lettering, "inkHeight") <= 0 ||
        square(lettering, "inkWidth") + square(lettering, "inkHeight") >
            square(size, "width") + square(size, "height")) {
        fault(c, "spec.lettering", "content/lettering/inkWidth",
              "the letters have no size, or are larger than the artwork");
    }
}

static void check_file(struct check *c, const json_t *file, const char *member) {
    if (!is_digest(text_of(file, "digest")) || !*text_of(file, "URL") ||
        json_integer_value(json_object_get(file, "FileSize")) <= 0) {
        fault(c, "spec.artwork", member, "the file cannot be found or checked");
    }
}

static void check_artwork(struct check *c, const json_t *item) {
    const json_t *size = json_object_get(item, "size"),
                 *others = json_object_get(item, "alternates");
    check_file(c, json_object_get(item, "FileSpec"), "FileSpec");
    for (size_t i = 0; i < json_array_size(others); i++) {
        check_file(c, json_array_get(others, i), "alternates");
    }
    if (json_integer_value(json_object_get(size, "width")) <= 0 ||
        json_integer_value(json_object_get(size, "height")) <= 0) {
        fault(c, "spec.artwork", "size", "the artwork has no size");
    }
    const json_t *pictures = json_object_get(item, "pictures");
    for (size_t i = 0; i < json_array_size(pictures); i++) {
        const json_t *picture = json_array_get(pictures, i);
        check_file(c, json_object_get(picture, "FileSpec"), "pictures");
        if (json_integer_value(json_object_get(picture, "width")) <= 0 ||
            json_integer_value(json_object_get(picture, "height")) <= 0) {
            fault(c, "spec.artwork", "pictures", "a picture has no size");
        }
    }
    if (strcmp(text_of(json_object_get(item, "content"), "kind"), "text") == 0) {
        check_text(c, json_object_get(item, "content"));
        check_lettering(c, item);
    }
}

static void check_placement(struct check *c, const json_t *item) {
    check_reference(c, item, "part", "parts");
    check_reference(c, item, "artwork", "artworks");
    if (!*text_of(item, "datum") || !json_is_integer(json_object_get(item, "x")) ||
        !json_is_integer(json_object_get(item, "y"))) {
        fault(c, "spec.placement", "datum", "nobody can tell where this goes");
    }
    const json_t *operations = json_object_get(c->spec, "operations");
    for (size_t i = 0; i < json_array_size(operations); i++) {
        const json_t *placements = json_object_get(json_array_get(operations, i), "placements");
        for (size_t k = 0; k < json_array_size(placements); k++) {
            if (strcmp(json_string_value(json_array_get(placements, k)), text_of(item, "id")) ==
                0) {
                return;
            }
        }
    }
    fault(c, "spec.placement", "id", "no operation makes this placement");
}

static void check_operation(struct check *c, const json_t *item) {
    if (!*text_of(json_object_get(item, "workCentre"), "EquipmentClassID")) {
        fault(c, "spec.operation", "workCentre", "the operation has no work centre");
    }
    check_references(c, item, "parts", "parts");
    check_references(c, item, "materials", "materials");
    check_references(c, item, "placements", "placements");
    check_references(c, item, "checks", "checks");
    check_references(c, item, "dependsOn", "operations");
}

static void check_quality(struct check *c, const json_t *item) {
    const json_t *operations = json_object_get(c->spec, "operations");
    for (size_t i = 0; i < json_array_size(operations); i++) {
        const json_t *checks = json_object_get(json_array_get(operations, i), "checks");
        for (size_t k = 0; k < json_array_size(checks); k++) {
            if (strcmp(json_string_value(json_array_get(checks, k)), text_of(item, "id")) == 0) {
                return;
            }
        }
    }
    if (strcmp(text_of(item, "severity"), "critical") == 0) {
        fault(c, "spec.check", "id", "a critical check that no operation performs");
    }
}

static void check_preview(struct check *c, const json_t *item) {
    if (!is_digest(text_of(item, "digest")) || !*text_of(item, "URL")) {
        fault(c, "spec.preview", "", "the picture cannot be found or checked");
    }
}

/* Every text on the product is read back by a critical check. */
static void check_spelling(struct check *c) {
    const json_t *artworks = json_object_get(c->spec, "artworks"),
                 *checks = json_object_get(c->spec, "checks");
    c->section = "artworks";
    for (c->index = 0; c->index < json_array_size(artworks); c->index++) {
        const char *text =
            text_of(json_object_get(json_array_get(artworks, c->index), "content"), "text");
        bool read_back = !*text;
        for (size_t k = 0; k < json_array_size(checks); k++) {
            const json_t *check = json_array_get(checks, k);
            read_back |= strcmp(text_of(check, "nominal"), text) == 0 &&
                         strcmp(text_of(check, "severity"), "critical") == 0;
        }
        if (!read_back) {
            fault(c, "spec.check", "content/text", "no critical check reads this text back");
        }
    }
}

static const struct section {
    const char *name;
    bool needed; /* an empty one is a finding */
    void (*check)(struct check *c, const json_t *item);
} sections[] = {
    {"parts", true, check_part},           {"colours", true, check_colour},
    {"artworks", false, check_artwork},    {"placements", false, check_placement},
    {"operations", true, check_operation}, {"checks", true, check_quality},
    {"previews", true, check_preview},
};

enum cw_status cw_spec_check(const json_t *document, struct cw_faults *faults) {
    struct check c = {.spec = document, .faults = faults};
    size_t before = faults->count + faults->dropped;
    if (!json_is_object(document)) {
        cw_fault_add(faults, "spec.syntax", "", "this is no build spec");
        return CW_E_INPUT;
    }
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const json_t *list = json_object_get(document, sections[i].name);
        c.section = sections[i].name;
        if (sections[i].needed && json_array_size(list) == 0) {
            c.index = 0;
            fault(&c, "spec.empty", "", "the section is missing or empty");
        }
        for (c.index = 0; c.index < json_array_size(list); c.index++) {
            sections[i].check(&c, json_array_get(list, c.index));
        }
    }
    check_spelling(&c);
    return faults->count + faults->dropped == before ? CW_OK : CW_E_INPUT;
}
