/* A set of names with a number each, and ids made from names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define CW_NAMES_NONE UINT32_MAX

/* Zero-initialise; everything lives in the arena. */
struct cw_names {
    struct cw_arena *arena;
    size_t count, capacity; /* capacity: a power of two */
    struct cw_names_slot {
        const char *name; /* NULL: free */
        uint32_t number;
    } * slots;
};

/* The number of a name, or CW_NAMES_NONE. */
uint32_t cw_names_find(const struct cw_names *names, const char *name);
/* Add a name that is not there yet; false when it is. The name is borrowed. */
bool cw_names_add(struct cw_names *names, const char *name, uint32_t number);

/*
 * An id no other name of the set has: lower-case letters, digits and single '-' or '_' between
 * them, at most CW_ID_STEM bytes and a number; never a '.', which is left for helpers. Letters lose
 * their case, runs of '_' become one '_', runs of anything else one '-'; a leading digit gets "f-"
 * before it, a reserved word "-f" behind it; what is taken gets "-2", "-3" … behind it. Depends
 * only on the order of names. Taken into the set under `number`.
 */
#define CW_ID_STEM 40
const char *cw_names_make_id(struct cw_names *names, const char *name, uint32_t number);
