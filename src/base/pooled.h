/* Random bytes for names of what happens, a few at a time; for keys and secrets cw_random. */
#pragma once

#include <stddef.h>

#define CW_POOLED_BYTES 64

/**
 * Random bytes of the kernel, fetched a page's worth at a time: a request takes two names, and a
 * call of the kernel for each was a tenth of a small answer.
 * @param ret_data [length] written whole
 * @param length   [bytes] at most CW_POOLED_BYTES
 * @units   bytes
 * @owner   nothing allocated; each thread has its own store, and a forked child begins with none
 * @errors  none; aborts when the kernel has no randomness
 * @cost    a copy; a system call every 4 kB
 * @source  none
 */
void cw_random_pooled(void *ret_data, size_t length);
