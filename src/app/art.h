/* Art bundles on this node: each packed once by the renderer into <data>/packs/<digest>.pack. */
#pragma once

#include "app/paths.h"
#include "base/digest.h"

/**
 * Pack a bundle unless that was done already, and remember it as the current one of its name.
 * @param art       bundle name, a folder of assets/art
 * @param ret_digest "sha-256:…" of the pack
 * @units   none
 * @owner   plain text
 * @errors  CW_E_NOT_FOUND "product.art_unknown"; CW_E_INPUT "art.invalid" (the renderer refused
 * it); CW_E_IO
 * @cost    seconds when it packs (a child process), one small read when packed before; blocking
 * @source  none
 */
enum cw_status cw_art_install(const struct cw_paths *paths, const char *art,
                              char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) CW_MUST_USE;

/* The current digest of an installed bundle. CW_E_NOT_FOUND "product.art_unknown". Blocking, one
 * small read. */
enum cw_status cw_art_current(const struct cw_paths *paths, const char *art,
                              char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) CW_MUST_USE;

/* "<data>/packs/<hex>.pack" in the arena. */
const char *cw_art_pack_path(struct cw_arena *arena, const struct cw_paths *paths,
                             const char *digest);
