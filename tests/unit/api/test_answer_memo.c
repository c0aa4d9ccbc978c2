/* Answers by all they depend on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "api/answer_memo.h"

static const struct api_answer_asked BASE = {.product_digest = "sha-256:aa",
                                             .art_digest = "sha-256:bb",
                                             .day = 20000,
                                             .renderer = 1,
                                             .stock = 1,
                                             .type = "application/json",
                                             .languages = "en",
                                             .body = {(const uint8_t *)"{}", 2}};

/* Whatever the answer depends on makes another key; the same makes the same. */
static void every_circumstance_counts(void **state) {
    (void)state;
    struct api_answer_asked asked[9];
    uint8_t keys[9][API_ANSWER_KEY], again[API_ANSWER_KEY];
    for (int i = 0; i < 9; i++)
        asked[i] = BASE;
    asked[1].product_digest = "sha-256:ac";
    asked[2].art_digest = "";
    asked[3].day++;
    asked[4].renderer++;
    asked[5].stock++;
    asked[6].languages = "fa";
    asked[8].type = "text/plain";
    asked[7].body = (struct cw_bytes){(const uint8_t *)"{ }", 3};
    for (int i = 0; i < 9; i++)
        api_answer_key(&asked[i], keys[i]);
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(keys[i], keys[j], API_ANSWER_KEY);
    api_answer_key(&BASE, again);
    assert_memory_equal(again, keys[0], API_ANSWER_KEY);
}

static void texts_do_not_run_together(void **state) {
    (void)state;
    struct api_answer_asked a = BASE, b = BASE;
    uint8_t key_a[API_ANSWER_KEY], key_b[API_ANSWER_KEY];
    a.product_digest = "xy", a.art_digest = "z";
    b.product_digest = "x", b.art_digest = "yz";
    api_answer_key(&a, key_a);
    api_answer_key(&b, key_b);
    assert_memory_not_equal(key_a, key_b, API_ANSWER_KEY);
}

/* A look-up that gives its reference back; to compare with. */
static struct cw_blob *seen(struct api_answer_memo *memo, const uint8_t key[API_ANSWER_KEY]) {
    struct cw_blob *blob = api_answer_memo_find(memo, key);
    cw_blob_unref(blob); /* the memo has its own */
    return blob;
}

/* What is kept under a name does not push the answer out; another version or another process has
 * other places and names. */
static void names_have_their_place(void **state) {
    (void)state;
    struct api_answer_memo *memo = api_answer_memo_new(1 << 20);
    struct cw_blob *answer = cw_blob_new("answer", 6), *marks = cw_blob_new("marks", 5);
    uint8_t meant[API_ANSWER_KEY], named[API_ANSWER_KEY], other[API_ANSWER_KEY];
    char name[API_ANSWER_NAME + 1];
    api_answer_key(&BASE, meant);
    api_answer_name(memo, meant, name);
    assert_int_equal(strlen(name), API_ANSWER_NAME);
    assert_int_equal(strspn(name, "0123456789abcdef"), API_ANSWER_NAME);
    api_answer_key_named(BASE.product_digest, name, named);
    api_answer_memo_put(memo, meant, answer);
    api_answer_memo_put(memo, named, marks);
    assert_ptr_equal(seen(memo, meant), answer);
    assert_ptr_equal(seen(memo, named), marks);
    for (int i = 0; i < API_ANSWER_NAME; i++) {
        char kept = name[i];
        name[i] = kept == '0' ? 'f' : '0';
        api_answer_key_named(BASE.product_digest, name, other);
        assert_memory_not_equal(other, named, API_ANSWER_KEY);
        name[i] = kept;
    }
    api_answer_key_named("another version", name, other);
    assert_memory_not_equal(other, named, API_ANSWER_KEY);
    struct api_answer_memo *next = api_answer_memo_new(1 << 20);
    char elsewhere[API_ANSWER_NAME + 1];
    api_answer_name(next, meant, elsewhere);
    assert_string_not_equal(elsewhere, name);
    api_answer_memo_free(next);
    cw_blob_unref(answer);
    cw_blob_unref(marks);
    api_answer_memo_free(memo);
}

/* What the answer depends on makes another key; how the question was put does not. */
static void the_meaning_has_one_key(void **state) {
    (void)state;
    struct cw_pick picks[4][2];
    struct cw_selection selections[4];
    struct api_answer_asked asked[6];
    struct api_answer_meant meant[12];
    uint8_t keys[12][API_ANSWER_KEY], key[API_ANSWER_KEY];
    for (int i = 0; i < 4; i++) {
        picks[i][0] = (struct cw_pick){.option = 1, .value = {.choice = 2}};
        picks[i][1] = (struct cw_pick){.option = 4, .value = {.text = "ab"}};
        selections[i] = (struct cw_selection){.count = 2, .picks = picks[i]};
    }
    picks[1][0].option = 2;
    picks[2][1].value.text = "abc";
    selections[3].count = 1;
    for (int i = 0; i < 6; i++)
        asked[i] = BASE;
    asked[1].product_digest = "sha-256:ac", asked[2].art_digest = "", asked[3].day++;
    asked[4].renderer++, asked[5].stock++;
    for (int i = 0; i < 12; i++)
        meant[i] = (struct api_answer_meant){&asked[i < 6 ? i : 0], "en", "", 1,
                                             &selections[i > 8 ? i - 8 : 0]};
    meant[6].locale = "fa", meant[7].market = "uz", meant[8].quantity = 2;
    for (int i = 0; i < 12; i++)
        api_answer_key_meant(&meant[i], keys[i]);
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(keys[i], keys[j], API_ANSWER_KEY);
    asked[0].body = (struct cw_bytes){(const uint8_t *)"{ }", 3};
    asked[0].languages = "de, en;q=0.5", asked[0].type = "application/json;charset=utf-8";
    picks[0][1].value.text = (char[]){'a', 'b', 0};
    api_answer_key_meant(&meant[0], key);
    assert_memory_equal(key, keys[0], API_ANSWER_KEY);
    api_answer_key(&asked[0], key);
    assert_memory_not_equal(key, keys[0], API_ANSWER_KEY);
}

/* A body that was read is known again; one that was not stays as it is. */
static void a_body_is_known_by_its_meaning(void **state) {
    (void)state;
    struct api_answer_memo *memo = api_answer_memo_new(1 << 20);
    struct api_answer_asked other = BASE;
    uint8_t sent[API_ANSWER_KEY], meant[API_ANSWER_KEY], key[API_ANSWER_KEY];
    other.languages = "fa";
    api_answer_key(&BASE, sent);
    api_answer_key(&other, meant);
    memcpy(key, sent, sizeof key);
    api_answer_memo_meaning(memo, key);
    assert_memory_equal(key, sent, sizeof key);
    api_answer_memo_same(memo, sent, meant);
    api_answer_memo_meaning(memo, key);
    assert_memory_equal(key, meant, sizeof key);
    api_answer_memo_meaning(memo, key);
    assert_memory_equal(key, meant, sizeof key);
    api_answer_memo_free(memo);
}

/* The compressed form lies elsewhere, and the way back is the way there. */
static void the_other_form_has_its_place(void **state) {
    (void)state;
    uint8_t plain[API_ANSWER_KEY], key[API_ANSWER_KEY];
    struct api_answer_memo *memo = api_answer_memo_new(1 << 20);
    struct cw_blob *a = cw_blob_new("plain", 5), *b = cw_blob_new("packed", 6);
    api_answer_key(&BASE, plain);
    memcpy(key, plain, sizeof key);
    api_answer_memo_put(memo, key, a);
    api_answer_key_turn(key);
    assert_null(seen(memo, key));
    api_answer_memo_put(memo, key, b);
    assert_ptr_equal(seen(memo, key), b);
    api_answer_key_turn(key);
    assert_memory_equal(key, plain, sizeof key);
    assert_ptr_equal(seen(memo, key), a);
    cw_blob_unref(a);
    cw_blob_unref(b);
    api_answer_memo_free(memo);
}

static void key_of(uint32_t number, uint8_t ret_key[API_ANSWER_KEY]) {
    struct api_answer_asked asked = BASE;
    asked.body = (struct cw_bytes){(const uint8_t *)&number, sizeof number};
    api_answer_key(&asked, ret_key);
}

static void put(struct api_answer_memo *memo, uint32_t number, size_t length) {
    uint8_t key[API_ANSWER_KEY], bytes[4096] = {0};
    memcpy(bytes, &number, sizeof number);
    struct cw_blob *blob = cw_blob_new(bytes, length);
    key_of(number, key);
    api_answer_memo_put(memo, key, blob);
    cw_blob_unref(blob);
}

/* Far more bytes than allowed go through; what is found is always the right one, and never more
 * than the limit is held. */
static void the_newest_stay_within_the_bytes(void **state) {
    (void)state;
    struct api_answer_memo *memo = api_answer_memo_new(100 * 1000);
    size_t found = 0;
    uint8_t key[API_ANSWER_KEY];
    for (uint32_t i = 0; i < 5000; i++) {
        put(memo, i, 1000);
        key_of(i, key);
        assert_non_null(seen(memo, key)); /* just put */
    }
    for (uint32_t i = 0; i < 5000; i++) {
        key_of(i, key);
        struct cw_blob *blob = api_answer_memo_find(memo, key);
        if (blob) {
            assert_memory_equal(cw_blob_data(blob), &i, sizeof i);
            found++;
        }
        cw_blob_unref(blob);
    }
    assert_in_range(found, 50, 100);
    api_answer_memo_free(memo);
}

static void a_giant_is_not_kept(void **state) {
    (void)state;
    struct api_answer_memo *memo = api_answer_memo_new(16 * 1000);
    uint8_t key[API_ANSWER_KEY];
    put(memo, 1, 1000);
    put(memo, 2, 1001);
    key_of(1, key);
    assert_non_null(seen(memo, key));
    key_of(2, key);
    assert_null(seen(memo, key));
    api_answer_memo_free(memo);
}

/* What a loop has found stays its own while another pushes it out. */
static void a_found_answer_outlives_its_place(void **state) {
    (void)state;
    struct api_answer_memo *memo = api_answer_memo_new(16 * 1000);
    uint8_t key[API_ANSWER_KEY];
    put(memo, 1, 1000);
    key_of(1, key);
    struct cw_blob *blob = api_answer_memo_find(memo, key);
    api_answer_memo_free(memo);
    assert_int_equal(cw_blob_length(blob), 1000);
    assert_int_equal(cw_blob_data(blob)[0], 1);
    cw_blob_unref(blob);
}

#define LOOPS 4

static void *ask_and_put(void *arg) {
    struct api_answer_memo *memo = arg;
    uint8_t key[API_ANSWER_KEY];
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t number = i % 40;
        key_of(number, key);
        struct cw_blob *blob = api_answer_memo_find(memo, key);
        if (blob) {
            assert_memory_equal(cw_blob_data(blob), &number, sizeof number);
            cw_blob_unref(blob);
        } else {
            put(memo, number, 1000);
        }
    }
    return NULL;
}

static void loops_share_it(void **state) {
    (void)state;
    struct api_answer_memo *memo = api_answer_memo_new(32 * 1000);
    pthread_t loops[LOOPS];
    for (size_t i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_create(&loops[i], NULL, ask_and_put, memo), 0);
    for (size_t i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_join(loops[i], NULL), 0);
    api_answer_memo_free(memo);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_circumstance_counts),
        cmocka_unit_test(the_meaning_has_one_key),
        cmocka_unit_test(a_body_is_known_by_its_meaning),
        cmocka_unit_test(the_other_form_has_its_place),
        cmocka_unit_test(texts_do_not_run_together),
        cmocka_unit_test(names_have_their_place),
        cmocka_unit_test(the_newest_stay_within_the_bytes),
        cmocka_unit_test(a_giant_is_not_kept),
        cmocka_unit_test(a_found_answer_outlives_its_place),
        cmocka_unit_test(loops_share_it),
    };
    return cmocka_run_group_tests_name("api/answer_memo", tests, NULL, NULL);
}
