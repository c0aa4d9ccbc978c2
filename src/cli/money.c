/*
 * Responsible for: amounts as people write them. Does not: compute any. Command line.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* ISO 4217 gives most currencies two decimals; those with none or three are listed. */
void cli_money(const char *currency, int64_t minor, char ret_text[CLI_MONEY]) {
    static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
    static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
    long long total = minor, size = total < 0 ? -total : total;
    int decimals = strstr(none, currency) ? 0 : strstr(three, currency) ? 3 : 2;
    long long unit = decimals == 0 ? 1 : decimals == 3 ? 1000 : 100;
    if (decimals == 0) {
        snprintf(ret_text, CLI_MONEY, "%lld", total);
    } else {
        snprintf(ret_text, CLI_MONEY, "%s%lld.%0*lld", total < 0 ? "-" : "", size / unit, decimals,
                 size % unit);
    }
}
