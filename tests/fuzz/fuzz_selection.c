/*
 * Fuzz: selections as JSON. Properties: decode of encode is the same; a refused one has a fault;
 * the answer's completion is accepted by the second reading of the rules; resolving twice is the
 * same; no price is negative. The product is the hand-written shoe of tests/support.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../support/shoe_product.h"
#include "base/json.h"
#include "configure/configure.h"
#include "cordwain/limits.h"
#include "fuzz.h"

static void must(bool holds) {
    if (!holds)
        abort();
}

static void encode_inverts(const struct cw_selection *selection, struct cw_arena *arena) {
    CW_AUTO_BUF struct cw_buf first = {0}, second = {0};
    struct cw_faults faults = {.arena = arena};
    struct cw_selection again;
    json_t *json;
    cw_selection_encode(&cw_shoe_product, selection, &first);
    must(cw_json_read(arena, first.data, first.length, CW_JSON_BYTES, &json, NULL) == CW_OK);
    must(cw_selection_decode(&cw_shoe_product, json, "", arena, &again, &faults) == CW_OK);
    cw_selection_encode(&cw_shoe_product, &again, &second);
    must(strcmp(first.data, second.data) == 0);
}

static void answers_agree(const struct cw_engine *engine, const struct cw_selection *selection,
                          struct cw_arena *arena) {
    struct cw_configure_context context = {.quantity = 1};
    struct cw_resolved first, second;
    struct cw_answer answer;
    struct cw_faults faults = {.arena = arena};
    must(cw_configure(engine, selection, &context, arena, &answer, NULL) == CW_OK);
    must(answer.price.total_minor >= 0);
    must(answer.consistent || answer.issue_count > 0);
    must(cw_resolve(engine, selection, &context, CW_RESOLVE_LENIENT, arena, &first, &faults) ==
         CW_OK);
    if (!answer.consistent)
        return;
    must(cw_resolve(engine, &answer.completion, &context, CW_RESOLVE_LENIENT, arena, &second,
                    &faults) == CW_OK);
    must(strcmp(first.digest, second.digest) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_selection selection;
    struct cw_engine *engine;
    json_t *json;
    if (!arena ||
        cw_json_read(arena, (const char *)data, size, CW_JSON_BYTES, &json, NULL) != CW_OK)
        return 0;
    if (cw_selection_decode(&cw_shoe_product, json, "/selections", arena, &selection, &faults) !=
        CW_OK) {
        must(faults.count > 0);
        return 0;
    }
    must(cw_engine_new(&cw_shoe_product, &engine, NULL) == CW_OK);
    encode_inverts(&selection, arena);
    answers_agree(engine, &selection, arena);
    cw_engine_free(engine);
    return 0;
}
