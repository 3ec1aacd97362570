/* This file owns what Package.swift tells of a build. */
#include "include/redistill_build.h"

#ifndef REDISTILL_COMMIT
#define REDISTILL_COMMIT "unknown"
#endif

const char *rd_build_commit(void) {
    return REDISTILL_COMMIT;
}
