/* This file owns the memory of an item that is put together. */
#include "collection/item.h"

/* Where the bytes go; NULL: no memory. */
static char *take(struct rd_item *item, struct rd_shape *shape, size_t length) {
    item->large = NULL;
    char *bytes = item->few;
    if (length > sizeof item->few) {
        item->large = rd_blob_new(&shape->shard->store->blobs, length, 0);
        if (!item->large) {
            shape->out_of_memory = true;
            return NULL;
        }
        bytes = item->large->bytes;
    }
    item->bytes = (struct rd_slice){bytes, length};
    return bytes;
}

bool rd_item_copy(struct rd_item *item, struct rd_shape *shape, struct rd_slice parts) {
    char *bytes = take(item, shape, parts.length);
    if (!bytes) return false;
    memcpy(bytes, parts.bytes, parts.length);
    return true;
}

bool rd_item_of(struct rd_item *item, struct rd_shape *shape, const struct rd_word *words, uint32_t count) {
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) length += rd_word_room(&words[i]);
    char *at = take(item, shape, length);
    if (!at) return false;
    for (uint32_t i = 0; i < count; i++) at = rd_word_write(&words[i], at);
    return true;
}

void rd_item_drop(struct rd_item *item) {
    if (item->large) rd_blob_release(item->large);
}
