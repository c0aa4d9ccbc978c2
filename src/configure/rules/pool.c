/*
 * Responsible for: growing arrays within an account. Does not: fail half way; see the header.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/pool.h"

#include <stdlib.h>

void *cw_compile_pool_grow(struct cw_account *account, void *data, size_t *capacity, size_t need,
                           size_t entry_bytes) {
    size_t old = *capacity, wanted = old < 64 ? 128 : old + old / 2;
    if (wanted < need)
        wanted = need + need / 2;
    uint64_t more = (uint64_t)(wanted - old) * entry_bytes;
    if (account->limit_bytes > 0 && account->used_bytes + more > account->limit_bytes) {
        account->exceeded = true; /* the least that ends this step */
        wanted = need + 64;
        more = (uint64_t)(wanted - old) * entry_bytes;
    }
    void *grown = realloc(data, wanted * entry_bytes);
    if (!grown)
        abort();
    account->used_bytes += more;
    *capacity = wanted;
    return grown;
}

void *cw_compile_pool_zeroed(struct cw_account *account, size_t count, size_t entry_bytes) {
    uint64_t more = (uint64_t)count * entry_bytes;
    if (account->limit_bytes > 0 && account->used_bytes + more > account->limit_bytes)
        account->exceeded = true;
    void *data = calloc(count ? count : 1, entry_bytes);
    if (!data)
        abort();
    account->used_bytes += more;
    return data;
}

void cw_compile_pool_free(struct cw_account *account, void *data, size_t capacity,
                          size_t entry_bytes) {
    account->used_bytes -= (uint64_t)capacity * entry_bytes;
    free(data);
}

static int compare_numbers(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Short lists are the rule. */
void cw_u32_sort(uint32_t *numbers, size_t count) {
    if (count > 24) {
        qsort(numbers, count, sizeof *numbers, compare_numbers);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint32_t moved = numbers[i];
        size_t k = i;
        for (; k > 0 && numbers[k - 1] > moved; k--)
            numbers[k] = numbers[k - 1];
        numbers[k] = moved;
    }
}
