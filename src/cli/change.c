/*
 * Responsible for: what a new version changes, told to a person: `product check --against`,
 * `product publish`. Does not: compare (app). Command line.
 */
#include <string.h>

#include "app/compare.h"
#include "cli/cli.h"

/* "12,345,678" */
void cli_put_grouped(struct cw_buf *buf, const char *digits) {
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            cw_buf_putc(buf, ',');
        }
        cw_buf_putc(buf, digits[i]);
    }
}

void cli_put_change(struct cw_buf *buf, const struct cw_comparison *c) {
    const struct cw_diagnosis_change *change = &c->change;
    cw_buf_printf(buf, "  against version %s: ", c->version);
    if (change->appear && change->vanish) {
        cli_put_grouped(buf, change->appear);
        cw_buf_puts(buf, " configurations appear, ");
        cli_put_grouped(buf, change->vanish);
        cw_buf_puts(buf, " vanish\n");
    } else {
        cw_buf_puts(buf, "how many configurations appear and vanish is not known\n");
    }
    const struct cw_unorderable *lists[] = {&c->designs, &c->orders};
    static const char *const names[] = {"saved designs", "open orders"};
    for (size_t i = 0; i < 2; i++) {
        if (lists[i]->looked_at == 0) {
            if (lists[i]->cut) {
                cw_buf_printf(buf, "  there was no time to look at %s\n", names[i]);
            }
            continue;
        }
        cw_buf_printf(buf, "  %zu of %s%zu %s could no longer be ordered", lists[i]->count,
                      lists[i]->cut ? "the first " : "", lists[i]->looked_at, names[i]);
        for (size_t k = 0; k < lists[i]->id_count; k++) {
            cw_buf_printf(buf, "%s%s", k ? ", " : ": ", lists[i]->ids[k]);
        }
        cw_buf_putc(buf, '\n');
    }
}
