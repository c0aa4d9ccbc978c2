/* Scenes as bytes, in the layout of cordwain/scene.h; the renderer decodes them. */
#pragma once

#include "base/bytes.h"
#include "cordwain/scene.h"

/**
 * Append the body of a RENDER message.
 * @param scene borrowed
 * @param buf   appended to
 * @units   as in the scene
 * @owner   buf is the caller's
 * @errors  CW_E_LIMIT "render.scene_too_large" above 65535 parts or decals, or when the buffer
 * would pass CW_RENDER_MESSAGE_BYTES less its header
 * @cost    O(bytes); pure
 * @source  cordwain/scene.h
 */
enum cw_status cw_scene_encode(const struct cw_scene *scene, struct cw_buf *buf,
                               struct cw_error *err) CW_MUST_USE;

/* Append one decal: the body of a MEASURE message. Errors as above. */
enum cw_status cw_scene_encode_decal(const struct cw_scene_decal *decal, struct cw_buf *buf,
                                     struct cw_error *err) CW_MUST_USE;

/* Append the body of an ARTWORK message. Errors as above. */
enum cw_status cw_scene_encode_artwork(const struct cw_scene_artwork *artwork, struct cw_buf *buf,
                                       struct cw_error *err) CW_MUST_USE;
