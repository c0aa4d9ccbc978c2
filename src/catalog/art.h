/* Does the art bundle hold what the document names? Reads the bundle's JSON, never its pictures. */
#pragma once

#include "base/error.h"
#include "cordwain/product.h"

/**
 * Compare a product with its art folder: parts, views, surfaces and their geometry, finishes, both
 * ways for parts.
 * @param product checked
 * @param art_dir folder that holds product.json and <view>/view.json
 * @param faults  codes "art.*", pointers into the product document
 * @units   product µm, bundle mm
 * @owner   fault texts in faults->arena
 * @errors  CW_E_INPUT with faults; CW_E_NOT_FOUND "file.not_found", CW_E_IO when a JSON file cannot
 * be read
 * @cost    reads one file per view; blocking: command line and start-up only
 * @source  assets/art/README.md
 */
enum cw_status cw_product_check_art(const struct cw_product *product, const char *art_dir,
                                    struct cw_faults *faults, struct cw_error *err) CW_MUST_USE;
