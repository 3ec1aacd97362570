/* This file owns slabs of blobs, and which blobs lie in spans. */
#include "memory/blobs.h"

#include <string.h>

#include "memory/kept.h"

/* A blob's place: the index of its slab, or this and the order of its span. */
#define PLACE_SPAN 0x80000000u
/* Bytes that a move copies before it gives back what they lay in. */
#define MOVE_STEP (1u << 20)
/* Partial slabs looked at for the sparsest. */
#define LOOK_AT 64

/* Sixteen to 32 slots to a slab (8 to 16 of the largest): the rest of a slab and of a slot stay near 3 %. */
static uint8_t order_for(uint32_t size) {
    if (size <= 1024) return 2;
    if (size <= 2048) return 3;
    if (size <= 4096) return 4;
    if (size <= 8192) return 5;
    return 6;
}

enum rd_status rd_blobs_init(struct rd_blobs *blobs, struct rd_pool *pool, uint64_t reserve_bytes) {
    memset(blobs, 0, sizeof *blobs);
    blobs->pool = pool;
    blobs->slab_count = 1;
    for (uint32_t wanted = RD_BLOB_SLOT_LEAST; wanted <= RD_BLOB_SLOT_MOST;) {
        uint8_t order = order_for(wanted);
        uint32_t slab = RD_PAGE_SIZE << order;
        uint32_t size = slab / (slab / wanted) & ~(RD_BLOB_STEP - 1);
        blobs->size[blobs->class_count] = size;
        blobs->order[blobs->class_count++] = order;
        wanted = size + RD_BLOB_STEP;
    }
    uint32_t class = 0;
    for (uint32_t step = 0; step <= RD_BLOB_SLOT_MOST / RD_BLOB_STEP; step++) {
        while (blobs->size[class] < step * RD_BLOB_STEP) class++;
        blobs->class_of[step] = (uint8_t)class;
    }
    return rd_spans_init(&blobs->spans, reserve_bytes, pool->region);
}

void rd_blobs_destroy(struct rd_blobs *blobs) {
    for (uint32_t i = 1; i < blobs->slab_count; i++) {
        const struct rd_blob_slab *slab = &blobs->slabs[i];
        if (slab->slots) rd_pool_give(blobs->pool, slab->page, blobs->order[slab->class]);
    }
    rd_kept_free(blobs->pool->region, blobs->slabs);
    blobs->slabs = NULL;
    rd_spans_destroy(&blobs->spans);
}

void rd_blobs_adopt(struct rd_blobs *blobs) {
    rd_lock_reset(&blobs->lock);
    blobs->told_of_buried = NULL;
    rd_spans_adopt(&blobs->spans);
}

static unsigned class_for(const struct rd_blobs *blobs, uint64_t bytes) {
    return blobs->class_of[(bytes + RD_BLOB_STEP - 1) / RD_BLOB_STEP];
}

static struct rd_blob *slot_at(const struct rd_blobs *blobs, const struct rd_blob_slab *slab, uint32_t slot) {
    char *base = rd_pool_page(blobs->pool, slab->page);
    return (struct rd_blob *)(base + (size_t)slot * blobs->size[slab->class]);
}

static void push_partial(struct rd_blobs *blobs, uint32_t index) {
    struct rd_blob_slab *slab = &blobs->slabs[index];
    uint32_t head = blobs->partial[slab->class];
    slab->next = head;
    slab->previous = 0;
    if (head) blobs->slabs[head].previous = index;
    blobs->partial[slab->class] = index;
}

static void unlink_partial(struct rd_blobs *blobs, uint32_t index) {
    struct rd_blob_slab *slab = &blobs->slabs[index];
    if (slab->next) blobs->slabs[slab->next].previous = slab->previous;
    if (slab->previous) blobs->slabs[slab->previous].next = slab->next;
    else blobs->partial[slab->class] = slab->next;
}

static void add_holes(struct rd_blobs *blobs, unsigned class, uint32_t count) {
    atomic_fetch_add_explicit(&blobs->holes[class], count, memory_order_relaxed);
}

static uint32_t take_index(struct rd_blobs *blobs) {
    if (blobs->unused) {
        uint32_t index = blobs->unused;
        blobs->unused = blobs->slabs[index].page;
        return index;
    }
    if (blobs->slab_count >= blobs->slab_capacity) {
        uint32_t capacity = blobs->slab_capacity ? blobs->slab_capacity * 2 : 64;
        struct rd_blob_slab *slabs = rd_kept_resize(blobs->pool->region, blobs->slabs, capacity * sizeof *slabs);
        if (!slabs) return 0;
        blobs->slabs = slabs;
        blobs->slab_capacity = capacity;
    }
    return blobs->slab_count++;
}

static void give_index(struct rd_blobs *blobs, uint32_t index) {
    blobs->slabs[index] = (struct rd_blob_slab){.page = blobs->unused};
    blobs->unused = index;
}

static uint32_t new_slab(struct rd_blobs *blobs, unsigned class) {
    uint32_t index = take_index(blobs);
    if (!index) return 0;
    uint32_t page = rd_pool_take(blobs->pool, blobs->order[class]);
    if (page == RD_NO_PAGE) {
        give_index(blobs, index);
        return 0;
    }
    uint64_t bytes = (uint64_t)RD_PAGE_SIZE << blobs->order[class];
    uint16_t slots = (uint16_t)(bytes / blobs->size[class]);
    blobs->slabs[index] = (struct rd_blob_slab){.page = page, .slots = slots, .class = (uint8_t)class};
    atomic_fetch_add_explicit(&blobs->slab_bytes, bytes, memory_order_relaxed);
    add_holes(blobs, class, slots);
    push_partial(blobs, index);
    return index;
}

static void free_slab(struct rd_blobs *blobs, uint32_t index) {
    struct rd_blob_slab *slab = &blobs->slabs[index];
    uint64_t bytes = (uint64_t)RD_PAGE_SIZE << blobs->order[slab->class];
    if (!slab->draining) {
        unlink_partial(blobs, index);
        add_holes(blobs, slab->class, -(uint32_t)slab->slots);
    }
    atomic_fetch_sub_explicit(&blobs->slab_bytes, bytes, memory_order_relaxed);
    rd_pool_give(blobs->pool, slab->page, blobs->order[slab->class]);
    give_index(blobs, index);
}

/* With the lock held: a slot of an open slab. */
static struct rd_blob *take_slot(struct rd_blobs *blobs, unsigned class, bool may_open) {
    uint32_t index = blobs->partial[class];
    if (!index && (!may_open || !(index = new_slab(blobs, class)))) return NULL;
    struct rd_blob_slab *slab = &blobs->slabs[index];
    struct rd_blob *blob;
    if (slab->free_slot) {
        blob = slot_at(blobs, slab, slab->free_slot - 1);
        slab->free_slot = blob->place;
    } else {
        blob = slot_at(blobs, slab, slab->fresh++);
    }
    atomic_store_explicit(&blob->references, 0, memory_order_relaxed); /* not to be moved before it is complete */
    add_holes(blobs, class, (uint32_t)-1);
    if (++slab->live == slab->slots) unlink_partial(blobs, index);
    blob->place = index;
    blob->bytes = (char *)(blob + 1);
    blob->steps = (uint32_t)(blobs->size[class] - sizeof *blob) / RD_BLOB_STEP;
    atomic_fetch_add_explicit(&blobs->slot_bytes, blobs->size[class], memory_order_relaxed);
    return blob;
}

static uint64_t round_to_pages(uint64_t bytes) {
    return (bytes + RD_PAGE_SIZE - 1) & ~(uint64_t)(RD_PAGE_SIZE - 1);
}

static bool is_span(const struct rd_blob *blob) {
    return blob->place & PLACE_SPAN;
}

/* From now on the span's first `capacity` bytes, whole pages, are in use. */
static void use_pages(struct rd_blobs *blobs, struct rd_blob *blob, uint64_t capacity) {
    atomic_fetch_add_explicit(&blobs->span_bytes, capacity - rd_blob_capacity(blob), memory_order_relaxed);
    blob->steps = (uint32_t)(capacity / RD_BLOB_STEP);
}

static struct rd_blob *take_span(struct rd_blobs *blobs, uint64_t capacity, uint64_t most) {
    struct rd_blob *blob = rd_kept_new(blobs->pool->region, sizeof *blob);
    if (!blob) return NULL;
    unsigned order;
    capacity = round_to_pages(capacity);
    if (capacity / RD_BLOB_STEP > UINT32_MAX || !(blob->bytes = rd_span_take(&blobs->spans, capacity, most, &order))) {
        rd_kept_free(blobs->pool->region, blob);
        return NULL;
    }
    blob->place = PLACE_SPAN | order;
    blob->steps = 0;
    use_pages(blobs, blob, capacity);
    return blob;
}

struct rd_blob *rd_blobs_take(struct rd_blobs *blobs, uint64_t capacity, uint64_t most) {
    if (sizeof(struct rd_blob) + most > RD_BLOB_SLOT_MOST) return take_span(blobs, capacity, most);
    rd_lock_acquire(&blobs->lock);
    struct rd_blob *blob = take_slot(blobs, class_for(blobs, sizeof *blob + most), true);
    rd_lock_release(&blobs->lock);
    return blob;
}

uint64_t rd_blobs_room(const struct rd_blob *blob) {
    return is_span(blob) ? rd_span_size(blob->place & ~PLACE_SPAN) : rd_blob_capacity(blob);
}

bool rd_blobs_extend(struct rd_blobs *blobs, struct rd_blob *blob, uint64_t capacity) {
    capacity = round_to_pages(capacity);
    if (!is_span(blob) || capacity > rd_blobs_room(blob) || capacity / RD_BLOB_STEP > UINT32_MAX) return false;
    rd_span_claim(&blobs->spans, blob->bytes, capacity);
    use_pages(blobs, blob, capacity);
    return true;
}

void rd_blobs_trim(struct rd_blobs *blobs, struct rd_blob *blob) {
    uint64_t capacity = round_to_pages(blob->length), before = rd_blob_capacity(blob);
    if (!is_span(blob) || capacity == before) return;
    rd_span_shorten(&blobs->spans, blob->bytes, capacity, before);
    use_pages(blobs, blob, capacity);
}

void rd_blobs_expect(struct rd_blobs *blobs, struct rd_blob *blob, uint64_t bytes) {
    if (is_span(blob)) rd_span_claim(&blobs->spans, blob->bytes, bytes);
}

void rd_blobs_came(struct rd_blobs *blobs, struct rd_blob *blob) {
    if (!is_span(blob)) return;
    rd_span_claim(&blobs->spans, blob->bytes, blob->length);
    use_pages(blobs, blob, round_to_pages(blob->length));
}

void rd_blobs_move_bytes(struct rd_blobs *blobs, struct rd_blob *to, struct rd_blob *from) {
    to->length = from->length;
    if (!is_span(from)) {
        memcpy(to->bytes, from->bytes, from->length);
        return;
    }
    uint64_t resident = rd_blob_capacity(from);
    use_pages(blobs, from, 0);
    for (uint64_t at = 0; at < from->length; at += MOVE_STEP) {
        uint64_t step = from->length - at < MOVE_STEP ? from->length - at : MOVE_STEP;
        memcpy(to->bytes + at, from->bytes + at, step);
        (void)!rd_region_drop(blobs->pool->region, from->bytes + at, round_to_pages(step));
    }
    rd_span_shorten(&blobs->spans, from->bytes, 0, resident);
}

uint64_t rd_blobs_footprint(const struct rd_blob *blob) {
    return is_span(blob) ? rd_blob_capacity(blob) : sizeof *blob + rd_blob_capacity(blob);
}

void rd_blobs_give(struct rd_blobs *blobs, struct rd_blob *blob) {
    uint64_t bytes = rd_blobs_footprint(blob);
    if (is_span(blob)) {
        atomic_fetch_sub_explicit(&blobs->span_bytes, bytes, memory_order_relaxed);
        rd_span_give(&blobs->spans, blob->bytes, bytes);
        rd_kept_free(blobs->pool->region, blob);
        return;
    }
    rd_lock_acquire(&blobs->lock);
    uint32_t index = blob->place;
    struct rd_blob_slab *slab = &blobs->slabs[index];
    size_t offset = (size_t)((char *)blob - (char *)rd_pool_page(blobs->pool, slab->page));
    atomic_fetch_sub_explicit(&blobs->slot_bytes, bytes, memory_order_relaxed);
    atomic_store_explicit(&blob->references, 0, memory_order_relaxed);
    blob->place = slab->free_slot;
    slab->free_slot = (uint32_t)(offset / blobs->size[slab->class]) + 1;
    if (!slab->draining) {
        add_holes(blobs, slab->class, 1);
        if (slab->live == slab->slots) push_partial(blobs, index);
    }
    if (--slab->live == 0) free_slab(blobs, index);
    rd_lock_release(&blobs->lock);
}

void rd_blobs_bury(struct rd_blobs *blobs, struct rd_blob *root) {
    struct rd_blob *first = atomic_load_explicit(&blobs->buried, memory_order_relaxed);
    do atomic_store_explicit(&root->hash, (uint64_t)(uintptr_t)first, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&blobs->buried, &first, root, memory_order_release, memory_order_relaxed));
    if (blobs->told_of_buried) atomic_store_explicit(blobs->told_of_buried, true, memory_order_relaxed);
}

struct rd_blob *rd_blobs_unbury(struct rd_blobs *blobs) {
    struct rd_blob *first = atomic_load_explicit(&blobs->buried, memory_order_acquire), *next;
    /* Others only put more in front, so that what is behind the first stays. */
    do {
        if (!first) return NULL;
        next = (struct rd_blob *)(uintptr_t)atomic_load_explicit(&first->hash, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&blobs->buried, &first, next, memory_order_acquire, memory_order_acquire));
    return first;
}

uint64_t rd_blobs_cost(struct rd_blobs *blobs, uint64_t capacity) {
    uint64_t bytes = sizeof(struct rd_blob) + capacity;
    /* Where warm pages serve nothing is added; not 0, as beyond the limit they are to go first. */
    if (bytes > RD_BLOB_SLOT_MOST) return rd_spans_has_warm(&blobs->spans, capacity) ? 1 : round_to_pages(capacity);
    unsigned class = class_for(blobs, bytes);
    if (atomic_load_explicit(&blobs->holes[class], memory_order_relaxed)) return 0;
    return (uint64_t)RD_PAGE_SIZE << blobs->order[class];
}

struct rd_blob_drain rd_blobs_begin_drain(struct rd_blobs *blobs) {
    struct rd_blob_drain drain = {0};
    rd_lock_acquire(&blobs->lock);
    for (unsigned class = 0; class < blobs->class_count && !drain.slab; class++) {
        uint32_t holes = atomic_load_explicit(&blobs->holes[class], memory_order_relaxed), looked = 0;
        uint32_t index = blobs->partial[class], sparsest = 0;
        if (!index || holes < blobs->slabs[index].slots) continue;
        for (; index && looked < LOOK_AT; index = blobs->slabs[index].next, looked++) {
            if (!sparsest || blobs->slabs[index].live < blobs->slabs[sparsest].live) sparsest = index;
        }
        struct rd_blob_slab *slab = &blobs->slabs[sparsest];
        slab->draining = true;
        unlink_partial(blobs, sparsest);
        add_holes(blobs, class, -(uint32_t)(slab->slots - slab->live));
        drain.slab = sparsest;
    }
    rd_lock_release(&blobs->lock);
    return drain;
}

struct rd_blob *rd_blobs_next(struct rd_blobs *blobs, struct rd_blob_drain *drain, uint64_t *hash) {
    struct rd_blob *found = NULL;
    rd_lock_acquire(&blobs->lock);
    const struct rd_blob_slab *slab = &blobs->slabs[drain->slab];
    /* The last blob that is freed takes the slab along; its index may even be another slab's by now. */
    while (!found && slab->draining && drain->slot < slab->fresh) {
        struct rd_blob *blob = slot_at(blobs, slab, drain->slot++);
        if (atomic_load_explicit(&blob->references, memory_order_acquire) == 0) continue;
        *hash = atomic_load_explicit(&blob->hash, memory_order_relaxed);
        found = blob;
    }
    rd_lock_release(&blobs->lock);
    return found;
}

struct rd_blob *rd_blobs_copy(struct rd_blobs *blobs, struct rd_blob *blob) {
    rd_lock_acquire(&blobs->lock);
    struct rd_blob *copy = take_slot(blobs, class_for(blobs, rd_blobs_footprint(blob)), false);
    rd_lock_release(&blobs->lock);
    if (!copy) return NULL;
    copy->length = blob->length;
    copy->blobs = blobs;
    memcpy(copy->bytes, blob->bytes, blob->length);
    uint64_t hash = atomic_load_explicit(&blob->hash, memory_order_relaxed);
    atomic_store_explicit(&copy->hash, hash, memory_order_relaxed);
    /* Its key's, as the one that it is a copy of. */
    uint64_t root = atomic_load_explicit(&blob->references, memory_order_relaxed) & RD_BLOB_ROOT;
    atomic_store_explicit(&copy->references, RD_BLOB_KEYED | RD_BLOB_KEY | root | 1, memory_order_release);
    if (root) rd_blob_unmark_root(blob);
    return copy;
}

void rd_blobs_end_drain(struct rd_blobs *blobs, struct rd_blob_drain *drain) {
    rd_lock_acquire(&blobs->lock);
    struct rd_blob_slab *slab = &blobs->slabs[drain->slab];
    if (slab->draining) {
        slab->draining = false;
        add_holes(blobs, slab->class, (uint32_t)(slab->slots - slab->live));
        if (slab->live < slab->slots) push_partial(blobs, drain->slab);
    }
    drain->slab = 0;
    rd_lock_release(&blobs->lock);
}

bool rd_blobs_check(struct rd_blobs *blobs) {
    uint64_t slab_bytes = 0, slot_bytes = 0, listed = 0, with_room = 0;
    uint32_t holes[RD_BLOB_CLASSES] = {0};
    bool sound = true;
    rd_lock_acquire(&blobs->lock);
    for (uint32_t i = 1; i < blobs->slab_count; i++) {
        const struct rd_blob_slab *slab = &blobs->slabs[i];
        if (!slab->slots) continue;
        uint32_t live = 0;
        for (uint32_t slot = 0; slot < slab->fresh; slot++) {
            live += atomic_load_explicit(&slot_at(blobs, slab, slot)->references, memory_order_relaxed) != 0;
        }
        sound = sound && live == slab->live && slab->live > 0 && slab->fresh <= slab->slots;
        slab_bytes += (uint64_t)RD_PAGE_SIZE << blobs->order[slab->class];
        slot_bytes += (uint64_t)live * blobs->size[slab->class];
        if (slab->draining) continue;
        holes[slab->class] += (uint32_t)(slab->slots - slab->live);
        with_room += slab->live < slab->slots;
    }
    for (unsigned class = 0; class < blobs->class_count; class++) {
        uint32_t previous = 0;
        for (uint32_t i = blobs->partial[class]; i && sound; i = blobs->slabs[i].next) {
            sound = blobs->slabs[i].previous == previous && blobs->slabs[i].class == class && ++listed <= with_room;
            previous = i;
        }
        sound = sound && holes[class] == atomic_load_explicit(&blobs->holes[class], memory_order_relaxed);
    }
    sound = sound && listed == with_room && slab_bytes == atomic_load_explicit(&blobs->slab_bytes, memory_order_relaxed) &&
            slot_bytes == atomic_load_explicit(&blobs->slot_bytes, memory_order_relaxed);
    rd_lock_release(&blobs->lock);
    return sound && rd_spans_check(&blobs->spans);
}

/* Is it a whole slot of its class, in a slab of it? Slabs begin where blocks of their order do. */
static bool could_be_slot(const struct rd_blobs *blobs, const struct rd_blob *blob) {
    const struct rd_pool *pool = blobs->pool;
    uint64_t size = sizeof *blob + rd_blob_capacity(blob), offset = (uint64_t)((const char *)blob - pool->base);
    if ((const char *)blob < pool->base || offset >> RD_PAGE_SHIFT >= pool->pages_reserved || size > RD_BLOB_SLOT_MOST) return false;
    unsigned class = class_for(blobs, size);
    if (class >= blobs->class_count || blobs->size[class] != size) return false;
    uint64_t slab = (uint64_t)RD_PAGE_SIZE << blobs->order[class], within = offset & (slab - 1);
    return within % size == 0 && within + size <= slab && blob->bytes == (const char *)(blob + 1);
}

bool rd_blobs_could_have(const struct rd_blobs *blobs, const struct rd_blob *blob) {
    const struct rd_region *region = blobs->pool->region;
    if ((uintptr_t)blob % _Alignof(struct rd_blob) != 0 || (region && !rd_region_has(region, blob, sizeof *blob))) return false;
    if (blob->blobs != blobs || !(uint32_t)atomic_load_explicit(&blob->references, memory_order_relaxed)) return false;
    if (blob->length > rd_blob_capacity(blob)) return false;
    if (!is_span(blob)) return could_be_slot(blobs, blob);
    return rd_spans_could_have(&blobs->spans, blob->bytes, blob->place & ~PLACE_SPAN, rd_blob_capacity(blob));
}
