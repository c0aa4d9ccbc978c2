/* One line per event, key=value, outside strings quoted. Steps do not log; edges do. */
#pragma once

#include "base/error.h"

enum cw_log_level { CW_LOG_ERROR, CW_LOG_WARN, CW_LOG_INFO, CW_LOG_DEBUG };

/* From CORDWAIN_LOG=error|warn|info|debug by default (info). Set before threads start. */
void cw_log_level_set(enum cw_log_level level);

/* A file that logs defines CW_LOG_MODULE before including this. `event` is a short static name. */
void cw_log_write(enum cw_log_level level, const char *module, const char *event,
                  const char *format, ...) CW_PRINTF(4, 5);
#define cw_log_error(event, ...) cw_log_write(CW_LOG_ERROR, CW_LOG_MODULE, (event), __VA_ARGS__)
#define cw_log_warn(event, ...)  cw_log_write(CW_LOG_WARN, CW_LOG_MODULE, (event), __VA_ARGS__)
#define cw_log_info(event, ...)  cw_log_write(CW_LOG_INFO, CW_LOG_MODULE, (event), __VA_ARGS__)
#define cw_log_debug(event, ...) cw_log_write(CW_LOG_DEBUG, CW_LOG_MODULE, (event), __VA_ARGS__)

/* Quote a string from outside for a log line into a static-size buffer; cut at its end. */
#define CW_LOG_QUOTED 200
const char *cw_log_quote(const char *text, char ret_text[CW_LOG_QUOTED]);
