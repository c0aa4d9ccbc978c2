/* Letters that run into each other where a baseline bends towards them. Used by text.c only. */
#pragma once

#include "text_curve.h"

struct cw_crowded {
    bool found;
    size_t byte;     /* of the first of both letters */
    double along_um; /* where they meet, from the beginning of the curve */
};

/**
 * Look for the first two neighbours whose outlines share more on the curve than they do in a
 * straight line, where kerned and script letters may touch as their designer wished.
 * @param shaped   shaped, nothing missing
 * @param clusters of the same text; those that join are bent, not turned, and are not looked at
 * @param curve    longer than the text at this size
 * @param em_um    [µm] size
 * @param ret      written on success only
 * @units   as said
 * @owner   nothing kept
 * @errors  CW_E_NOMEM
 * @cost    two fills of some thousand pixels for each pair, four where they come close
 * @source  outlines are drawn at 40 px per em, one of them with a thin line around it: that
 * much has to stay free
 */
enum cw_status cw_text_crowded(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                               const struct cw_curve *curve, double em_um, struct cw_crowded *ret,
                               struct cw_error *err) CW_MUST_USE;
