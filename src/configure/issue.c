/*
 * Issues: the sentences of the configure step in its four languages, and the checks that need no
 * search: warnings, required options, texts. Rules bring their own messages. Server process, any
 * thread.
 */
#include "configure/issue.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "configure/placement.h"

#define UM_PER_INCH 25400

struct sentence {
    const char *code;
    struct cw_l10n_item texts[4];
};

static const struct sentence sentences[] = {
    {"option.required",
     {{"en", "please fill this in"},
      {"uz", "iltimos, buni toʻldiring"},
      {"fa", "لطفاً این را پر کنید"},
      {"zh", "请填写此项"}}},
    {"selection.inactive",
     {{"en", "does not apply to the other choices"},
      {"uz", "boshqa tanlovlarga mos kelmaydi"},
      {"fa", "با انتخاب‌های دیگر کاربرد ندارد"},
      {"zh", "不适用于其他所选项"}}},
    {"selection.only_if",
     {{"en", "cannot be combined with the other choices"},
      {"uz", "boshqa tanlovlar bilan birga boʻlmaydi"},
      {"fa", "با انتخاب‌های دیگر ترکیب نمی‌شود"},
      {"zh", "不能与其他所选项组合"}}},
    {"selection.conflict",
     {{"en", "cannot be combined with the other choices"},
      {"uz", "boshqa tanlovlar bilan birga boʻlmaydi"},
      {"fa", "با انتخاب‌های دیگر ترکیب نمی‌شود"},
      {"zh", "不能与其他所选项组合"}}},
    {"selection.nothing_left", /* no pick is to blame */
     {{"en", "nothing of this product can be made here and now"},
      {"uz", "bu mahsulotdan hozir bu yerda hech narsa tayyorlab boʻlmaydi"},
      {"fa", "اکنون در اینجا هیچ شکلی از این محصول ساخته "
             "نمی‌شود"},
      {"zh", "目前在此地区无法制作此产品的任何款式"}}},
    {"selection.conflict_with", /* followed by the title of the other option */
     {{"en", "does not go with your choice here"},
      {"uz", "bu yerdagi tanlovingizga mos kelmaydi"},
      {"fa", "با انتخاب شما در اینجا سازگار نیست"},
      {"zh", "与您在此处的选择不兼容"}}},
    {"choice.unavailable",
     {{"en", "this choice is not available here and now"},
      {"uz", "bu tanlov hozir bu yerda mavjud emas"},
      {"fa", "این گزینه اکنون در اینجا موجود نیست"},
      {"zh", "此选项目前在此地区不可用"}}},
    {"text.glyph_missing",
     {{"en", "the font cannot write this character"},
      {"uz", "shrift bu belgini yoza olmaydi"},
      {"fa", "قلم نمی‌تواند این نویسه را بنویسد"},
      {"zh", "该字体无法显示此字符"}}},
    {"text.too_wide",
     {{"en", "the text is too wide for its place"},
      {"uz", "matn oʻz joyiga sigʻmaydi"},
      {"fa", "متن برای جای خود بیش از حد پهن است"},
      {"zh", "文字过宽，放不下"}}},
    {"text.too_small",
     {{"en", "the smaller letters would be too low to be made"},
      {"uz", "kichik harflar yasab boʻlmaydigan darajada past chiqadi"},
      {"fa", "حروف کوچک‌تر کوتاه‌تر از آن می‌شوند که ساخته "
             "شوند"},
      {"zh", "较小的字母太矮，无法制作"}}},
    {"text.crowded",
     {{"en", "letters run into each other where the line bends"},
      {"uz", "chiziq egilgan joyda harflar bir-biriga tegib ketadi"},
      {"fa", "حروف در خم خط به هم می‌خورند"},
      {"zh", "字母在弯曲处相互碰触"}}},
    {"text.stroke",
     {{"en", "a stroke is too thin to be made"},
      {"uz", "chiziq juda ingichka, uni yasab boʻlmaydi"},
      {"fa", "خط نازک‌تر از آن است که ساخته شود"},
      {"zh", "笔画太细，无法制作"}}},
    {"text.emoji",
     {{"en", "a picture character is no letter"},
      {"uz", "rasm belgisi harf emas"},
      {"fa", "شکلک حرف نیست"},
      {"zh", "表情符号不是文字"}}},
    {"text.monogram",
     {{"en", "a monogram takes one to three letters"},
      {"uz", "monogramma birdan uchgacha harfdan iborat"},
      {"fa", "تک‌نگاره یک تا سه حرف دارد"},
      {"zh", "花押字由一至三个字母组成"}}},
    {"artwork.unknown",
     {{"en", "this picture is not known here; upload it again"},
      {"uz", "bu rasm bu yerda maʼlum emas; uni qayta yuklang"},
      {"fa", "این تصویر اینجا شناخته نیست؛ دوباره بارگذاری کنید"},
      {"zh", "此处没有这张图片，请重新上传"}}},
    {"artwork.outside",
     {{"en", "the picture lies outside of its area"},
      {"uz", "rasm oʻz maydonidan tashqarida"},
      {"fa", "تصویر بیرون از جای خود است"},
      {"zh", "图片位于可用区域之外"}}},
    {"artwork.resolution", /* followed by what it is and what it must be */
     {{"en", "the picture has too few pixels for this size; make it smaller"},
      {"uz", "bu oʻlcham uchun rasm piksellari yetarli emas; uni kichraytiring"},
      {"fa", "پیکسل‌های تصویر برای این اندازه کم است؛ "
             "کوچک‌ترش "
             "کنید"},
      {"zh", "以此尺寸图片像素不足，请缩小"}}},
    {"text.unmeasured",
     {{"en", "the text could not be measured yet"},
      {"uz", "matn hali oʻlchanmadi"},
      {"fa", "متن هنوز اندازه‌گیری نشده است"},
      {"zh", "文字尚未测量"}}},
};

const char *cw_sentence(const char *code, const char *locale) {
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        struct cw_l10n text = {.count = 4, .items = sentences[i].texts};
        if (strcmp(sentences[i].code, code) == 0)
            return cw_l10n_get(&text, locale);
    }
    return code;
}

void cw_issue_add(struct cw_issues *issues, struct cw_issue issue) {
    issues->items = cw_arena_grow(issues->arena, issues->items, issues->count, &issues->capacity,
                                  sizeof *issues->items);
    issue.pointer = "/selections";
    if (issue.option != CW_NONE)
        issue.pointer = cw_json_pointer(issues->arena, issue.pointer,
                                        issues->product->options[issue.option].id);
    issues->items[issues->count++] = issue;
}

void cw_issue_add_code(struct cw_issues *issues, const char *code, uint32_t option,
                       const char *extra) {
    const char *sentence = cw_sentence(code, issues->locale);
    if (option != CW_NONE)
        sentence =
            cw_arena_printf(issues->arena, "%s: %s%s%s",
                            cw_l10n_get(&issues->product->options[option].title, issues->locale),
                            sentence, extra[0] ? ": " : "", extra);
    cw_issue_add(issues, (struct cw_issue){.severity = CW_SEVERITY_ERROR,
                                           .code = code,
                                           .option = option,
                                           .rule = CW_NONE,
                                           .message = sentence});
}

void cw_issue_add_rule(struct cw_issues *issues, uint32_t rule, uint32_t option) {
    const struct cw_rule *broken = &issues->product->rules[rule];
    cw_issue_add(issues, (struct cw_issue){
                             .severity = broken->warning ? CW_SEVERITY_WARNING : CW_SEVERITY_ERROR,
                             .code = "rule",
                             .option = option,
                             .rule = rule,
                             .message = cw_l10n_get(&broken->message, issues->locale)});
}

void cw_issue_add_only_if(struct cw_issues *issues, uint32_t option, uint32_t choice) {
    const struct cw_choice *refused = &issues->product->options[option].choices[choice];
    const char *message = cw_l10n_get(&refused->only_if_message, issues->locale);
    if (!message[0]) {
        cw_issue_add_code(issues, "selection.only_if", option,
                          cw_l10n_get(&refused->title, issues->locale));
        return;
    }
    cw_issue_add(issues, (struct cw_issue){.severity = CW_SEVERITY_ERROR,
                                           .code = "selection.only_if",
                                           .option = option,
                                           .rule = CW_NONE,
                                           .message = message});
}

/* ---- on complete facts ----------------------------------------------------------------------- */

static bool is_picked(const struct cw_selection *selection, uint32_t option) {
    for (size_t i = 0; i < selection->count; i++)
        if (selection->picks[i].option == option)
            return true;
    return false;
}

/* Nobody has filled it in, and no default does: the completion's own filling does not count. */
static bool is_missing(const struct cw_product *product, const struct cw_fact *facts,
                       const struct cw_selection *selection, uint32_t o) {
    const struct cw_option *option = &product->options[o];
    const struct cw_fact *fact = &facts[o];
    if (!fact->active)
        return false;
    bool required = option->required ||
                    (option->required_if && cw_facts_hold(product, facts, option->required_if));
    if (option->kind == CW_OPTION_TEXT)
        return fact->value.text[0] == '\0' && (required || fact->present);
    if (option->kind != CW_OPTION_MULTI || !required)
        return false;
    return fact->value.multi == 0 || (!is_picked(selection, o) && option->default_multi == 0);
}

static const struct cw_text_fit *fit_of(const struct cw_configure_context *context,
                                        uint32_t option) {
    for (size_t i = 0; i < context->fit_count; i++)
        if (context->fits[i].option == option)
            return &context->fits[i];
    return NULL;
}

/* Some of the picture must lie in the area, by its turned corners; an overlap of boxes is enough of
 * a check for a person who sees the preview. */
static bool touches(const int32_t box_um[4], int32_t rotation_mdeg, const int32_t area_um[4]) {
    double angle = rotation_mdeg * (M_PI / 180000), c = fabs(cos(angle)), s = fabs(sin(angle));
    for (int i = 0; i < 2; i++) {
        double half = (box_um[2 + i] * c + box_um[3 - i] * s) / 2;
        if (box_um[i] + half <= area_um[i] ||
            box_um[i] - half >= (double)area_um[i] + area_um[i + 2])
            return false;
    }
    return true;
}

static void judge_artwork(struct cw_issues *issues, const struct cw_fact *fact,
                          const struct cw_configure_context *context, uint32_t o) {
    const struct cw_surface *surface =
        &issues->product->surfaces[issues->product->options[o].text.surface];
    struct cw_placement placement;
    bool read = cw_placement_parse(fact->value.text, &placement);
    const struct cw_artwork_fact *artwork =
        read ? cw_artwork_fact_find(context, placement.id) : NULL;
    if (!artwork) {
        cw_issue_add_code(issues, "artwork.unknown", o, "");
        return;
    }
    int32_t box_um[4];
    cw_placement_box(&placement, surface, artwork, box_um);
    int64_t dpi = (int64_t)artwork->width_px * UM_PER_INCH / box_um[2];
    if (!touches(box_um, placement.rotation_mdeg, surface->artwork_um))
        cw_issue_add_code(issues, "artwork.outside", o, "");
    else if (dpi < surface->min_dpi)
        cw_issue_add_code(
            issues, "artwork.resolution", o,
            cw_arena_printf(issues->arena, "%d < %d dpi", (int)dpi, surface->min_dpi));
}

/* The letter, what it would measure and what the process makes at least. */
static const char *letter_and_limit(const struct cw_issues *issues, const struct cw_text_fit *fit,
                                    int32_t least_um) {
    return cw_arena_printf(issues->arena, "%s (%d.%02d mm < %d.%02d mm)", fit->glyph,
                           fit->detail_um / 1000, fit->detail_um % 1000 / 10, least_um / 1000,
                           least_um % 1000 / 10);
}

static void judge_text(struct cw_issues *issues, const struct cw_fact *fact,
                       const struct cw_configure_context *context, uint32_t o) {
    const struct cw_option *option = &issues->product->options[o];
    if (option->kind != CW_OPTION_TEXT || option->text.surface == CW_NONE || !fact->active ||
        !fact->value.text[0])
        return;
    if (option->artwork) {
        judge_artwork(issues, fact, context, o);
        return;
    }
    const struct cw_surface *surface = &issues->product->surfaces[option->text.surface];
    const struct cw_text_fit *fit = fit_of(context, o);
    if (!fit || fit->verdict == CW_FIT_UNMEASURED)
        cw_issue_add_code(issues, "text.unmeasured", o, "");
    else if (fit->verdict == CW_FIT_GLYPH_MISSING)
        cw_issue_add_code(issues, "text.glyph_missing", o, fit->glyph);
    else if (fit->verdict == CW_FIT_TOO_WIDE)
        cw_issue_add_code(issues, "text.too_wide", o,
                          letter_and_limit(issues, fit, surface->min_letter_um));
    else if (fit->verdict == CW_FIT_TOO_SMALL)
        cw_issue_add_code(issues, "text.too_small", o,
                          letter_and_limit(issues, fit, surface->min_letter_um));
    else if (fit->verdict == CW_FIT_CROWDED)
        cw_issue_add_code(issues, "text.crowded", o,
                          cw_arena_printf(issues->arena, "%s (%d.%02d mm)", fit->glyph,
                                          fit->detail_um / 1000, fit->detail_um % 1000 / 10));
    else if (fit->verdict == CW_FIT_EMOJI)
        cw_issue_add_code(issues, "text.emoji", o, fit->glyph);
    else if (fit->verdict == CW_FIT_MONOGRAM)
        cw_issue_add_code(issues, "text.monogram", o, "");
    else if (fit->verdict == CW_FIT_STROKE)
        cw_issue_add_code(issues, "text.stroke", o,
                          letter_and_limit(issues, fit, surface->min_stroke_um));
}

void cw_issues_of_facts(struct cw_issues *issues, const struct cw_fact *facts,
                        const struct cw_selection *selection,
                        const struct cw_configure_context *context) {
    const struct cw_product *product = issues->product;
    for (uint32_t o = 0; o < product->option_count; o++) {
        if (is_missing(product, facts, selection, o))
            cw_issue_add_code(issues, "option.required", o, "");
        if (context->fits)
            judge_text(issues, &facts[o], context, o);
    }
    for (uint32_t r = 0; r < product->rule_count; r++)
        if (product->rules[r].warning && !cw_facts_keep(product, facts, &product->rules[r]))
            cw_issue_add_rule(issues, r, CW_NONE);
}
