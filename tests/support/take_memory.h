/* For stand-ins of our processes that ask for more memory than they may have. */
#pragma once

#include <stdlib.h>
#include <string.h>

/* Until a limit stops it; 512 MiB where there is none. */
static inline void take_memory(void) {
    for (int i = 0; i < 512; i++) {
        char *piece = malloc(1 << 20);
        if (!piece)
            abort();
        memset(piece, 1, 1 << 20);
    }
    abort();
}
