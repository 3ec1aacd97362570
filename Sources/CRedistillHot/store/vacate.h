/*
 * This file owns giving back the pages of a store that is being copied (recover.h) as soon as nothing on them is needed any
 * more, so that the copy and what it is made from are never in memory together as wholes.
 */
#ifndef RD_VACATE_H
#define RD_VACATE_H

#include "memory/blobs.h"

struct rd_vacate {
    const struct rd_pool *pool; /* borrowed; of a region */
    uint8_t *needed;            /* of each of its pages, by how many blobs; owned. NULL, for want of memory: nothing is given back */
    uint32_t begin, end;        /* pages to be given back in one call: they follow each other */
};

void rd_vacate_init(struct rd_vacate *vacate, const struct rd_pool *pool);
void rd_vacate_destroy(struct rd_vacate *vacate);

/* The blob's pages are needed until it is done. */
void rd_vacate_need(struct rd_vacate *vacate, const struct rd_blob *blob);
/* Nobody looks at the blob any more. */
void rd_vacate_done(struct rd_vacate *vacate, const struct rd_blob *blob);
/* The same of whole pages, which nobody has said to need. */
void rd_vacate_pages(struct rd_vacate *vacate, uint32_t page, uint32_t count);

#endif
