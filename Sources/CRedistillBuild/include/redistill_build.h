/* This file owns what is known only when a binary is built. Its own target, so that nothing else is built again. */
#ifndef REDISTILL_BUILD_H
#define REDISTILL_BUILD_H

/* The commit's abbreviated name, with "-changed" when the tree differed; "unknown" outside of `make build`. */
const char *rd_build_commit(void);

#endif
