/*
 * Responsible for: the list of stock items that are out.
 * Does not: store it (src/store) or follow other processes (src/app). Server process, any thread.
 */
#include "catalog/stock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

struct cw_stock {
    pthread_mutex_t lock;   /* guards the rest; `generation` is written under it, read without */
    struct cw_arena *arena; /* of the items */
    const char **items;     /* ordered, each once */
    size_t count;
    _Atomic uint32_t generation;
};

struct cw_stock *cw_stock_new(void) {
    struct cw_stock *stock = calloc(1, sizeof *stock);
    if (stock)
        pthread_mutex_init(&stock->lock, NULL);
    return stock;
}

void cw_stock_free(struct cw_stock *stock) {
    if (stock) {
        cw_arena_free(stock->arena);
        pthread_mutex_destroy(&stock->lock);
        free(stock);
    }
}

uint32_t cw_stock_generation(const struct cw_stock *stock) {
    return atomic_load_explicit(&stock->generation, memory_order_acquire);
}

static bool is_same(const struct cw_stock *stock, const char *const *items, size_t count) {
    bool same = stock->count == count;
    for (size_t i = 0; same && i < count; i++)
        same = strcmp(stock->items[i], items[i]) == 0;
    return same;
}

static void replace_locked(struct cw_stock *stock, const char *const *items, size_t count) {
    if (is_same(stock, items, count))
        return;
    struct cw_arena *arena = cw_arena_new(), *old = stock->arena;
    if (!arena)
        abort(); /* as arenas do */
    const char **copies = cw_arena_array(arena, count + 1, sizeof *copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = cw_arena_strdup(arena, items[i]);
    stock->arena = arena;
    stock->items = copies;
    stock->count = count;
    atomic_fetch_add_explicit(&stock->generation, 1, memory_order_release);
    cw_arena_free(old); /* only now: `items` may be of it */
}

bool cw_stock_replace(struct cw_stock *stock, uint32_t generation, const char *const *items,
                      size_t count) {
    pthread_mutex_lock(&stock->lock);
    bool current = cw_stock_generation(stock) == generation;
    if (current)
        replace_locked(stock, items, count);
    pthread_mutex_unlock(&stock->lock);
    return current;
}

/* First item that does not come before `item`. */
static size_t lower_bound(const struct cw_stock *stock, const char *item) {
    size_t low = 0, high = stock->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(stock->items[middle], item) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_out_locked(const struct cw_stock *stock, const char *item) {
    size_t at = lower_bound(stock, item);
    return at < stock->count && strcmp(stock->items[at], item) == 0;
}

bool cw_stock_is_out(struct cw_stock *stock, const char *item) {
    pthread_mutex_lock(&stock->lock);
    bool out = is_out_locked(stock, item);
    pthread_mutex_unlock(&stock->lock);
    return out;
}

static void set_locked(struct cw_stock *stock, const char *item, bool available) {
    if (is_out_locked(stock, item) == !available)
        return;
    size_t at = lower_bound(stock, item), count = 0;
    const char **items = malloc((stock->count + 1) * sizeof *items);
    if (!items)
        abort(); /* as arenas do */
    for (size_t i = 0; i < at; i++)
        items[count++] = stock->items[i];
    if (!available)
        items[count++] = item;
    for (size_t i = at + available; i < stock->count; i++)
        items[count++] = stock->items[i];
    replace_locked(stock, items, count);
    free(items);
}

void cw_stock_set(struct cw_stock *stock, const char *item, bool available) {
    pthread_mutex_lock(&stock->lock);
    set_locked(stock, item, available);
    pthread_mutex_unlock(&stock->lock);
}

static const char **sold_out_locked(const struct cw_stock *stock, const struct cw_product *product,
                                    struct cw_arena *arena, size_t *ret_count) {
    size_t count = 0, capacity = 0;
    const char **items = NULL;
    for (size_t o = 0; stock->count > 0 && o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        for (size_t c = 0; c < option->choice_count; c++) {
            const char *item = option->choices[c].stock_item;
            if (!*item || !is_out_locked(stock, item))
                continue;
            items = cw_arena_grow(arena, items, count, &capacity, sizeof *items);
            items[count++] = item; /* the product's, which the request holds */
        }
    }
    *ret_count = count;
    return items;
}

const char *const *cw_stock_sold_out(struct cw_stock *stock, const struct cw_product *product,
                                     struct cw_arena *arena, size_t *ret_count) {
    pthread_mutex_lock(&stock->lock);
    const char **items = sold_out_locked(stock, product, arena, ret_count);
    pthread_mutex_unlock(&stock->lock);
    return items;
}

enum cw_status cw_stock_item_check(const char *item, struct cw_error *err) {
    size_t length = strlen(item);
    bool good = length >= 1 && length <= CW_STOCK_ITEM_BYTES;
    for (size_t i = 0; i < length; i++)
        good = good && item[i] >= ' ' && item[i] <= '~';
    return good ? CW_OK
                : cw_fail(err, CW_E_INPUT, "stock.item",
                          "a stock item is named by 1 to %d printable ASCII characters",
                          CW_STOCK_ITEM_BYTES);
}
