/* Every pair of states against the published list of moves (docs/reference/api.md "Transitions").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "manufacturing/transitions.h"

static const char *const states[] = {"queued",    "leased",        "accepted", "in_production",
                                     "inspected", "packed",        "shipped",  "hold",
                                     "rejected",  "rework",        "scrapped", "cancel_requested",
                                     "cancelled", "cancel_refused"};
#define STATES (sizeof states / sizeof states[0])

/* Copied by hand from the reference, not made from the table. */
static const struct {
    const char *from, *to;
} published[] = {
    {"leased", " accepted rejected hold "},
    {"accepted", " in_production hold rejected "},
    {"in_production", " inspected rework scrapped hold "},
    {"rework", " inspected scrapped hold "},
    {"inspected", " packed rework scrapped hold "},
    {"packed", " shipped hold "},
    {"hold", " rejected "},
    {"cancel_requested", " cancelled cancel_refused "},
};

static bool is_published(const char *from, const char *to) {
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        char word[32] = " ";
        strcat(strcat(word, to), " ");
        if (strcmp(published[i].from, from) == 0 && strstr(published[i].to, word) != NULL)
            return true;
    }
    return false;
}

static void test_every_pair(void **state) {
    (void)state;
    for (size_t f = 0; f < STATES; f++) {
        for (size_t t = 0; t < STATES; t++)
            assert_int_equal(cw_transition_allowed(states[f], states[t], ""),
                             is_published(states[f], states[t]));
    }
    assert_false(cw_transition_allowed("nonsense", "hold", ""));
    assert_false(cw_transition_allowed("hold", "", ""));
}

static void test_return_from_hold(void **state) {
    (void)state;
    for (size_t b = 0; b < STATES; b++) {
        for (size_t t = 0; t < STATES; t++)
            assert_int_equal(cw_transition_allowed("hold", states[t], states[b]),
                             t == b || is_published("hold", states[t]));
    }
}

static void test_next(void **state) {
    (void)state;
    for (size_t f = 0; f < STATES; f++) {
        const char *next[CW_NEXT_STATES], *before = strcmp(states[f], "hold") == 0 ? "packed" : "";
        size_t count = cw_transition_next(states[f], before, next), allowed = 0;
        for (size_t t = 0; t < STATES; t++)
            allowed += cw_transition_allowed(states[f], states[t], before);
        assert_int_equal(count, allowed);
        for (size_t i = 0; i < count; i++)
            assert_true(cw_transition_allowed(states[f], next[i], before));
    }
}

/* Who moves what: a facility never takes work by itself, and no move leads out of the ends. */
static void test_table(void **state) {
    (void)state;
    for (size_t i = 0; i < cw_transition_count; i++) {
        const struct cw_transition *move = &cw_transitions[i];
        assert_string_not_equal(move->from, move->to);
        assert_string_not_equal(move->from, CW_SPEC_SHIPPED);
        assert_string_not_equal(move->from, CW_SPEC_CANCELLED);
        assert_int_equal(move->by == CW_BY_FACILITY && strcmp(move->to, CW_SPEC_LEASED) == 0, 0);
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(move->from, cw_transitions[j].from) == 0 &&
                         strcmp(move->to, cw_transitions[j].to) == 0 &&
                         move->by == cw_transitions[j].by);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_return_from_hold),
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
