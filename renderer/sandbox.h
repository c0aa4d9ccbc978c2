/* What the renderer gives up: its own table for base/sandbox.h. */
#pragma once

#include "base/error.h"

/* cw_sandbox_enter with what drawing needs; errors of that. */
enum cw_status cw_renderer_lock(struct cw_error *err) CW_MUST_USE;

/* Limits only, for the pack writer, which needs the file system. */
enum cw_status cw_renderer_limits(struct cw_error *err) CW_MUST_USE;

/* The importer's: the same calls, and the memory of one picture. */
enum cw_status cw_import_lock(struct cw_error *err) CW_MUST_USE;
