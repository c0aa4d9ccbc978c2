/* Selections: option -> value pairs, maybe partial, checked one by one against a product version.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The member that counts is given by the option's kind. */
struct cw_value {
    uint32_t choice;  /* CHOICE: index; FLAG: 0 or 1 */
    uint64_t multi;   /* MULTI: a bit per choice */
    int64_t number;   /* NUMBER */
    const char *text; /* TEXT: UTF-8, NFC, case applied; "" is none. Of an artwork option: a
                         placement, configure/placement.h */
};

struct cw_pick {
    uint32_t option;
    struct cw_value value;
};

/* Ordered by option, no option twice. */
struct cw_selection {
    size_t count;
    const struct cw_pick *picks;
};
