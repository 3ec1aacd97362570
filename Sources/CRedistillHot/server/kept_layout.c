/*
 * This file owns the fingerprint of layouts. A test knows which fingerprint belongs to which RD_KEPT_FORMAT: who changes
 * what bytes mean without moving any field has to change that number.
 */
#include "server/kept_layout.h"

#include <stddef.h>

#include "evict/notes.h"
#include "shape/node.h"
#include "store/keep.h"

#define AT(type, field) (uint32_t)offsetof(struct type, field)
#define SIZE(type) (uint32_t)sizeof(struct type)

static const uint32_t layout[] = {
    SIZE(rd_region), AT(rd_region, state), AT(rd_region, size), AT(rd_region, checksum), AT(rd_region, place),
    AT(rd_region, root), AT(rd_region, recovered_ms), AT(rd_region, fd),
    AT(rd_region, taken), AT(rd_region, free),
    SIZE(rd_pool), AT(rd_pool, pages_reserved), AT(rd_pool, region), AT(rd_pool, lock), AT(rd_pool, pages_opened),
    AT(rd_pool, free_head), AT(rd_pool, cold_head), AT(rd_pool, free_chunks), AT(rd_pool, state), AT(rd_pool, next),
    AT(rd_pool, previous), AT(rd_pool, used_bytes), AT(rd_pool, resident_bytes), AT(rd_pool, ceiling),
    SIZE(rd_span_unit), AT(rd_span_unit, claimed), AT(rd_span_unit, order),
    SIZE(rd_spans), AT(rd_spans, reserved), AT(rd_spans, region), AT(rd_spans, units), AT(rd_spans, opened),
    AT(rd_spans, cold_head), AT(rd_spans, warm_head), AT(rd_spans, ahead_head), AT(rd_spans, warm_bytes),
    AT(rd_spans, promised),
    SIZE(rd_blob), AT(rd_blob, length), AT(rd_blob, place), AT(rd_blob, steps), AT(rd_blob, blobs), AT(rd_blob, hash),
    AT(rd_blob, bytes),
    SIZE(rd_blob_slab), AT(rd_blob_slab, free_slot), AT(rd_blob_slab, fresh), AT(rd_blob_slab, slots), AT(rd_blob_slab, class),
    SIZE(rd_blobs), AT(rd_blobs, spans), AT(rd_blobs, size), AT(rd_blobs, class_of), AT(rd_blobs, slabs),
    AT(rd_blobs, partial), AT(rd_blobs, holes), AT(rd_blobs, slab_bytes), AT(rd_blobs, orphan_bytes), AT(rd_blobs, buried),
    SIZE(rd_size_classes), AT(rd_size_classes, size), AT(rd_size_classes, of),
    SIZE(rd_slab), AT(rd_slab, free_slot), AT(rd_slab, fresh), AT(rd_slab, live), AT(rd_slab, slots), AT(rd_slab, class),
    SIZE(rd_arena), AT(rd_arena, pages), AT(rd_arena, count), AT(rd_arena, slabs), AT(rd_arena, classes), AT(rd_arena, pool),
    AT(rd_arena, slab_bytes), AT(rd_arena, partial), AT(rd_arena, holes),
    SIZE(rd_entry), AT(rd_entry, flags), AT(rd_entry, data),
    SIZE(rd_bucket), AT(rd_bucket, next), AT(rd_bucket, references),
    SIZE(rd_directory), AT(rd_directory, capacity), AT(rd_directory, pages),
    SIZE(rd_table), AT(rd_table, directory), AT(rd_table, buckets), AT(rd_table, keys), AT(rd_table, pool), AT(rd_table, seed),
    AT(rd_table, overflow_pages), AT(rd_table, overflow_free),
    SIZE(rd_space), AT(rd_space, lists), AT(rd_space, expiring), SIZE(rd_spaces), AT(rd_spaces, at),
    SIZE(rd_flushed), AT(rd_flushed, table), AT(rd_flushed, arena), AT(rd_flushed, newest),
    SIZE(rd_shares), AT(rd_shares, percent), AT(rd_shares, holder), AT(rd_shares, bytes), AT(rd_shares, held),
    SIZE(rd_shard), AT(rd_shard, table), AT(rd_shard, arena), AT(rd_shard, lists), AT(rd_shard, partitioned),
    AT(rd_shard, payload_bytes), AT(rd_shard, expiring), AT(rd_shard, blob_entries), AT(rd_shard, random),
    AT(rd_shard, spaces), AT(rd_shard, sweep_cursor), AT(rd_shard, notes),
    SIZE(rd_store), AT(rd_store, shards), AT(rd_store, seed), AT(rd_store, classes), AT(rd_store, pool), AT(rd_store, blobs),
    AT(rd_store, flush), AT(rd_store, databases), AT(rd_store, strays), AT(rd_store, shares), AT(rd_store, small_bytes), AT(rd_store, epoch),
    AT(rd_store, limit), AT(rd_store, policy),
    SIZE(rd_databases), AT(rd_databases, space), AT(rd_databases, dying), AT(rd_databases, left),
    SIZE(rd_strays), AT(rd_strays, slots), AT(rd_strays, pending),
    SIZE(rd_notes), AT(rd_notes, ghost_capacity), AT(rd_notes, ghosts),
    SIZE(rd_root), AT(rd_root, children), AT(rd_root, count), AT(rd_root, next_expiry), AT(rd_root, second),
    SIZE(rd_child), AT(rd_child, count), AT(rd_child, key), SIZE(rd_inner), AT(rd_inner, at), RD_TREE_FANOUT, RD_LEAF_ITEMS,
    RD_KEPT_CLASSES, RD_SPAN_SHIFT, RD_PAGE_SHIFT, RD_POOL_ORDERS, RD_SLAB_SHIFT, RD_UNIT_SHIFT, RD_ENTRY_MAX,
};

uint64_t rd_kept_fingerprint(void) {
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < sizeof layout / sizeof layout[0]; i++) hash = (hash ^ layout[i]) * 0x100000001b3u;
    return hash;
}
