/* The hand-written shoe. Tests only. */
#include "shoe_product.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define L10N(...)                                                                                  \
    {                                                                                              \
        .count = COUNT(((const struct cw_l10n_item[]){__VA_ARGS__})),                              \
        .items = (const struct cw_l10n_item[]) {                                                   \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define PLAIN                                                                                      \
    .colour = CW_NONE, .material = CW_NONE, .font = CW_NONE, .pattern = CW_NONE, .value = "",      \
    .stock_item = "", .from_date = "", .until_date = "", .group = ""
#define NO_DRAWING                                                                                 \
    .font_option = CW_NONE, .font = CW_NONE, .colour_option = CW_NONE, .colour = CW_NONE,          \
    .rotation_option = CW_NONE

static const char *const latin[] = {"Latn"};
static const char *const eu_only[] = {"eu"};
static const char *const holidays[] = {"2026-12-25", "2026-12-28"};

static const struct cw_colour colours[] = {
    {.id = "chalk", .title = L10N({"en", "Chalk"}, {"uz", "Bo‘r"}, {"fa", "گچی"}, {"zh", "白垩"})},
    {.id = "ink", .title = L10N({"en", "Ink"}, {"uz", "Siyoh"}, {"fa", "مرکبی"}, {"zh", "墨色"})},
    {.id = "moss",
     .title = L10N({"en", "Moss"}, {"uz", "Mox"}, {"fa", "خزه‌ای"}, {"zh", "苔绿"})},
};

static const struct cw_material materials[] = {
    {.id = "leather",
     .title = L10N({"en", "Leather"}, {"uz", "Charm"}, {"fa", "چرم"}, {"zh", "皮革"})},
    {.id = "suede",
     .title = L10N({"en", "Suede"}, {"uz", "Zamsha"}, {"fa", "جیر"}, {"zh", "绒面革"})},
};

static const struct cw_font fonts[] = {{.id = "block", .title = L10N({"en", "Block"})}};

static const struct cw_cond suede = {.kind = CW_COND_IN, .option = CW_SHOE_MATERIAL, .mask = {{2}}};
static const struct cw_cond gold = {.kind = CW_COND_HAS, .option = CW_SHOE_LACES, .mask = {{4}}};
static const struct cw_cond tall = {
    .kind = CW_COND_RANGE, .option = CW_SHOE_HEIGHT, .min = 25, .max = 30};
static const struct cw_cond has_text = {.kind = CW_COND_PRESENT, .option = CW_SHOE_TEXT};
static const struct cw_cond has_gift = {.kind = CW_COND_IN, .option = CW_SHOE_GIFT, .mask = {{2}}};

static const struct cw_choice sizes[] = {
    {.id = "41", .title = L10N({"en", "41"}), PLAIN},
    {.id = "42", .title = L10N({"en", "42"}), PLAIN},
    {.id = "43",
     .title = L10N({"en", "43"}),
     .colour = CW_NONE,
     .material = CW_NONE,
     .font = CW_NONE,
     .pattern = CW_NONE,
     .from_date = "",
     .until_date = "2026-12-01"},
};
static const struct cw_choice leathers[] = {
    {.id = "leather",
     .title = L10N({"en", "Leather"}),
     .colour = CW_NONE,
     .font = CW_NONE,
     .pattern = CW_NONE,
     .material = 0},
    {.id = "suede",
     .title = L10N({"en", "Suede"}),
     .colour = CW_NONE,
     .font = CW_NONE,
     .pattern = CW_NONE,
     .material = 1,
     .price_minor = 1500,
     .lead_days = 3,
     .market_count = 1,
     .markets = eu_only},
};
static const struct cw_choice shades[] = {
    {.id = "chalk",
     .title = L10N({"en", "Chalk"}),
     .material = CW_NONE,
     .font = CW_NONE,
     .pattern = CW_NONE,
     .colour = 0},
    {.id = "ink",
     .title = L10N({"en", "Ink"}),
     .material = CW_NONE,
     .font = CW_NONE,
     .pattern = CW_NONE,
     .colour = 1},
    {.id = "moss",
     .title = L10N({"en", "Moss"}),
     .material = CW_NONE,
     .font = CW_NONE,
     .pattern = CW_NONE,
     .colour = 2,
     .only_if = &suede,
     .only_if_message =
         L10N({"en", "moss is dyed on suede only"}, {"fa", "خزه‌ای فقط روی جیر"})},
};
static const struct cw_choice laces[] = {
    {.id = "white", .title = L10N({"en", "White"}, {"fa", "سفید"}, {"zh", "白色"}), PLAIN},
    {.id = "black",
     .title = L10N({"en", "Black"}, {"fa", "سیاه"}, {"zh", "黑色"}),
     PLAIN,
     .price_minor = 100},
    {.id = "gold",
     .title = L10N({"en", "Gold"}, {"fa", "طلایی"}, {"zh", "金色"}),
     PLAIN,
     .price_minor = 300},
};

static const struct cw_option options[CW_SHOE_OPTIONS] = {
    [CW_SHOE_SIZE] = {.id = "size",
                      .kind = CW_OPTION_CHOICE,
                      .title =
                          L10N({"en", "Size"}, {"uz", "O‘lcham"}, {"fa", "اندازه"}, {"zh", "尺码"}),
                      .choices = sizes,
                      .choice_count = 3,
                      .default_choice = 1},
    [CW_SHOE_MATERIAL] = {.id = "material",
                          .kind = CW_OPTION_CHOICE,
                          .title = L10N({"en", "Material"}),
                          .choices = leathers,
                          .choice_count = 2},
    [CW_SHOE_COLOUR] = {.id = "colour",
                        .kind = CW_OPTION_CHOICE,
                        .title = L10N({"en", "Colour"}),
                        .choices = shades,
                        .choice_count = 3},
    [CW_SHOE_LACES] = {.id = "laces",
                       .kind = CW_OPTION_MULTI,
                       .title = L10N({"en", "Laces"}, {"uz", "Bog‘ichlar"}, {"fa", "بندها"},
                                     {"zh", "鞋带"}),
                       .choices = laces,
                       .choice_count = 3,
                       .multi_min = 1,
                       .multi_max = 2,
                       .default_multi = 1},
    [CW_SHOE_GIFT] = {.id = "gift",
                      .kind = CW_OPTION_FLAG,
                      .title = L10N({"en", "Gift box"}, {"uz", "Sovg‘a qutisi"},
                                    {"fa", "جعبهٔ هدیه"}, {"zh", "礼盒"}),
                      .flag_price_minor = 500,
                      .flag_lead_days = 1},
    [CW_SHOE_HEIGHT] = {.id = "height",
                        .kind = CW_OPTION_NUMBER,
                        .title = L10N({"en", "Heel height"}, {"uz", "Poshna balandligi"},
                                      {"fa", "بلندی پاشنه"}, {"zh", "鞋跟高度"}),
                        .number_min = 10,
                        .number_max = 30,
                        .number_step = 5,
                        .default_number = 20,
                        .unit = "MMT"},
    [CW_SHOE_TEXT] = {.id = "heel_text",
                      .kind = CW_OPTION_TEXT,
                      .title = L10N({"en", "Heel text"}, {"uz", "Poshnadagi yozuv"},
                                    {"fa", "نوشتهٔ پاشنه"}, {"zh", "鞋跟文字"}),
                      .default_text = "",
                      .text = {.surface = 0,
                               .max_graphemes = 6,
                               .pattern = "",
                               .letter_case = CW_CASE_UPPER,
                               .script_count = 1,
                               .scripts = latin,
                               .font_option = CW_NONE,
                               .font = 0,
                               .colour_option = CW_SHOE_THREAD,
                               .colour = CW_NONE,
                               .rotation_option = CW_NONE,
                               .price_minor = 900,
                               .lead_days = 2}},
    [CW_SHOE_THREAD] = {.id = "thread",
                        .kind = CW_OPTION_CHOICE,
                        .title = L10N({"en", "Thread"}),
                        .choices = shades,
                        .choice_count = 2,
                        .default_choice = 1,
                        .active_if = &has_text},
    [CW_SHOE_NOTE] = {.id = "note",
                      .kind = CW_OPTION_TEXT,
                      .title = L10N({"en", "Gift note"}),
                      .default_text = "",
                      .active_if = &has_gift,
                      .required_if = &has_text,
                      .text = {.surface = CW_NONE,
                               .max_graphemes = 20,
                               .pattern = "[\\p{L} ]+",
                               .pattern_message = L10N({"en", "letters and spaces only"}),
                               NO_DRAWING}},
};

static const struct cw_cond gold_conds[2] = {
    {.kind = CW_COND_HAS, .option = CW_SHOE_LACES, .mask = {{4}}},
    {.kind = CW_COND_IN, .option = CW_SHOE_MATERIAL, .mask = {{2}}},
};
static const struct cw_cond not_tall = {.kind = CW_COND_NOT, .count = 1, .items = &tall};

static const struct cw_rule rules[CW_SHOE_RULES] = {
    [CW_SHOE_GOLD_NEEDS_SUEDE] = {.id = "gold-suede",
                                  .kind = CW_RULE_REQUIRES,
                                  .message = L10N({"en", "gold laces need suede"},
                                                  {"zh", "金色鞋带需要绒面革"}),
                                  .conds = gold_conds,
                                  .cond_count = 2},
    [CW_SHOE_TALL_WARNING] = {.id = "tall",
                              .kind = CW_RULE_FORMULA,
                              .warning = true,
                              .message = L10N({"en", "tall heels take practice"}),
                              .conds = &not_tall,
                              .cond_count = 1},
};

static const struct cw_price_rule price_rules[] = {
    {.id = "gold-tall", .title = L10N({"en", "Gold fittings"}), .when = &gold, .amount_minor = 250},
};
static const struct cw_quantity_break breaks[] = {{.from = 10, .percent_milli = -5000},
                                                  {.from = 50, .percent_milli = -12500}};

static const struct cw_part parts[] = {
    {.id = "upper",
     .title = L10N({"en", "Upper"}, {"uz", "Ustki qism"}, {"fa", "رویه"}, {"zh", "鞋面"}),
     .material_option = CW_SHOE_MATERIAL,
     .material = CW_NONE,
     .colour_option = CW_SHOE_COLOUR,
     .colour = CW_NONE},
    {.id = "tongue",
     .title = L10N({"en", "Tongue"}, {"uz", "Til"}, {"fa", "زبانه"}, {"zh", "鞋舌"}),
     .material_option = CW_SHOE_MATERIAL,
     .material = CW_NONE,
     .colour_option = CW_SHOE_COLOUR,
     .colour = CW_NONE},
    {.id = "sole",
     .title = L10N({"en", "Sole"}, {"uz", "Taglik"}, {"fa", "زیره"}, {"zh", "鞋底"}),
     .material_option = CW_NONE,
     .material = 0,
     .colour_option = CW_NONE,
     .colour = 1},
};
static const struct cw_surface surfaces[] = {{.id = "heel", .title = L10N({"en", "Heel"})}};
static const struct cw_mfg_item bom[] = {{.id = "box", .json = "{}"},
                                         {.id = "gift-box", .when = &has_gift, .json = "{}"}};

const struct cw_product cw_shoe_product = {
    .id = "shoe",
    .version = "3",
    .digest = "sha-256:00",
    .title =
        L10N({"en", "Little shoe"}, {"uz", "Kichik poyabzal"}, {"fa", "کفش کوچک"}, {"zh", "小鞋"}),
    .currency = "EUR",
    .base_price_minor = 9999,
    .option_count = CW_SHOE_OPTIONS,
    .options = options,
    .rule_count = CW_SHOE_RULES,
    .rules = rules,
    .price_rule_count = COUNT(price_rules),
    .price_rules = price_rules,
    .quantity_break_count = COUNT(breaks),
    .quantity_breaks = breaks,
    .lead_time = {.base_days = 5, .workdays = 0x1f, .holiday_count = 2, .holidays = holidays},
    .colour_count = COUNT(colours),
    .colours = colours,
    .material_count = COUNT(materials),
    .materials = materials,
    .font_count = COUNT(fonts),
    .fonts = fonts,
    .surface_count = COUNT(surfaces),
    .surfaces = surfaces,
    .part_count = COUNT(parts),
    .parts = parts,
    .manufacturing = {.bom = {.count = COUNT(bom), .items = bom}, .size_option = CW_SHOE_SIZE},
};
