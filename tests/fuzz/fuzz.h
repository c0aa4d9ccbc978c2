/* What a fuzz target defines: called with each input; returns 0; aborts when a property does not
 * hold. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One more for each input that was taken for good, where a target tells: seeds that are all refused
 * at once test nothing. */
__attribute__((weak)) unsigned long fuzz_accepted;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
