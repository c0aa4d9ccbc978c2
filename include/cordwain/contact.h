/*
 * A contact sheet: many pictures with a word under each, for people to look at. What the command
 * line and `cordwain-renderer --contact` say to each other through one memory file, in the encoding
 * of base/wire.h:
 *
 *   request  u32 magic  u16 version  u32 rows, for each: str title, "" for none  u32 pictures, for
 *            each: str label  u32 length  the PNG file
 *   answer   the sheet as a PNG file, in the request's place
 */
#pragma once

#define CW_CONTACT_MAGIC       0x53435743u /* "CWCS" */
#define CW_CONTACT_VERSION     1
#define CW_CONTACT_LABEL_BYTES 200
