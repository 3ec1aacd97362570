/* This file owns opening a value with a shape, finding the way in it, and storing what was changed. */
#include "shape/shape.h"

#include "shape/indexed.h"
#include "shape/packed.h"
#include "store/room.h"

bool rd_shape_open(struct rd_shape *shape, struct rd_shard *shard, uint64_t hash, struct rd_key key, struct rd_found found,
                   enum rd_type_of_value type, struct rd_shape_limits limits, struct rd_shape_scratch *scratch) {
    *shape = (struct rd_shape){.shard = shard, .hash = hash, .key = key, .found = found, .limits = limits,
                               .scratch = scratch, .kind = (uint8_t)type, .next_expiry = INT64_MAX};
    if (type == RD_VALUE_SET) shape->kind |= RD_SHAPE_INTEGERS;
    if (found.entry) {
        if (rd_entry_type(found.entry) != type) return false;
        shape->kind = rd_entry_kind(found.entry);
        shape->expiry = rd_entry_expiry(found.entry);
        shape->weight = rd_entry_weight(found.entry);
        shape->was_timed = rd_entry_is_timed(found.entry);
        if (shape->kind & RD_SHAPE_INDEXED) rd_indexed_open(shape, rd_entry_value_blob(found.entry));
        else rd_packed_open(shape, rd_entry_value(found.entry));
    }
    shape->parts = rd_kind_parts(shape->kind);
    return true;
}

/* Among the others nothing is larger than an entry, and storing it makes room. */
enum rd_status rd_shape_admit(struct rd_shape *shape, uint64_t bytes) {
    if (!shape->tree.root && bytes + shape->length <= RD_ENTRY_MAX) return RD_OK;
    if ((shape->kind & RD_SHAPE_TYPE) == RD_VALUE_ZSET) bytes *= 2; /* an index has it, and the other one */
    struct rd_found *spare = shape->found.entry ? &shape->found : NULL;
    enum rd_status status = rd_room_for_blob(shape->shard, bytes, spare);
    if (status == RD_OK && spare && shape->tree.root && shape->shard->partitioned) {
        uint64_t held = rd_shard_bytes_of(shape->shard, spare->entry);
        status = rd_room_in_share(shape->shard, shape->key.space, held, held + bytes, spare);
    }
    /* What is packed may have moved. */
    if (!shape->tree.root && spare && !shape->dirty) rd_packed_open(shape, rd_entry_value(spare->entry));
    return status;
}

static enum rd_status store(struct rd_shape *shape) {
    struct rd_new_value new = {.expiry = shape->expiry, .shaped = true};
    if (shape->tree.root) {
        new.blob = shape->tree.root;
        new.is_moved = shape->is_moved;
    } else {
        new.value = rd_packed_value(shape);
        /* What does not grow is never refused. */
        bool grows = !shape->found.entry || new.value.length > rd_entry_value(shape->found.entry).length;
        new.is_moved = shape->is_moved || !grows;
    }
    enum rd_status status = rd_shard_put(shape->shard, shape->hash, shape->key, &shape->found, &new);
    if (status != RD_OK && new.blob) rd_blob_release(new.blob);
    return status;
}

static void remove_key(struct rd_shape *shape) {
    if (shape->fresh) rd_blob_release(shape->tree.root);
    if (shape->found.entry) rd_shard_remove_reference(shape->shard, shape->found.reference, RD_CHANGE_REMOVED);
    shape->found.entry = NULL;
}

enum rd_status rd_shape_close(struct rd_shape *shape) {
    enum rd_status status = shape->out_of_memory ? RD_ERR_NO_MEMORY : RD_OK;
    if (!shape->dirty) return status;
    if (shape->tree.root) rd_indexed_close(shape);
    bool is_in_place = shape->tree.root && !shape->fresh;
    if (is_in_place) rd_shard_recount(shape->shard, shape->found.entry, shape->weight, shape->was_timed);
    if (shape->out_of_memory && !is_in_place) { /* an item may have been taken out for the one that had no room */
        if (shape->fresh) rd_blob_release(shape->tree.root);
    } else if (shape->count == 0) {
        remove_key(shape);
    } else if (is_in_place) {
        rd_entry_touch(shape->found.entry);
        rd_shard_changed(shape->shard, shape->hash, shape->found.entry, RD_CHANGE_VALUE);
    } else {
        status = store(shape);
    }
    return status;
}

bool rd_shape_seek(struct rd_shape *shape, uint64_t index, struct rd_place_in *at) {
    if (shape->tree.root) return rd_tree_seek(&shape->tree, index, at);
    if (index > shape->count) index = shape->count;
    *at = (struct rd_place_in){.index = index};
    if (index == shape->count) at->offset = shape->length;
    else for (uint64_t left = index; left > 0; left--) at->offset += rd_item_room(shape->run + at->offset, shape->parts);
    return rd_packed_settle(shape, at);
}

void rd_shape_end(struct rd_shape *shape, struct rd_place_in *at) {
    if (shape->tree.root) rd_tree_seek(&shape->tree, UINT64_MAX, at);
    else rd_shape_seek(shape, UINT64_MAX, at);
}

bool rd_shape_next(struct rd_shape *shape, struct rd_place_in *at) {
    if (shape->tree.root) return rd_tree_next(&shape->tree, at);
    if (!at->item) return false;
    at->offset += rd_item_room(at->item, shape->parts);
    at->index++;
    return rd_packed_settle(shape, at);
}

/* So many items are between marks, so that going backwards through a long run does not start at its front each time. */
#define MARK_EVERY 64

static void mark(const struct rd_shape *shape, struct rd_place_in *at) {
    at->mark = 0;
    if (at->index <= 2 * MARK_EVERY) return;
    for (uint64_t left = at->index - MARK_EVERY; left > 0; left--) at->mark += rd_item_room(shape->run + at->mark, shape->parts);
}

bool rd_shape_previous(struct rd_shape *shape, struct rd_place_in *at) {
    if (shape->tree.root) return rd_tree_previous(&shape->tree, at);
    if (at->offset == 0) return false;
    if (at->mark >= at->offset || at->mark == 0) mark(shape, at);
    size_t before = 0, offset = at->mark;
    while (offset < at->offset) {
        before = offset;
        offset += rd_item_room(shape->run + offset, shape->parts);
    }
    at->offset = before;
    at->index--;
    return rd_packed_settle(shape, at);
}

bool rd_shape_find(struct rd_shape *shape, const struct rd_word *word, struct rd_place_in *at) {
    if (shape->tree.root && shape->tree.order == RD_BY_HASH) return rd_tree_find(&shape->tree, word, at);
    if (shape->tree.root && shape->tree.order == RD_BY_SCORE) return rd_indexed_find_member(shape, word, at);
    for (bool more = rd_shape_seek(shape, 0, at); more; more = rd_shape_next(shape, at)) {
        if (rd_part_is(at->item, word)) return true;
    }
    return false;
}

int64_t rd_field_expiry(const struct rd_shape *shape, const char *item) {
    int64_t expiry;
    if (shape->parts < 3) return 0;
    return rd_part_integer(rd_part_after(rd_part_after(item)), &expiry) ? expiry : 0;
}

uint64_t rd_shape_scan(struct rd_shape *shape, uint64_t cursor, rd_shape_visit_fn *visit, void *context) {
    if (shape->tree.root && shape->tree.order != RD_BY_PLACE) return rd_indexed_scan(shape, cursor, visit, context);
    struct rd_place_in at;
    for (bool more = rd_shape_seek(shape, 0, &at); more; more = rd_shape_next(shape, &at)) visit(context, at.item);
    return 0;
}
