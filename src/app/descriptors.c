/*
 * Responsible for: the limit of open files. Without a raise a server of 8,192 connections stops at
 * the 1,024 files a service gets, and then also lacks files for its own work. Does not count
 * connections (http/server.c). Server process, first thread.
 */
#include "app/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "cordwain/limits.h"

#define CW_LOG_MODULE "app"
#include "base/log.h"

size_t cw_connections_allowed(void) {
    const rlim_t wanted = CW_HTTP_CONNECTIONS + CW_DESCRIPTORS_OWN;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return CW_HTTP_CONNECTIONS;
    }
    if (files.rlim_cur < wanted) {
        struct rlimit raised = {files.rlim_max < wanted ? files.rlim_max : wanted, files.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            files = raised;
        } else {
            cw_log_warn("open_files", "reason=\"%s\"", strerror(errno));
        }
    }
    if (files.rlim_cur >= wanted) {
        return CW_HTTP_CONNECTIONS;
    }
    size_t limit = (size_t)files.rlim_cur;
    size_t left = limit > 2 * CW_DESCRIPTORS_OWN ? limit - CW_DESCRIPTORS_OWN : limit / 2;
    cw_log_warn("open_files", "limit=%zu connections=%zu of=%d", limit, left, CW_HTTP_CONNECTIONS);
    return left;
}
