/* Answers, prices, dates, resolving and alt texts of the hand-written shoe, value by value. */
#include "configure/configure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/shoe_product.h"
#include "base/json.h"
#include "cordwain/limits.h"

#define NOON(day)         ((day)*INT64_C(86400000) + INT64_C(43200000))
#define FRIDAY_2026_12_18 20805

static struct cw_engine *engine;

static int make_engine(void **state) {
    (void)state;
    return cw_engine_new(&cw_shoe_product, &engine, NULL) != CW_OK;
}

static int free_engine(void **state) {
    (void)state;
    cw_engine_free(engine);
    return 0;
}

static struct cw_selection read(struct cw_arena *arena, const char *json) {
    json_t *value;
    struct cw_selection selection;
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_json_read(arena, json, strlen(json), CW_JSON_BYTES, &value, NULL), CW_OK);
    assert_int_equal(
        cw_selection_decode(&cw_shoe_product, value, "/selections", arena, &selection, &faults),
        CW_OK);
    return selection;
}

static struct cw_answer ask(struct cw_arena *arena, const char *json,
                            const struct cw_configure_context *context) {
    struct cw_selection selection = read(arena, json);
    struct cw_answer answer;
    assert_int_equal(cw_configure(engine, &selection, context, arena, &answer, NULL), CW_OK);
    return answer;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void defaults_are_consistent_and_complete(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_answer answer = ask(arena, "{}", &(struct cw_configure_context){0});
    assert_true(answer.consistent && answer.complete && answer.exact);
    assert_int_equal(answer.issue_count, 0);
    assert_int_equal(answer.price.total_minor, 9999);
    assert_int_equal(answer.options[CW_SHOE_MATERIAL].choices[1].delta_minor, 1500);
    assert_int_equal(answer.options[CW_SHOE_COLOUR].choices[2].state, CW_CHOICE_POSSIBLE);
    assert_int_equal(answer.options[CW_SHOE_COLOUR].choices[2].delta_minor, 1500);
    assert_int_equal(answer.options[CW_SHOE_GIFT].choices[1].delta_minor, 500);
    assert_false(answer.options[CW_SHOE_THREAD].active);
    assert_string_equal(answer.lead.ship_by, "");
}

static void reasons_name_pick_and_rule(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_answer answer =
        ask(arena, "{\"material\":\"leather\"}", &(struct cw_configure_context){0});
    const struct cw_choice_answer *moss = &answer.options[CW_SHOE_COLOUR].choices[2];
    const struct cw_choice_answer *gold = &answer.options[CW_SHOE_LACES].choices[2];
    assert_int_equal(moss->state, CW_CHOICE_IMPOSSIBLE);
    assert_true(moss->only_if);
    assert_int_equal(moss->reason_option, CW_SHOE_MATERIAL);
    assert_int_equal(moss->reason_rule, CW_NONE);
    assert_int_equal(gold->state, CW_CHOICE_IMPOSSIBLE);
    assert_int_equal(gold->reason_rule, CW_SHOE_GOLD_NEEDS_SUEDE);
    assert_int_equal(gold->reason_option, CW_SHOE_MATERIAL);
}

static void conflicts_are_explained_in_the_language(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_answer answer = ask(arena, "{\"material\":\"leather\",\"laces\":[\"gold\"]}",
                                  &(struct cw_configure_context){.locale = "zh-CN"});
    assert_false(answer.consistent || answer.complete);
    assert_int_equal(answer.issue_count, 1);
    assert_string_equal(answer.issues[0].code, "rule");
    assert_string_equal(answer.issues[0].message, "金色鞋带需要绒面革");
    assert_string_equal(answer.issues[0].pointer, "/selections/material");
    assert_int_equal(answer.completion.count, 0);
    assert_int_equal(answer.options[CW_SHOE_MATERIAL].choices[1].state, CW_CHOICE_POSSIBLE);
}

static void only_if_and_inactive_picks_are_explained(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_answer answer = ask(arena, "{\"material\":\"leather\",\"colour\":\"moss\"}",
                                  &(struct cw_configure_context){.locale = "fa-IR"});
    assert_string_equal(answer.issues[0].code, "selection.only_if");
    assert_string_equal(answer.issues[0].message, "خزه‌ای فقط روی جیر");
    answer = ask(arena, "{\"note\":\"Hello\",\"gift\":false}", &(struct cw_configure_context){0});
    assert_false(answer.consistent);
    assert_string_equal(answer.issues[0].code, "selection.inactive");
    assert_string_equal(answer.issues[0].pointer, "/selections/note");
}

static void market_and_date_take_choices_away(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_configure_context context = {.market = "us", .now_ms = NOON(FRIDAY_2026_12_18)};
    struct cw_answer answer = ask(arena, "{}", &context);
    assert_int_equal(answer.options[CW_SHOE_SIZE].choices[2].state, CW_CHOICE_UNAVAILABLE);
    assert_int_equal(answer.options[CW_SHOE_MATERIAL].choices[1].state, CW_CHOICE_UNAVAILABLE);
    assert_int_equal(answer.options[CW_SHOE_MATERIAL].choices[0].state, CW_CHOICE_FORCED);
    assert_int_equal(answer.options[CW_SHOE_COLOUR].choices[2].state, CW_CHOICE_IMPOSSIBLE);
    answer = ask(arena, "{\"material\":\"suede\"}", &context);
    assert_false(answer.consistent);
    assert_string_equal(answer.issues[0].code, "choice.unavailable");
}

static void warnings_and_required_texts_are_told(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_answer answer = ask(arena, "{\"height\":30}", &(struct cw_configure_context){0});
    assert_true(answer.consistent && answer.complete);
    assert_int_equal(answer.issues[0].severity, CW_SEVERITY_WARNING);
    assert_int_equal(answer.issues[0].rule, CW_SHOE_TALL_WARNING);
    answer = ask(arena, "{\"gift\":true,\"heel_text\":\"A\"}", &(struct cw_configure_context){0});
    assert_true(answer.consistent);
    assert_false(answer.complete);
    assert_string_equal(answer.issues[0].code, "option.required");
    assert_int_equal(answer.issues[0].option, CW_SHOE_NOTE);
    assert_true(answer.options[CW_SHOE_NOTE].required);
    assert_false(answer.options[CW_SHOE_NOTE].known);
}

static void quantity_has_a_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_selection none = {0};
    struct cw_answer answer;
    struct cw_error err = {0};
    struct cw_configure_context context = {.quantity = CW_ORDER_QUANTITY};
    assert_int_equal(cw_configure(engine, &none, &context, arena, &answer, &err), CW_OK);
    context.quantity++;
    assert_int_equal(cw_configure(engine, &none, &context, arena, &answer, &err), CW_E_INPUT);
    assert_string_equal(err.code, "configure.quantity");
}

/* ---- price and date -------------------------------------------------------------------------- */

static void price_has_a_line_for_each_reason(void **state) {
    (void)state;
    static const struct {
        const char *kind, *id;
        int64_t amount;
    } want[] = {{"base", "", 9999},    {"choice", "material", 1500}, {"choice", "laces", 300},
                {"flag", "gift", 500}, {"text", "heel_text", 900},   {"rule", "gold-tall", 250},
                {"quantity", "", -672}};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_price price;
    struct cw_selection selection = read(arena, "{\"material\":\"suede\",\"laces\":[\"gold\"],"
                                                "\"gift\":true,\"heel_text\":\"A\"}");
    cw_price(&cw_shoe_product, &selection, &(struct cw_configure_context){.quantity = 10}, arena,
             &price);
    assert_int_equal(price.line_count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(price.lines[i].kind, want[i].kind);
        assert_string_equal(price.lines[i].id, want[i].id);
        assert_int_equal(price.lines[i].amount_minor, want[i].amount);
    }
    assert_string_equal(price.lines[1].title, "Material: Suede");
    assert_int_equal(price.unit_minor, 12777); /* 13449 less 672.45 */
    assert_int_equal(price.total_minor, 127770);
}

static void quantity_breaks_start_where_they_say(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const struct {
        uint32_t quantity;
        int64_t unit;
    } cases[] = {{1, 9999}, {9, 9999}, {10, 9499}, {49, 9499}, {50, 8749}};
    for (size_t i = 0; i < 5; i++) {
        struct cw_price price;
        cw_price(&cw_shoe_product, &(struct cw_selection){0},
                 &(struct cw_configure_context){.quantity = cases[i].quantity}, arena, &price);
        assert_int_equal(price.unit_minor, cases[i].unit);
        assert_int_equal(price.total_minor, cases[i].unit * cases[i].quantity);
    }
}

static void dates_skip_weekends_and_holidays(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_lead lead;
    struct cw_selection none = {0}, more = read(arena, "{\"gift\":true}");
    cw_lead(&cw_shoe_product, &none, NOON(FRIDAY_2026_12_18), &lead);
    assert_int_equal(lead.working_days, 5); /* 21 22 23 24, not 25 26 27 28, 29 */
    assert_string_equal(lead.ship_by, "2026-12-29");
    cw_lead(&cw_shoe_product, &more, NOON(FRIDAY_2026_12_18), &lead);
    assert_int_equal(lead.working_days, 6);
    assert_string_equal(lead.ship_by, "2026-12-30");
    struct cw_product at_once = cw_shoe_product;
    at_once.lead_time.base_days = 0;
    cw_lead(&at_once, &none, NOON(FRIDAY_2026_12_18), &lead);
    assert_string_equal(lead.ship_by, "2026-12-18");
    cw_lead(&at_once, &none, NOON(FRIDAY_2026_12_18 + 7), &lead); /* a holiday, then a weekend */
    assert_string_equal(lead.ship_by, "2026-12-29");
    cw_lead(&at_once, &none, 0, &lead);
    assert_string_equal(lead.ship_by, "");
}

/* ---- resolving ------------------------------------------------------------------------------- */

static const struct cw_text_fit good_fit = {
    .option = CW_SHOE_TEXT, .verdict = CW_FIT_OK, .em_um = 8000, .ink_um = {20000, 6000}};

static enum cw_status resolve(struct cw_arena *arena, const char *json,
                              const struct cw_text_fit *fit, struct cw_resolved *ret,
                              struct cw_faults *faults) {
    struct cw_selection selection = read(arena, json);
    struct cw_configure_context context = {.fits = fit, .fit_count = fit != NULL};
    *faults = (struct cw_faults){.arena = arena};
    return cw_resolve(engine, &selection, &context, CW_RESOLVE_STRICT, arena, ret, faults);
}

static void resolved_follows_references(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_resolved resolved;
    struct cw_faults faults;
    assert_int_equal(resolve(arena, "{\"colour\":\"moss\",\"heel_text\":\"marta\"}", &good_fit,
                             &resolved, &faults),
                     CW_OK);
    assert_int_equal(resolved.parts[0].material, 1); /* moss brought suede */
    assert_int_equal(resolved.parts[0].colour, 2);
    assert_int_equal(resolved.parts[2].colour, 1);
    assert_int_equal(resolved.decal_count, 1);
    assert_string_equal(resolved.decals[0].text, "MARTA");
    assert_int_equal(resolved.decals[0].graphemes, 5);
    assert_int_equal(resolved.decals[0].colour, 1);
    assert_int_equal(resolved.decals[0].em_um, 8000);
    assert_int_equal(resolved.bom.count, 1);
    json_t *value;
    assert_int_equal(cw_json_read(arena, resolved.canonical, resolved.canonical_length,
                                  CW_JSON_BYTES, &value, NULL),
                     CW_OK);
    assert_string_equal(cw_json_canonical_dup(arena, value), resolved.canonical);
}

static void digest_ignores_order_and_explicit_defaults(void **state) {
    (void)state;
    static const char *const same[] = {
        "{\"heel_text\":\"A\",\"material\":\"suede\"}",
        "{\"material\":\"suede\",\"heel_text\":\"a\",\"note\":\"\"}",
        "{\"size\":\"42\",\"material\":\"suede\",\"height\":20,\"heel_text\":\"a\","
        "\"thread\":\"ink\"}"};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_resolved first, other;
    struct cw_faults faults;
    assert_int_equal(resolve(arena, same[0], &good_fit, &first, &faults), CW_OK);
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(resolve(arena, same[i], &good_fit, &other, &faults), CW_OK);
        assert_string_equal(other.digest, first.digest);
    }
    struct cw_selection selection = read(arena, same[0]);
    assert_int_equal(cw_resolve(engine, &selection, &(struct cw_configure_context){0},
                                CW_RESOLVE_LENIENT, arena, &other, &faults),
                     CW_OK);
    assert_string_equal(other.digest, first.digest);
    assert_int_equal(resolve(arena, "{\"material\":\"suede\"}", NULL, &other, &faults), CW_OK);
    assert_string_not_equal(other.digest, first.digest);
}

static void strict_refuses(void **state) {
    (void)state;
    static const struct {
        const char *json;
        enum cw_fit_verdict verdict;
        const char *code, *pointer;
    } cases[] = {
        {"{\"material\":\"leather\",\"laces\":[\"gold\"]}", CW_FIT_OK, "selection.rule",
         "/selections/material"},
        {"{\"material\":\"leather\",\"colour\":\"moss\"}", CW_FIT_OK, "selection.only_if",
         "/selections/colour"},
        {"{\"gift\":true,\"heel_text\":\"A\"}", CW_FIT_OK, "option.required", "/selections/note"},
        {"{\"heel_text\":\"A\"}", CW_FIT_TOO_WIDE, "text.too_wide", "/selections/heel_text"},
        {"{\"heel_text\":\"A\"}", CW_FIT_TOO_SMALL, "text.too_small", "/selections/heel_text"},
        {"{\"heel_text\":\"A\"}", CW_FIT_CROWDED, "text.crowded", "/selections/heel_text"},
        {"{\"heel_text\":\"A\"}", CW_FIT_GLYPH_MISSING, "text.glyph_missing",
         "/selections/heel_text"},
        {"{\"heel_text\":\"A\"}", CW_FIT_UNMEASURED, "text.unmeasured", "/selections/heel_text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_text_fit fit = good_fit;
        struct cw_resolved resolved;
        struct cw_faults faults;
        fit.verdict = cases[i].verdict;
        memcpy(fit.glyph, "Ж", 3);
        fit.detail_um = 1234;
        assert_int_equal(resolve(arena, cases[i].json, &fit, &resolved, &faults), CW_E_CONFLICT);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.items[0].code, cases[i].code);
        assert_string_equal(faults.items[0].pointer, cases[i].pointer);
        if (cases[i].verdict == CW_FIT_TOO_WIDE || cases[i].verdict == CW_FIT_TOO_SMALL)
            assert_non_null(strstr(faults.items[0].message, "Ж (1.23 mm < "));
        if (cases[i].verdict == CW_FIT_CROWDED)
            assert_non_null(strstr(faults.items[0].message, "Ж (1.23 mm)"));
    }
}

static void lenient_always_answers(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_selection selection = read(arena, "{\"material\":\"leather\",\"colour\":\"moss\"}");
    struct cw_resolved resolved;
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_resolve(engine, &selection, &(struct cw_configure_context){0},
                                CW_RESOLVE_LENIENT, arena, &resolved, &faults),
                     CW_OK);
    assert_int_equal(faults.count, 0);
    assert_int_equal(resolved.parts[0].material, 0);
    assert_int_equal(resolved.parts[0].colour, 2);
}

/* What is shown is what the whole has, without what only makers and prices need. */
static void shown_is_a_part_of_the_whole(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const asked[] = {"{}", "{\"colour\":\"moss\",\"heel_text\":\"marta\"}",
                                        "{\"material\":\"leather\",\"colour\":\"moss\"}"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct cw_selection selection = read(arena, asked[i]);
        struct cw_resolved whole, shown;
        struct cw_faults faults = {.arena = arena};
        struct cw_configure_context context = {0};
        assert_int_equal(
            cw_resolve(engine, &selection, &context, CW_RESOLVE_LENIENT, arena, &whole, &faults),
            CW_OK);
        assert_int_equal(
            cw_resolve(engine, &selection, &context, CW_RESOLVE_SHOWN, arena, &shown, &faults),
            CW_OK);
        assert_int_equal(shown.part_count, whole.part_count);
        assert_memory_equal(shown.parts, whole.parts, whole.part_count * sizeof *whole.parts);
        assert_int_equal(shown.decal_count, whole.decal_count);
        for (size_t d = 0; d < whole.decal_count; d++) {
            assert_int_equal(shown.decals[d].option, whole.decals[d].option);
            assert_string_equal(shown.decals[d].text, whole.decals[d].text);
        }
        assert_string_equal(cw_alt_text(&cw_shoe_product, &shown, "en", arena),
                            cw_alt_text(&cw_shoe_product, &whole, "en", arena));
        assert_string_not_equal(whole.digest, "");
        assert_string_equal(shown.digest, "");
        assert_int_equal(shown.price.line_count, 0);
    }
}

/* ---- alt texts ------------------------------------------------------------------------------- */

static void alt_texts(void **state) {
    (void)state;
    static const char *const golden[][2] = {
        {"en", "Little shoe: upper, tongue Moss suede; sole Ink leather; heel text “MARTA”; "
               "size 42; laces White, Gold; gift box; heel height 20"},
        {"uz", "Kichik poyabzal: ustki qism, til Mox zamsha; taglik Siyoh charm; "
               "poshnadagi yozuv “MARTA”; o‘lcham 42; bog‘ichlar White, Gold; sovg‘a qutisi; "
               "poshna balandligi 20"},
        {"fa",
         "کفش کوچک: رویه، زبانه: جیر، خزه‌ای؛ زیره: چرم، "
         "مرکبی؛ "
         "نوشتهٔ "
         "پاشنه: "
         "«MARTA»؛ "
         "اندازه: 42؛ بندها: سفید، طلایی؛ جعبهٔ هدیه؛ بلندی پاشنه: 20"},
        {"zh", "小鞋：鞋面，鞋舌：绒面革，苔绿；鞋底：皮革，墨色；鞋跟文字：“MARTA”；尺码：42；"
               "鞋带：白色，金色；礼盒；鞋跟高度：20"},
    };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_selection selection =
        read(arena, "{\"colour\":\"moss\",\"heel_text\":\"marta\",\"gift\":true,"
                    "\"laces\":[\"white\",\"gold\"]}");
    struct cw_resolved resolved;
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_resolve(engine, &selection, &(struct cw_configure_context){0},
                                CW_RESOLVE_LENIENT, arena, &resolved, &faults),
                     CW_OK);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(cw_alt_text(&cw_shoe_product, &resolved, golden[i][0], arena),
                            golden[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_consistent_and_complete),
        cmocka_unit_test(reasons_name_pick_and_rule),
        cmocka_unit_test(conflicts_are_explained_in_the_language),
        cmocka_unit_test(only_if_and_inactive_picks_are_explained),
        cmocka_unit_test(market_and_date_take_choices_away),
        cmocka_unit_test(warnings_and_required_texts_are_told),
        cmocka_unit_test(quantity_has_a_limit),
        cmocka_unit_test(price_has_a_line_for_each_reason),
        cmocka_unit_test(quantity_breaks_start_where_they_say),
        cmocka_unit_test(dates_skip_weekends_and_holidays),
        cmocka_unit_test(resolved_follows_references),
        cmocka_unit_test(digest_ignores_order_and_explicit_defaults),
        cmocka_unit_test(strict_refuses),
        cmocka_unit_test(lenient_always_answers),
        cmocka_unit_test(shown_is_a_part_of_the_whole),
        cmocka_unit_test(alt_texts),
    };
    return cmocka_run_group_tests(tests, make_engine, free_engine);
}
