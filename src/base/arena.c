/*
 * Responsible for: arenas, blocks of memory with one owner and deferred releases.
 * Does not: free single objects; share between threads. Any process.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 8192

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

struct deferred {
    struct deferred *next;
    void (*release)(void *);
    void *object;
};

struct cw_arena {
    struct block *blocks;      /* newest first; allocation is from the head */
    struct deferred *deferred; /* newest first, which is the order of release */
};

struct cw_arena *cw_arena_new(void) {
    return calloc(1, sizeof(struct cw_arena));
}

void cw_arena_free(struct cw_arena *arena) {
    if (!arena) {
        return;
    }
    for (struct deferred *d = arena->deferred; d; d = d->next) {
        d->release(d->object);
    }
    for (struct block *block = arena->blocks; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

static struct block *new_block(size_t size) {
    struct block *block = malloc(sizeof *block + size);
    if (!block) {
        abort(); /* see the header: nothing acknowledged is lost by it */
    }
    block->used = 0;
    block->size = size;
    return block;
}

static void *take(struct cw_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) {
        abort();
    }
    size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct block *head = arena->blocks;
    if (need == 0) {
        need = alignof(max_align_t);
    }
    if (need > BLOCK_BYTES / 2 && head) {
        /* A large object gets a block of its own behind the head, so the head's rest is still used.
         */
        struct block *own = new_block(need);
        own->used = need;
        own->next = head->next;
        head->next = own;
        return own->data;
    }
    if (!head || head->size - head->used < need) {
        struct block *block = new_block(need > BLOCK_BYTES ? need : BLOCK_BYTES);
        block->next = head;
        arena->blocks = head = block;
    }
    void *data = head->data + head->used;
    head->used += need;
    return data;
}

void *cw_arena_alloc(struct cw_arena *arena, size_t size) {
    return memset(take(arena, size), 0, size);
}

static size_t total_of(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        abort();
    }
    return total;
}

void *cw_arena_array(struct cw_arena *arena, size_t count, size_t size) {
    return cw_arena_alloc(arena, total_of(count, size));
}

void *cw_arena_unset(struct cw_arena *arena, size_t count, size_t size) {
    return take(arena, total_of(count, size));
}

void *cw_arena_grow(struct cw_arena *arena, void *items, size_t count, size_t *capacity,
                    size_t size) {
    if (items && count < *capacity) {
        return items;
    }
    size_t more = count < 8 ? 16 : 2 * count;
    void *grown = cw_arena_array(arena, more, size);
    if (count > 0) {
        memcpy(grown, items, count * size);
    }
    *capacity = more;
    return grown;
}

char *cw_arena_strndup(struct cw_arena *arena, const char *text, size_t length) {
    char *copy = cw_arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *cw_arena_strdup(struct cw_arena *arena, const char *text) {
    return cw_arena_strndup(arena, text, strlen(text));
}

char *cw_arena_vprintf(struct cw_arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0) {
        abort();
    }
    char *text = cw_arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *cw_arena_printf(struct cw_arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = cw_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void cw_arena_defer(struct cw_arena *arena, void (*release)(void *), void *object) {
    struct deferred *d = cw_arena_alloc(arena, sizeof *d);
    d->release = release;
    d->object = object;
    d->next = arena->deferred;
    arena->deferred = d;
}
