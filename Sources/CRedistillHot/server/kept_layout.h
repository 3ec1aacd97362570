/* This file owns telling whether two builds of the program lay out a kept store alike. */
#ifndef RD_KEPT_LAYOUT_H
#define RD_KEPT_LAYOUT_H

#include <stdint.h>

/* Of the size of every struct that lies in a store's region, and where its fields are. */
uint64_t rd_kept_fingerprint(void);

#endif
