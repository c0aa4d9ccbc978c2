/* Loops compiled for three generations of x86-64; which one runs is chosen when the program starts.
 */
#pragma once

/* Not in sanitizer builds: what chooses the version runs before their runtime is ready. */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&                \
    !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))
