/* This file owns what is known only when a binary is built. A target of its own, so that nothing else is built again. */
#ifndef REDISTILL_BUILD_H
#define REDISTILL_BUILD_H

/* The commit's abbreviated name, with "-changed" when the tree differed from it; "unknown" outside of `make build`. */
const char *rd_build_commit(void);

#endif
