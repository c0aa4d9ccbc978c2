/* What the two halves of `cordwain render` share. */
#pragma once

#include "app/picture_files.h"
#include "base/bytes.h"
#include "cli/cli.h"
#include "preview/sync.h"

/* --sheet: presets × views of the products named, in one PNG; an exit code. */
int cli_render_sheet(struct cli *cli, const struct cw_scene_request *frame);
/* Every -s option=choice, with its pictures' files; an exit code, faults were printed. */
int cli_read_selection(struct cli *cli, const struct cw_product *product,
                       struct cw_picture_files *pictures, struct cw_selection *ret);
/* Into the file ("-": standard output), with a line about it for --json; an exit code. */
int cli_write_picture(struct cli *cli, const char *file, struct cw_bytes picture);
