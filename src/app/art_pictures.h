/* Pictures of an art bundle's flat views, decoded by the importer before the bundle is packed. */
#pragma once

#include "app/paths.h"
#include "base/error.h"

/**
 * Decode every picture and mask that the view.json files of a bundle list, each in an importer of
 * its own, into files VIEW.FILE of a new folder: width and height as little-endian u32, then the
 * pixels of include/cordwain/artwork.h. Drawings are drawn as large as their view.
 * @param paths  the renderer
 * @param folder the bundle
 * @param out    the folder to make; it must not exist
 * @units   pixels
 * @owner   the folder is the caller's, removed with cw_folder_remove, also after a failure
 * @errors  CW_E_INPUT "art.picture" with the view, the file and why it was refused; CW_E_IO
 * "art.picture", "file.write" and those of cw_import_run. What is wrong with product.json or a
 * view.json itself is left to the packer.
 * @cost    about 50 ms a picture; blocks
 * @source  none
 */
enum cw_status cw_art_pictures_decode(const struct cw_paths *paths, const char *folder,
                                      const char *out, struct cw_error *err) CW_MUST_USE;
