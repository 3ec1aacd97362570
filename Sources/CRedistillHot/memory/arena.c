/* This file owns slabs and their slots. */
#include "memory/arena.h"

#include <string.h>

#include "memory/kept.h"

/* The slab that slots of a class are to fill without a rest worth naming: the small ones, or else the large ones. */
#define SMALL_SLAB RD_PAGE_SIZE
#define LARGE_SLAB (4 * RD_PAGE_SIZE)
#define LARGE_FROM 256
#define REST_SHARE 16
/* A slot may be larger than its entry by this share of it, where that saves a slab. */
#define SPARE_SHARE 4
#define MAX_SLABS (1u << (32 - RD_SLAB_SHIFT))

/* The smallest slab of which no more than a share is left over. */
static uint8_t least_order(uint32_t size) {
    uint8_t order = 0;
    while (order < RD_SLAB_ORDER_MAX && (RD_PAGE_SIZE << order) % size > (RD_PAGE_SIZE << order) / REST_SHARE) order++;
    return order;
}

void rd_size_classes_init(struct rd_size_classes *classes) {
    memset(classes, 0, sizeof *classes);
    for (uint32_t wanted = RD_ENTRY_MIN; wanted <= RD_ENTRY_MAX;) {
        bool small = wanted <= LARGE_FROM;
        uint32_t slab = small ? SMALL_SLAB : LARGE_SLAB;
        uint32_t slots = slab / wanted;
        uint32_t size = slab / slots & ~3u; /* as large as the same number of slots allows */
        if (small && size > LARGE_FROM) size = LARGE_FROM;
        if (size > RD_ENTRY_MAX) size = RD_ENTRY_MAX;
        uint32_t class = classes->count++;
        classes->size[class] = (uint16_t)size;
        classes->least_order[class] = least_order(size);
        wanted = size + 4;
    }
    uint32_t class = 0;
    for (uint32_t units = 0; units <= RD_ENTRY_MAX / 4; units++) {
        while (classes->size[class] < units * 4) class++;
        classes->of[units] = (uint8_t)class;
    }
}

void rd_arena_init(struct rd_arena *arena, struct rd_pool *pool, const struct rd_size_classes *classes) {
    *arena = (struct rd_arena){.base = pool->base, .classes = classes, .pool = pool, .count = 1};
}

bool rd_arena_clear_some(struct rd_arena *arena, uint32_t *index, uint32_t slabs) {
    for (; *index < arena->count && slabs > 0; ++*index) {
        struct rd_slab *slab = &arena->slabs[*index];
        if (!slab->live) continue;
        rd_pool_give(arena->pool, arena->pages[*index], slab->order);
        slab->live = 0;
        slabs--;
    }
    return *index < arena->count;
}

void rd_arena_clear(struct rd_arena *arena) {
    uint32_t first = 1;
    rd_arena_clear_some(arena, &first, UINT32_MAX);
    arena->count = 1;
    arena->unused = 0;
    rd_counter_set(&arena->slab_bytes, 0);
    memset(arena->partial, 0, sizeof arena->partial);
    memset(arena->slabs_of, 0, sizeof arena->slabs_of);
    memset(arena->holes, 0, sizeof arena->holes);
}

void rd_arena_destroy(struct rd_arena *arena) {
    rd_arena_clear(arena);
    rd_kept_free(arena->pool->region, arena->pages);
    rd_kept_free(arena->pool->region, arena->slabs);
    arena->pages = NULL;
    arena->slabs = NULL;
    arena->capacity = 0;
}

static void push_partial(struct rd_arena *arena, uint32_t index) {
    struct rd_slab *slab = &arena->slabs[index];
    uint32_t head = arena->partial[slab->class];
    slab->next = head;
    slab->previous = 0;
    if (head) arena->slabs[head].previous = index;
    arena->partial[slab->class] = index;
}

static void unlink_partial(struct rd_arena *arena, uint32_t index) {
    struct rd_slab *slab = &arena->slabs[index];
    if (slab->next) arena->slabs[slab->next].previous = slab->previous;
    if (slab->previous) arena->slabs[slab->previous].next = slab->next;
    else arena->partial[slab->class] = slab->next;
}

/* An index for a new slab, 0 when there is none to be had. */
static uint32_t take_index(struct rd_arena *arena) {
    if (arena->unused) {
        uint32_t index = arena->unused;
        arena->unused = arena->slabs[index].next;
        return index;
    }
    if (arena->count >= arena->capacity) {
        if (arena->count >= MAX_SLABS) return 0;
        uint32_t capacity = arena->capacity ? arena->capacity * 2 : 16;
        uint32_t *pages = rd_kept_resize(arena->pool->region, arena->pages, capacity * sizeof *pages);
        if (!pages) return 0;
        arena->pages = pages;
        struct rd_slab *slabs = rd_kept_resize(arena->pool->region, arena->slabs, capacity * sizeof *slabs);
        if (!slabs) return 0;
        arena->slabs = slabs;
        arena->capacity = capacity;
    }
    return arena->count++;
}

static uint32_t new_slab(struct rd_arena *arena, unsigned class) {
    uint32_t index = take_index(arena);
    if (!index) return 0;
    unsigned order = rd_arena_next_order(arena, class);
    uint32_t page = rd_pool_take(arena->pool, order);
    if (page == RD_NO_PAGE) {
        arena->slabs[index] = (struct rd_slab){.next = arena->unused};
        arena->unused = index;
        return 0;
    }
    arena->pages[index] = page;
    arena->slabs[index] = (struct rd_slab){
        .free_slot = RD_NO_SLOT,
        .slots = (uint16_t)((RD_PAGE_SIZE << order) / arena->classes->size[class]),
        .class = (uint8_t)class,
        .order = (uint8_t)order,
    };
    arena->slabs_of[class]++;
    arena->holes[class] += arena->slabs[index].slots;
    rd_counter_add(&arena->slab_bytes, (uint64_t)RD_PAGE_SIZE << order);
    push_partial(arena, index);
    return index;
}

unsigned rd_arena_fitting(const struct rd_arena *arena, unsigned class) {
    if (arena->partial[class] || arena->slabs_of[class] >= RD_SMALL_SLABS) return class;
    const uint16_t *size = arena->classes->size;
    for (unsigned larger = class + 1; larger < arena->classes->count; larger++) {
        if (size[larger] > size[class] + size[class] / SPARE_SHARE) break;
        if (arena->partial[larger]) return larger;
    }
    return class;
}

static uint32_t reference_of(uint32_t index, uint32_t slot, uint32_t size) {
    return index << RD_SLAB_SHIFT | (slot * size) >> RD_UNIT_SHIFT;
}

uint32_t rd_arena_take(struct rd_arena *arena, unsigned class) {
    uint32_t index = arena->partial[class];
    if (!index && !(index = new_slab(arena, class))) return 0;
    struct rd_slab *slab = &arena->slabs[index];
    uint32_t size = arena->classes->size[class], slot;
    if (slab->free_slot != RD_NO_SLOT) {
        slot = slab->free_slot;
        uint16_t *link = rd_arena_at(arena, reference_of(index, slot, size));
        slab->free_slot = *link;
    } else {
        slot = slab->fresh++;
    }
    arena->holes[class]--;
    if (++slab->live == slab->slots) unlink_partial(arena, index);
    return reference_of(index, slot, size);
}

void rd_arena_give(struct rd_arena *arena, uint32_t reference) {
    uint32_t index = reference >> RD_SLAB_SHIFT;
    struct rd_slab *slab = &arena->slabs[index];
    unsigned class = slab->class;
    uint32_t slot = ((reference & ((1u << RD_SLAB_SHIFT) - 1)) << RD_UNIT_SHIFT) / arena->classes->size[class];
    uint16_t *link = rd_arena_at(arena, reference);
    *link = slab->free_slot;
    slab->free_slot = (uint16_t)slot;
    if (!slab->draining) {
        arena->holes[class]++;
        if (slab->live == slab->slots) push_partial(arena, index);
    }
    if (--slab->live == 0) {
        if (!slab->draining) {
            unlink_partial(arena, index);
            arena->holes[class] -= slab->slots;
        }
        rd_pool_give(arena->pool, arena->pages[index], slab->order);
        rd_counter_add(&arena->slab_bytes, -((uint64_t)RD_PAGE_SIZE << slab->order));
        arena->slabs_of[class]--;
        slab->next = arena->unused;
        arena->unused = index;
    }
}

/* Partial slabs looked at for the sparsest. */
#define LOOK_AT 32

uint32_t rd_arena_begin_drain(struct rd_arena *arena, unsigned class) {
    if (!rd_arena_is_sparse(arena, class)) return 0;
    uint32_t index = arena->partial[class], sparsest = index;
    for (uint32_t looked = 0; index && looked < LOOK_AT; index = arena->slabs[index].next, looked++) {
        if (arena->slabs[index].live < arena->slabs[sparsest].live) sparsest = index;
    }
    struct rd_slab *slab = &arena->slabs[sparsest];
    uint32_t free = (uint32_t)(slab->slots - slab->live);
    if (arena->holes[class] - free < slab->live) return 0;
    unlink_partial(arena, sparsest);
    arena->holes[class] -= free;
    slab->draining = true;
    return sparsest;
}

uint32_t rd_arena_list(const struct rd_arena *arena, uint32_t index, uint32_t *references) {
    const struct rd_slab *slab = &arena->slabs[index];
    uint32_t size = arena->classes->size[slab->class], count = 0;
    uint64_t is_free[RD_SLAB_SLOTS / 64] = {0};
    for (uint32_t slot = slab->free_slot; slot != RD_NO_SLOT;) {
        is_free[slot / 64] |= 1ull << (slot % 64);
        slot = *(const uint16_t *)rd_arena_at(arena, reference_of(index, slot, size));
    }
    for (uint32_t slot = 0; slot < slab->fresh; slot++) {
        if (!(is_free[slot / 64] >> (slot % 64) & 1)) references[count++] = reference_of(index, slot, size);
    }
    return count;
}

static bool is_slab(const struct rd_arena *arena, uint32_t index) {
    const struct rd_slab *slab = &arena->slabs[index];
    if (slab->class >= arena->classes->count || slab->order > RD_SLAB_ORDER_MAX) return false;
    uint32_t page = arena->pages[index], pages = 1u << slab->order;
    return slab->slots == (pages << RD_PAGE_SHIFT) / arena->classes->size[slab->class] && slab->fresh <= slab->slots &&
           page % pages == 0 && page < arena->pool->pages_reserved;
}

bool rd_arena_could_have(const struct rd_arena *arena, uint32_t reference) {
    uint32_t index = reference >> RD_SLAB_SHIFT;
    if (index == 0 || index >= arena->count || !arena->slabs[index].live || !is_slab(arena, index)) return false;
    uint32_t offset = (reference & ((1u << RD_SLAB_SHIFT) - 1)) << RD_UNIT_SHIFT, size = arena->classes->size[arena->slabs[index].class];
    return offset % size == 0 && offset / size < arena->slabs[index].fresh;
}

bool rd_arena_check(const struct rd_arena *arena, uint64_t *live) {
    uint64_t bytes = 0, partial_seen = 0, partial_expected = 0;
    uint32_t holes[RD_CLASSES] = {0};
    *live = 0;
    if (arena->count > 1 && arena->count > arena->capacity) return false;
    for (uint32_t i = 1; i < arena->count; i++) {
        const struct rd_slab *slab = &arena->slabs[i];
        if (slab->live == 0) continue; /* an unused index */
        if (!is_slab(arena, i)) return false;
        unsigned class = slab->class, slots = slab->slots;
        uint32_t freed = 0;
        for (uint32_t slot = slab->free_slot; slot != RD_NO_SLOT; freed++) {
            if (slot >= slab->fresh || freed > slots) return false;
            slot = *(const uint16_t *)rd_arena_at(arena, reference_of(i, slot, arena->classes->size[class]));
        }
        if (slab->live + freed != slab->fresh || slab->fresh > slots) return false;
        if (slab->live < slots) partial_expected++;
        if (slab->draining) return false;
        holes[class] += slots - slab->live;
        *live += slab->live;
        bytes += (uint64_t)RD_PAGE_SIZE << slab->order;
    }
    for (uint32_t class = 0; class < arena->classes->count; class++) {
        uint32_t previous = 0;
        if (holes[class] != arena->holes[class]) return false;
        for (uint32_t i = arena->partial[class]; i; i = arena->slabs[i].next) {
            if (i >= arena->count || arena->slabs[i].previous != previous || arena->slabs[i].class != class) return false;
            previous = i;
            if (++partial_seen > arena->count) return false;
        }
    }
    return partial_seen == partial_expected && bytes == rd_counter_get(&arena->slab_bytes);
}
