/* Arena: one owner for everything a request, a product or a job derives. Not thread-safe. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

struct cw_arena;

/* New arena; NULL when memory is out. Cost: one malloc. */
struct cw_arena *cw_arena_new(void);

/* Runs deferred releases in reverse order, then frees everything. NULL is fine. */
void cw_arena_free(struct cw_arena *arena);

/*
 * Zeroed memory aligned for any type. Never returns NULL: out of memory aborts the process (an
 * arena holds at most a few MB of already admitted input, see limits.h; a server that cannot get
 * that is restarted by its supervisor, with every acknowledged write on disk).
 */
void *cw_arena_alloc(struct cw_arena *arena, size_t size) __attribute__((returns_nonnull));
void *cw_arena_array(struct cw_arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull));
/* The same with anything in it, for whom writes it all at once. */
void *cw_arena_unset(struct cw_arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull));
/*
 * Room for one more item: where `count` fills *capacity, a block for at least twice as many (16 at
 * first) that begins with a copy of `items`, else `items` itself. *capacity tells how many fit.
 */
void *cw_arena_grow(struct cw_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t size) __attribute__((returns_nonnull));
char *cw_arena_strdup(struct cw_arena *arena, const char *text) __attribute__((returns_nonnull));
char *cw_arena_strndup(struct cw_arena *arena, const char *text, size_t length)
    __attribute__((returns_nonnull));
char *cw_arena_printf(struct cw_arena *arena, const char *format, ...) CW_PRINTF(2, 3)
    __attribute__((returns_nonnull));
char *cw_arena_vprintf(struct cw_arena *arena, const char *format, va_list args)
    __attribute__((returns_nonnull));

/* Call release(object) when the arena ends; for foreign objects such as json_t. */
void cw_arena_defer(struct cw_arena *arena, void (*release)(void *), void *object);

static inline void cw_arena_freep(struct cw_arena **arena) {
    cw_arena_free(*arena);
}
#define CW_AUTO_ARENA __attribute__((cleanup(cw_arena_freep)))

/* Ownership leaves a cleanup variable. */
#define CW_TAKE(p)                                                                                 \
    __extension__({                                                                                \
        __typeof__(p) take_ = (p);                                                                 \
        (p) = NULL;                                                                                \
        take_;                                                                                     \
    })
