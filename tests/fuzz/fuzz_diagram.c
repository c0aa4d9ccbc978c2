/*
 * Files of compiled rules: the loader must refuse what breaks the layout, and what it accepts must
 * answer every question without a contradiction. Input: a whole file; its length and digest are put
 * right here, so that changes behind them are reached.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../support/diagram_invariants.h"
#include "../support/diagram_maker.h"
#include "fuzz.h"

#define SEEDS 2

static enum cw_status open_and_ask(const void *data, size_t size) {
    struct cw_diagram *diagram = NULL;
    struct cw_error err = {0};
    enum cw_status status = cw_diagram_open(data, size, &diagram, &err);
    if (status != CW_OK) {
        assert(status == CW_E_INPUT && err.code && err.message[0] && !diagram);
        return status;
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        cw_diagram_check_invariants(diagram, seed * 1000 + size);
    cw_diagram_free(diagram);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = calloc(size + 1, 1); /* aligned, and ours to change */
    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    (void)open_and_ask(copy, size);
    if (size >= sizeof(struct cw_diagram_header)) {
        cw_diagram_seal(copy, size);
        (void)open_and_ask(copy, size);
    }
    free(copy);
    return 0;
}
