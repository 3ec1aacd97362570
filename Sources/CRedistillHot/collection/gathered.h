/* This file owns parts that a command gathers, one behind the other, in the memory that it works in once they are many. */
#ifndef RD_GATHERED_H
#define RD_GATHERED_H

#include "store/store.h"

struct rd_gathered {
    char *bytes;
    size_t length, capacity;
    struct rd_blob *memory; /* of the bytes; NULL: they are the few that it began with */
};

/* `few` bytes are borrowed until the end. */
static inline void rd_gathered_begin(struct rd_gathered *gathered, char *few, size_t capacity) {
    *gathered = (struct rd_gathered){.bytes = few, .capacity = capacity};
}
static inline void rd_gathered_end(struct rd_gathered *gathered) {
    if (gathered->memory) rd_blob_release(gathered->memory);
}

/* So many bytes more, which the caller writes; what was there may move. NULL: no memory. */
RD_MUST_USE char *rd_gathered_extend(struct rd_gathered *gathered, struct rd_store *store, size_t room);

#endif
