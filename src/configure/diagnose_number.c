/*
 * Responsible for: numbers an option offers and no configuration has, told as ranges. Does not:
 * look at choices (diagnose.c). Command line and publishing threads.
 */
#include "configure/diagnose_inside.h"

/* Classes of a number that no configuration has, one beside the other. */
struct dead_classes {
    uint32_t option, first, end;
};

static void tell_range(struct cw_diagnosing *d, const struct dead_classes *dead) {
    const struct cw_lowered_option *lowered = &d->lowered->options[dead->option];
    const struct cw_option *option = &d->product->options[dead->option];
    int64_t least = lowered->class_first[dead->first],
            most = lowered->class_first[dead->end] - option->number_step;
    struct cw_solve_core core;
    uint64_t *mask = cw_diagnose_mask(d), *set = mask + d->model->word_bases[lowered->var];
    for (uint32_t v = 0; v < d->model->value_counts[lowered->var]; v++) {
        if (v < dead->first || v >= dead->end) {
            cw_set_drop(set, v);
        }
    }
    bool known = cw_diagnose_core(d, mask, &core);
    const char *range = least == most ? cw_arena_printf(d->arena, "at %lld", (long long)least)
                                      : cw_arena_printf(d->arena, "from %lld to %lld",
                                                        (long long)least, (long long)most);
    cw_diagnose_add(d,
                    &(struct cw_finding){CW_FINDING_WARNING, "rules.dead_range",
                                         cw_arena_printf(d->arena, "/options/%u", dead->option),
                                         cw_arena_printf(d->arena, "no configuration has '%s' %s",
                                                         option->id, range),
                                         known ? cw_diagnose_core_text(d, &core) : ""});
}

static bool has_class(const struct cw_diagnosing *d, uint32_t option, uint32_t class) {
    uint32_t var = d->lowered->options[option].var;
    return cw_set_has(d->possible + d->model->word_bases[var], class);
}

void cw_diagnose_ranges(struct cw_diagnosing *d) {
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        uint32_t count = d->lowered->options[o].class_count;
        if (d->product->options[o].kind != CW_OPTION_NUMBER || !cw_diagnose_is_ever_active(d, o)) {
            continue;
        }
        for (uint32_t c = 0; c < count; c++) {
            struct dead_classes dead = {o, c, c};
            while (dead.end < count && !has_class(d, o, dead.end)) {
                dead.end++;
            }
            if (dead.end > dead.first) {
                tell_range(d, &dead);
                c = dead.end;
            }
        }
    }
}
