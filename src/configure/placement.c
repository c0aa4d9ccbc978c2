/*
 * Reading and writing where a shopper's picture lies. Does not know whether the picture exists: the
 * context's facts say. Server process, any thread.
 */
#include "configure/placement.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cordwain/limits.h"

#define TURN_MDEG 360000

/* Members of the object beside the id, and of the text in this order. */
static const struct {
    const char *name;
    int32_t low, high;
} members[] = {{"xUm", -CW_ARTWORK_SIDE_UM, CW_ARTWORK_SIDE_UM},
               {"yUm", -CW_ARTWORK_SIDE_UM, CW_ARTWORK_SIDE_UM},
               {"widthUm", 0, CW_ARTWORK_SIDE_UM},
               {"rotationMdeg", -TURN_MDEG, TURN_MDEG}};
#define MEMBERS (sizeof members / sizeof members[0])

/* The canonical text of a placement, which is the option's value. */
static void placement_text(const struct cw_placement *p, char ret_text[CW_PLACEMENT_TEXT]) {
    (void)snprintf(ret_text, CW_PLACEMENT_TEXT, "%s,%d,%d,%d,%d", p->id, p->at_um[0], p->at_um[1],
                   p->width_um, p->rotation_mdeg);
}

static bool fault(const struct cw_value_reader *reader, const char *member, const char *why) {
    const char *pointer =
        *member ? cw_json_pointer(reader->arena, reader->pointer, member) : reader->pointer;
    cw_fault_add(reader->faults, "artwork.placement", pointer, "%s", why);
    return false;
}

static bool read_id(const struct cw_value_reader *reader, const char *member, const char *id,
                    size_t length, struct cw_placement *ret) {
    if (length != CW_ARTWORK_ID || strspn(id, "0123456789abcdef") < length)
        return fault(reader, member, "name a picture by the id that its upload was answered");
    memcpy(ret->id, id, length);
    ret->id[length] = '\0';
    return true;
}

static bool read_number(const struct cw_value_reader *reader, size_t index, const char *at,
                        int64_t value, int32_t *ret) {
    if (value >= members[index].low && value <= members[index].high) {
        *ret = (int32_t)value;
        return true;
    }
    return fault(reader, at,
                 cw_arena_printf(reader->arena, "%s is %d to %d", members[index].name,
                                 members[index].low, members[index].high));
}

static const char *finish(const struct cw_value_reader *reader, struct cw_placement *placement,
                          const int32_t numbers[MEMBERS]) {
    char text[CW_PLACEMENT_TEXT];
    placement->at_um[0] = numbers[0];
    placement->at_um[1] = numbers[1];
    placement->width_um = numbers[2];
    int32_t turned = numbers[3] % TURN_MDEG;
    placement->rotation_mdeg = turned > TURN_MDEG / 2     ? turned - TURN_MDEG
                               : turned <= -TURN_MDEG / 2 ? turned + TURN_MDEG
                                                          : turned;
    placement_text(placement, text);
    return cw_arena_strdup(reader->arena, text);
}

/* Digits with an optional minus, up to a comma or the end. */
static bool next_number(const char **at, int64_t *ret) {
    const char *digits = *at + (**at == '-');
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 9 || (digits[length] != ',' && digits[length] != '\0'))
        return false;
    *ret = strtoll(*at, NULL, 10);
    *at = digits + length + (digits[length] == ',');
    return true;
}

bool cw_placement_read_text(const struct cw_value_reader *reader, const char *text,
                            const char **ret) {
    struct cw_placement placement = {0};
    int32_t numbers[MEMBERS] = {0};
    size_t length = strcspn(text, ",");
    const char *at = text + length + (text[length] == ',');
    if (*text == '\0') {
        *ret = "";
        return true;
    }
    if (!read_id(reader, "", text, length, &placement))
        return false;
    for (size_t i = 0; text[length] == ',' && i < MEMBERS; i++) {
        int64_t value;
        if (!next_number(&at, &value) || (i + 1 < MEMBERS) != (at[-1] == ','))
            return fault(reader, "", "a picture is id,x,y,width,rotation in whole numbers");
        if (!read_number(reader, i, "", value, &numbers[i]))
            return false;
    }
    *ret = finish(reader, &placement, numbers);
    return true;
}

static size_t member_index(const char *name) {
    size_t i = 0;
    while (i < MEMBERS && strcmp(members[i].name, name) != 0)
        i++;
    return i;
}

bool cw_placement_read_json(const struct cw_value_reader *reader, const json_t *json,
                            const char **ret) {
    struct cw_placement placement = {0};
    int32_t numbers[MEMBERS] = {0};
    const char *name;
    json_t *member;
    bool good = true;
    if (json_is_null(json)) {
        *ret = "";
        return true;
    }
    json_object_foreach((json_t *)json, name, member) {
        size_t index = member_index(name);
        if (strcmp(name, "artwork") == 0 && json_is_string(member))
            good &= read_id(reader, name, json_string_value(member), json_string_length(member),
                            &placement);
        else if (index == MEMBERS || !json_is_integer(member))
            good = fault(reader, name,
                         index == MEMBERS ? "a placement has artwork, xUm, yUm, widthUm and "
                                            "rotationMdeg"
                                          : "this is a whole number");
        else
            good &= read_number(reader, index, name, json_integer_value(member), &numbers[index]);
    }
    if (good && placement.id[0] == '\0')
        good = fault(reader, "artwork", "name a picture by the id that its upload was answered");
    if (good)
        *ret = finish(reader, &placement, numbers);
    return good;
}

bool cw_placement_parse(const char *text, struct cw_placement *ret) {
    struct cw_placement placement = {0};
    if (strlen(text) <= CW_ARTWORK_ID)
        return false;
    memcpy(placement.id, text, CW_ARTWORK_ID);
    const char *at = text + CW_ARTWORK_ID + 1;
    int32_t *const numbers[] = {&placement.at_um[0], &placement.at_um[1], &placement.width_um,
                                &placement.rotation_mdeg};
    for (size_t i = 0; i < MEMBERS; i++) {
        int64_t value;
        if (!next_number(&at, &value))
            return false;
        *numbers[i] = (int32_t)value;
    }
    *ret = placement;
    return true;
}

/* Members in name order, as RFC 8785 asks. */
void cw_placement_encode(const char *text, struct cw_buf *buf) {
    struct cw_placement p;
    if (!cw_placement_parse(text, &p))
        cw_buf_puts(buf, "null");
    else
        cw_buf_printf(buf,
                      "{\"artwork\":\"%s\",\"rotationMdeg\":%d,\"widthUm\":%d,\"xUm\":%d,"
                      "\"yUm\":%d}",
                      p.id, p.rotation_mdeg, p.width_um, p.at_um[0], p.at_um[1]);
}

/* Rounded; both sides fit 62 bits. */
static int32_t scaled(int64_t length, int64_t by, int64_t of) {
    int64_t value = (length * by + of / 2) / of;
    return value < 1 ? 1 : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

void cw_placement_box(const struct cw_placement *placement, const struct cw_surface *surface,
                      const struct cw_artwork_fact *fact, int32_t ret_box_um[4]) {
    const int32_t *area = surface->artwork_um;
    int32_t width = placement->width_um;
    if (width == 0) { /* contained in the area */
        int32_t by_height = scaled(area[3], fact->width_px, fact->height_px);
        width = by_height < area[2] ? by_height : area[2];
    }
    ret_box_um[0] = area[0] + area[2] / 2 + placement->at_um[0];
    ret_box_um[1] = area[1] + area[3] / 2 + placement->at_um[1];
    ret_box_um[2] = width;
    ret_box_um[3] = scaled(width, fact->height_px, fact->width_px);
}

const struct cw_artwork_fact *cw_artwork_fact_find(const struct cw_configure_context *context,
                                                   const char *id) {
    for (size_t i = 0; i < context->artwork_count; i++)
        if (strcmp(context->artworks[i].id, id) == 0)
            return &context->artworks[i];
    return NULL;
}
