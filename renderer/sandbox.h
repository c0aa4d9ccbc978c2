/* What a worker gives up before it reads its first job. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/**
 * Lock the process down: no new privileges, dies with its parent, resource limits, and a seccomp
 * list of what drawing needs; every other system call kills the process.
 * @units   none
 * @owner   the process; cannot be undone
 * @errors  CW_E_IO "sandbox.setup"
 * @cost    < 1 ms
 * @source  docs/explanation/rendering.md "The sandbox"; a build with ASan or TSan skips it and says
 * so in the log
 */
enum cw_status cw_sandbox_enter(struct cw_error *err) CW_MUST_USE;

/* Limits only, for the pack writer, which needs the file system. */
enum cw_status cw_sandbox_limits(struct cw_error *err) CW_MUST_USE;

/* False when built with a sanitizer that cannot live under seccomp. */
bool cw_sandbox_available(void);
