/* Contact sheets: a process of its own makes one and ends. */
#pragma once

#include "fonts.h"

/**
 * Read the pictures of a request, put them in rows with their labels, write the sheet in its place.
 * @param fd    memory file of include/cordwain/contact.h, borrowed
 * @param fonts warmed; labels are in the stack "sans"
 * @units   pixels
 * @owner   nothing outlives the call
 * @errors  CW_E_INPUT "render.contact" (a request that makes no sense, a picture that is no PNG);
 * CW_E_LIMIT "render.contact_too_large" above CW_CONTACT_CELLS or CW_CONTACT_SIDE_PX; CW_E_NOMEM
 * @cost    one decode of each picture and one encode
 * @source  none
 */
enum cw_status cw_contact_make(int fd, struct cw_fonts *fonts, struct cw_error *err) CW_MUST_USE;
