/*
 * Numbers for lists of words: equal lists have one number, compared in full. The compiler's memory
 * of residual constraints, and of components with the node each became.
 */
#pragma once

#include "configure/rules/pool.h"

#define CW_INTERN_NONE UINT32_MAX

struct cw_intern_entry {
    uint32_t hash, length;
    size_t at;
};

struct cw_intern {
    struct cw_account *account;
    struct cw_u32_pool words;
    struct cw_intern_entry *entries;
    size_t count, capacity;
    uint32_t *slots; /* entry + 1; 0: free; a power of two, at most half full */
    size_t slot_count;
};

void cw_intern_init(struct cw_intern *intern, struct cw_account *account);
void cw_intern_deinit(struct cw_intern *intern);

/* The list's number; *ret_new says whether it was met for the first time. */
uint32_t cw_intern_add(struct cw_intern *intern, const uint32_t *words, uint32_t length,
                       bool *ret_new);
