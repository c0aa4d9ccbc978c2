/* What a fuzz target defines: called with each input; returns 0; aborts when a property does not
 * hold. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
