/*
 * Fuzz target: UVL models, from bytes to a product.
 * Properties: what is refused has a fault with its place; what is imported loads as a product and
 * imports to the same bytes.
 */
#include "fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_import(cw_uvl_import, data, size);
    return 0;
}
