/* The configure answer as JSON: the API and `cordwain configure` write the same. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "configure/configure.h"

struct api_answer { /* all borrowed */
    const struct cw_engine *engine;
    const char *locale;
    const struct cw_selection *selection;
    const struct cw_answer *answer;
    const struct cw_resolved *resolved; /* lenient: for the alt text */
    const struct cw_text_fit *fits;     /* texts that do not fit are left out of the pictures */
    size_t fit_count;
};

/* Appends the object of docs/reference/api.md "Products". Never fails; scratch in the arena. */
void api_write_answer(struct cw_buf *buf, const struct api_answer *a, struct cw_arena *arena);
