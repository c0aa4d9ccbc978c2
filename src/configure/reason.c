/*
 * Responsible for: the sentence that tells a shopper why a choice cannot be taken.
 * Does not: find the reason (conflict.c). Pure; any thread.
 */
#include "configure/configure.h"
#include "configure/issue.h"

static const char *only_if_text(const struct cw_option *option, uint32_t choice,
                                const char *locale) {
    if (option->kind != CW_OPTION_CHOICE && option->kind != CW_OPTION_MULTI) {
        return NULL;
    }
    const struct cw_l10n *message = &option->choices[choice].only_if_message;
    return message->count > 0 ? cw_l10n_get(message, locale) : NULL;
}

const char *cw_choice_reason_text(const struct cw_product *product, const struct cw_answer *answer,
                                  const struct cw_choice_ref *ref, const char *locale,
                                  struct cw_arena *arena) {
    const struct cw_choice_answer *choice = &answer->options[ref->option].choices[ref->choice];
    const char *text = NULL;
    if (choice->state == CW_CHOICE_UNAVAILABLE) {
        return cw_sentence("choice.unavailable", locale);
    }
    if (choice->only_if) {
        text = only_if_text(&product->options[ref->option], ref->choice, locale);
    } else if (choice->reason_rule != CW_NONE) {
        text = cw_l10n_get(&product->rules[choice->reason_rule].message, locale);
    } else if (choice->reason_option != CW_NONE) {
        const struct cw_option *other = &product->options[choice->reason_option];
        const struct cw_option_answer *picked = &answer->options[choice->reason_option];
        /* Another pick's own onlyIf may be what stands in the way. */
        text = picked->known && other->kind == CW_OPTION_CHOICE
                   ? only_if_text(other, picked->value.choice, locale)
                   : NULL;
        if (!text) {
            text = cw_arena_printf(arena, "%s: %s", cw_l10n_get(&other->title, locale),
                                   cw_sentence("selection.conflict_with", locale));
        }
    }
    return text ? text : cw_sentence("selection.conflict", locale);
}
