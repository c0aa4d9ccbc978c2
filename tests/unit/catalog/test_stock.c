/*
 * Responsible for: the list of stock items that are out: set, replaced, asked of a product.
 */
#include "mini.h"

#include <pthread.h>

#include "catalog/stock.h"

static void items_go_out_and_come_back(void **state) {
    (void)state;
    struct cw_stock *stock = cw_stock_new();
    assert_false(cw_stock_is_out(stock, "B"));
    cw_stock_set(stock, "B", false);
    cw_stock_set(stock, "C", false);
    cw_stock_set(stock, "A", false);
    uint32_t generation = cw_stock_generation(stock);
    assert_int_equal(generation, 3);
    assert_true(cw_stock_is_out(stock, "A") && cw_stock_is_out(stock, "B") &&
                cw_stock_is_out(stock, "C"));
    cw_stock_set(stock, "A", false); /* nothing changes */
    assert_int_equal(cw_stock_generation(stock), generation);
    cw_stock_set(stock, "B", true);
    assert_true(!cw_stock_is_out(stock, "B") && cw_stock_is_out(stock, "C"));
    const char *const now[] = {"A", "C"}, *const other[] = {"A", "D"};
    generation = cw_stock_generation(stock);
    assert_true(cw_stock_replace(stock, generation, now, 2));
    assert_int_equal(cw_stock_generation(stock), generation);
    assert_true(cw_stock_replace(stock, generation, other, 2));
    assert_int_equal(cw_stock_generation(stock), generation + 1);
    assert_true(cw_stock_is_out(stock, "D") && !cw_stock_is_out(stock, "C"));
    assert_false(cw_stock_replace(stock, generation, now, 2)); /* older than what is known */
    assert_true(cw_stock_is_out(stock, "D") && !cw_stock_is_out(stock, "C"));
    cw_stock_free(stock);
    cw_stock_free(NULL);
}

static void a_product_is_told_its_own(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const struct cw_choice choices[] = {{.id = "a", .stock_item = "A"},
                                               {.id = "b", .stock_item = ""},
                                               {.id = "c", .stock_item = "C"}};
    static const struct cw_option option = {.id = "o", .choice_count = 3, .choices = choices};
    const struct cw_product product = {.option_count = 1, .options = &option};
    struct cw_stock *stock = cw_stock_new();
    size_t count = 9;
    cw_stock_sold_out(stock, &product, arena, &count);
    assert_int_equal(count, 0);
    const char *const out[] = {"B", "C", "Z"};
    assert_true(cw_stock_replace(stock, 0, out, 3));
    const char *const *items = cw_stock_sold_out(stock, &product, arena, &count);
    assert_int_equal(count, 1);
    assert_string_equal(items[0], "C");
    cw_stock_free(stock);
}

#define ROUNDS 2000

static void *turn_on_and_off(void *arg) {
    struct cw_stock *stock = arg;
    const char *const both[] = {"A", "C"};
    for (int i = 0; i < ROUNDS; i++) {
        cw_stock_set(stock, "C", i % 2 == 0);
        (void)cw_stock_replace(stock, cw_stock_generation(stock), both, 2);
    }
    return NULL;
}

/* What a product is told is one of the states there were, never half of one. */
static void any_thread_may_ask(void **state) {
    (void)state;
    static const struct cw_choice choices[] = {{.id = "a", .stock_item = "A"},
                                               {.id = "c", .stock_item = "C"}};
    static const struct cw_option option = {.id = "o", .choice_count = 2, .choices = choices};
    const struct cw_product product = {.option_count = 1, .options = &option};
    struct cw_stock *stock = cw_stock_new();
    pthread_t threads[2];
    cw_stock_set(stock, "A", false);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, turn_on_and_off, stock), 0);
    for (int i = 0; i < ROUNDS; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        size_t count = 0;
        const char *const *items = cw_stock_sold_out(stock, &product, arena, &count);
        assert_true(count == 1 || count == 2);
        assert_string_equal(items[0], "A");
        assert_true(cw_stock_is_out(stock, "A"));
    }
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_true(cw_stock_is_out(stock, "A"));
    cw_stock_free(stock);
}

static void names_are_checked(void **state) {
    (void)state;
    char longest[CW_STOCK_ITEM_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    longest[CW_STOCK_ITEM_BYTES] = '\0';
    assert_int_equal(cw_stock_item_check(longest, NULL), CW_OK);
    longest[CW_STOCK_ITEM_BYTES] = 'x';
    longest[CW_STOCK_ITEM_BYTES + 1] = '\0';
    struct cw_error err = {0};
    assert_int_equal(cw_stock_item_check(longest, &err), CW_E_INPUT);
    assert_string_equal(err.code, "stock.item");
    assert_int_equal(cw_stock_item_check("", NULL), CW_E_INPUT);
    assert_int_equal(cw_stock_item_check("a\tb", NULL), CW_E_INPUT);
    assert_int_equal(cw_stock_item_check("A b~", NULL), CW_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_go_out_and_come_back),
        cmocka_unit_test(a_product_is_told_its_own),
        cmocka_unit_test(any_thread_may_ask),
        cmocka_unit_test(names_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
