/* What the API needs to take shoppers' pictures: crews, key, folder. */
#pragma once

#include "api/api.h"
#include "app/config.h"
#include "app/paths.h"

/**
 * Start the crews and read or make the key that ids are made with.
 * @param config, paths borrowed; the paths' strings outlive the uploads
 * @param ret     zeroed by the caller; released with cw_uploads_close also after a failure
 * @units   bytes
 * @owner   the caller
 * @errors  CW_E_IO from files and threads; CW_E_INPUT "key.file"; CW_E_NOMEM
 * @cost    blocking: at start only
 * @source  none
 */
enum cw_status cw_uploads_open(const struct cw_config *config, const struct cw_paths *paths,
                               struct cw_api_uploads *ret, struct cw_error *err) CW_MUST_USE;

/* Take nothing more and wait for what is under way; `done` of all is in the mailboxes then. */
void cw_uploads_close(struct cw_api_uploads *uploads);

/* A file of 32 random bytes in the keys folder, made when missing; the nodes of one shop share it.
 * CW_E_INPUT "key.file" when it has another length. */
enum cw_status cw_key_file(const struct cw_paths *paths, const char *name, uint8_t ret_key[32],
                           struct cw_error *err) CW_MUST_USE;
