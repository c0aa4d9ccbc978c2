/*
 * Which stock items are out, as this process knows it: a sorted list, read, replaced and changed
 * from any thread. What is durable stands in the store.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cordwain/product.h"

struct cw_stock;

/* Nothing is out. NULL when memory is out. */
struct cw_stock *cw_stock_new(void);
void cw_stock_free(struct cw_stock *stock); /* NULL is fine */

/* Grows whenever what is out changes. */
uint32_t cw_stock_generation(const struct cw_stock *stock);

/* All that is out, ordered by item (as the store lists them), and nothing else; unless something
 * has changed since `generation`, for then that is newer: false. */
bool cw_stock_replace(struct cw_stock *stock, uint32_t generation, const char *const *items,
                      size_t count);

/* One item. O(items). */
void cw_stock_set(struct cw_stock *stock, const char *item, bool available);

bool cw_stock_is_out(struct cw_stock *stock, const char *item);

/* The stock items of a product's choices that are out; the list is in the arena. For
 * cw_configure_context.sold_out; as long as the product. O(choices × log items), nothing while
 * nothing is out. */
const char *const *cw_stock_sold_out(struct cw_stock *stock, const struct cw_product *product,
                                     struct cw_arena *arena, size_t *ret_count);

/* 1 to 64 characters from space to "~", as in a product document. CW_E_INPUT "stock.item". */
enum cw_status cw_stock_item_check(const char *item, struct cw_error *err) CW_MUST_USE;
