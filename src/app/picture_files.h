/* Pictures that a selection names by file, where no server keeps uploads: the command line and the
 * golden designs. */
#pragma once

#include <jansson.h>

#include "app/paths.h"
#include "configure/configure.h"

#define CW_PICTURE_FILES 64 /* different ones in one run */

struct cw_picture_files;

/* Released with cw_picture_files_free, which takes NULL and removes the folder with all in it: one
 * below $TMPDIR, else /tmp, made with the first picture. */
struct cw_picture_files *cw_picture_files_new(const struct cw_paths *paths);
void cw_picture_files_free(struct cw_picture_files *files);

/* The folder, for cw_sync_show_pictures; borrowed; "" before there is a picture. */
const char *cw_picture_files_folder(const struct cw_picture_files *files);

/**
 * Have a file judged by a locked process of its own, as an upload is, and keep its picture. A
 * picture that is there already keeps its fact.
 * @param path as open(2) takes it
 * @param ret  id and digests in the files' memory; written on success only. The id is made from the
 * pixels alone, so that it is the same everywhere: no secret, unlike those of uploads
 * @units   pixels, bytes
 * @owner   files
 * @errors  CW_E_NOT_FOUND "file.not_found"; CW_E_INPUT with the importer's code, or "artwork.kind"
 * for a drawing; CW_E_IO "file.write"; CW_E_LIMIT "render.too_many_pictures" beyond
 * CW_PICTURE_FILES; those of cw_import_run and cw_picture_keep
 * @cost    about 50 ms and three passes over the pixels; blocks
 * @source  docs/reference/command-line.md "Pictures"
 */
enum cw_status cw_picture_files_add(struct cw_picture_files *files, const char *path,
                                    const struct cw_artwork_fact **ret,
                                    struct cw_error *err) CW_MUST_USE;

/**
 * Put ids in the places of the files that the picture options of a selection name: "@FILE" as a
 * placement's "artwork".
 * @param selections option → value; changed in place
 * @param folder     what a relative FILE is relative to, or NULL for the working folder
 * @param faults     what is wrong with a file, at the option's "artwork"
 * @units   none
 * @owner   none
 * @errors  CW_E_INPUT when a fault was added
 * @cost    that of cw_picture_files_add for each
 * @source  docs/reference/command-line.md "Pictures"
 */
enum cw_status cw_picture_files_replace(struct cw_picture_files *files,
                                        const struct cw_product *product, json_t *selections,
                                        const char *folder, struct cw_faults *faults) CW_MUST_USE;

/* The same for one pair of a command line: "@FILE" or "@FILE,x,y,width,rotation" as the value of a
 * picture's option becomes a text that names the id, in the files' memory. */
enum cw_status cw_picture_files_replace_text(struct cw_picture_files *files,
                                             const struct cw_product *product,
                                             struct cw_selection_text *pair,
                                             struct cw_faults *faults) CW_MUST_USE;

/* Tell a question which pictures there are. The context must not outlive the files. */
void cw_picture_files_tell(const struct cw_picture_files *files,
                           struct cw_configure_context *context);
