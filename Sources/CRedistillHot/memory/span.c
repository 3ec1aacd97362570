/* This file owns stretches of addresses for the largest values. */
#include "memory/span.h"

#include <sys/mman.h>

#define PAGE 4096u
#define LEAST_RESERVE (64u << 20)
#define ALIGNMENT (1u << RD_SPAN_SHIFT)
/* Freed memory that stays resident: this much, in small stores this share of the limit. */
#define WARM_MOST (32u << 20)
#define WARM_SHARE 8
/* Pages that stay behind a value which is shorter than what was received for it. */
#define AHEAD_MOST 2
/* What arguments that have not come may have of the addresses. */
#define PROMISED_SHARE 4

enum span_state {
    STATE_USED, /* or not the first unit of a stretch */
    STATE_AHEAD, /* used, and in the list of those with warm pages ahead */
    STATE_COLD,
    STATE_WARM,
};

/* Zeroed, and resident only where it is touched. */
static void *reserve(uint64_t bytes, int protection) {
    void *at = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static uint64_t side_bytes(uint64_t reserved) {
    return (reserved >> RD_SPAN_SHIFT) * sizeof(struct rd_span_unit);
}

static bool reserve_both(struct rd_spans *spans, uint64_t bytes) {
    if (spans->region) { /* what was taken for one of them is not given back, for which nobody asks again */
        spans->base = rd_region_take(spans->region, bytes, ALIGNMENT);
        spans->units = spans->base ? rd_region_take(spans->region, side_bytes(bytes), PAGE) : NULL;
        return spans->units;
    }
    if (!(spans->base = reserve(bytes, PROT_NONE))) return false;
    if ((spans->units = reserve(side_bytes(bytes), PROT_READ | PROT_WRITE))) return true;
    munmap(spans->base, bytes);
    spans->base = NULL;
    return false;
}

enum rd_status rd_spans_init(struct rd_spans *spans, uint64_t reserve_bytes, struct rd_region *region) {
    *spans = (struct rd_spans){.ahead_head = RD_NO_UNIT, .region = region};
    uint64_t most = (uint64_t)(RD_NO_UNIT - 1) << RD_SPAN_SHIFT;
    uint64_t bytes = (reserve_bytes < most ? reserve_bytes : most) & ~(rd_span_size(0) - 1);
    /* RLIMIT_AS may allow less than asked. */
    while (bytes >= LEAST_RESERVE && !reserve_both(spans, bytes)) bytes = bytes / 2 & ~(rd_span_size(0) - 1);
    if (!spans->units) return RD_ERR_NO_MEMORY;
    spans->reserved = bytes;
    /* A huge page would make resident what is only reserved. */
    madvise(spans->base, bytes, MADV_NOHUGEPAGE);
    madvise(spans->units, side_bytes(bytes), MADV_NOHUGEPAGE);
    for (unsigned order = 0; order < RD_SPAN_ORDERS; order++) {
        spans->cold_head[order] = spans->warm_head[order] = RD_NO_UNIT;
    }
    rd_spans_fit(spans, 0);
    return RD_OK;
}

void rd_spans_destroy(struct rd_spans *spans) {
    bool is_own = !spans->region; /* a region goes as a whole */
    if (spans->base && is_own) munmap(spans->base, spans->reserved);
    if (spans->units && is_own) munmap(spans->units, side_bytes(spans->reserved));
    *spans = (struct rd_spans){0};
}

void rd_spans_adopt(struct rd_spans *spans) {
    rd_lock_reset(&spans->lock);
    atomic_store_explicit(&spans->promised, 0, memory_order_relaxed);
}

static unsigned order_of(uint64_t bytes) {
    unsigned order = 0;
    while (order < RD_SPAN_ORDERS && rd_span_size(order) < bytes) order++;
    return order;
}

static uint32_t pages_of(uint64_t bytes) {
    return (uint32_t)((bytes + PAGE - 1) / PAGE);
}

static char *span_at(const struct rd_spans *spans, uint32_t unit) {
    return spans->base + ((uint64_t)unit << RD_SPAN_SHIFT);
}

static uint32_t unit_of(const struct rd_spans *spans, const void *span) {
    return (uint32_t)((uint64_t)((const char *)span - spans->base) >> RD_SPAN_SHIFT);
}

static void drop_pages(const struct rd_spans *spans, uint32_t unit, uint32_t from, uint32_t to) {
    (void)!rd_region_drop(spans->region, span_at(spans, unit) + (uint64_t)from * PAGE, (uint64_t)(to - from) * PAGE);
}

static void add_warm(struct rd_spans *spans, int64_t pages) {
    atomic_fetch_add_explicit(&spans->warm_bytes, (uint64_t)(pages * (int64_t)PAGE), memory_order_relaxed);
}

static uint32_t *head_of(struct rd_spans *spans, uint32_t unit) {
    const struct rd_span_unit *span = &spans->units[unit];
    if (span->state == STATE_AHEAD) return &spans->ahead_head;
    return span->state == STATE_COLD ? &spans->cold_head[span->order] : &spans->warm_head[span->order];
}

static void enlist(struct rd_spans *spans, uint32_t unit, enum span_state state) {
    struct rd_span_unit *span = &spans->units[unit];
    span->state = (uint8_t)state;
    uint32_t *head = head_of(spans, unit);
    span->next = *head;
    span->previous = RD_NO_UNIT;
    if (*head != RD_NO_UNIT) spans->units[*head].previous = unit;
    *head = unit;
}

static void unlist(struct rd_spans *spans, uint32_t unit) {
    struct rd_span_unit *span = &spans->units[unit];
    if (span->next != RD_NO_UNIT) spans->units[span->next].previous = span->previous;
    if (span->previous != RD_NO_UNIT) spans->units[span->previous].next = span->next;
    else *head_of(spans, unit) = span->next;
    span->state = STATE_USED;
}

/* A stretch of which nothing is resident becomes free, and one with its buddies. */
static void free_cold(struct rd_spans *spans, uint32_t unit, unsigned order) {
    while (order < RD_SPAN_ORDERS - 1) {
        uint32_t buddy = unit ^ (1u << order);
        if (buddy >= spans->opened) break;
        const struct rd_span_unit *other = &spans->units[buddy];
        if (other->state != STATE_COLD || other->order != order) break;
        unlist(spans, buddy);
        unit &= ~(1u << order);
        order++;
    }
    spans->units[unit] = (struct rd_span_unit){.order = (uint8_t)order};
    enlist(spans, unit, STATE_COLD);
}

/* Opens the next of the reserved addresses that are aligned for the order; those before them become free. */
static uint32_t open_span(struct rd_spans *spans, unsigned order) {
    uint64_t units = 1ull << order, at = (spans->opened + units - 1) & ~(units - 1);
    if (at + units > spans->reserved >> RD_SPAN_SHIFT) return RD_NO_UNIT;
    uint64_t bytes = (at + units - spans->opened) << RD_SPAN_SHIFT;
    if (mprotect(span_at(spans, spans->opened), bytes, PROT_READ | PROT_WRITE) != 0) return RD_NO_UNIT;
    while (spans->opened < at) {
        unsigned gap = (unsigned)__builtin_ctz(spans->opened);
        spans->opened += 1u << gap;
        free_cold(spans, spans->opened - (1u << gap), gap);
    }
    spans->opened = (uint32_t)(at + units);
    return (uint32_t)at;
}

static uint32_t split_cold(struct rd_spans *spans, unsigned order) {
    unsigned from = order;
    while (from < RD_SPAN_ORDERS && spans->cold_head[from] == RD_NO_UNIT) from++;
    if (from == RD_SPAN_ORDERS) return RD_NO_UNIT;
    uint32_t unit = spans->cold_head[from];
    unlist(spans, unit);
    while (from > order) {
        from--;
        spans->units[unit + (1u << from)] = (struct rd_span_unit){.order = (uint8_t)from};
        enlist(spans, unit + (1u << from), STATE_COLD);
    }
    return unit;
}

/* One warm stretch, or what lies ahead in one, goes back; its pages, 0 when there is none. */
static uint32_t cool_one(struct rd_spans *spans) {
    for (unsigned tried = 0; tried < RD_SPAN_ORDERS; tried++) {
        uint32_t unit = spans->warm_head[spans->cool_order];
        if (unit == RD_NO_UNIT) {
            spans->cool_order = (spans->cool_order + 1) % RD_SPAN_ORDERS;
            continue;
        }
        uint32_t pages = spans->units[unit].warm;
        unlist(spans, unit);
        drop_pages(spans, unit, 0, pages);
        add_warm(spans, -(int64_t)pages);
        free_cold(spans, unit, spans->units[unit].order);
        return pages;
    }
    uint32_t unit = spans->ahead_head;
    if (unit == RD_NO_UNIT) return 0;
    struct rd_span_unit *span = &spans->units[unit];
    uint32_t pages = span->warm - span->claimed;
    unlist(spans, unit);
    drop_pages(spans, unit, span->claimed, span->warm);
    add_warm(spans, -(int64_t)pages);
    span->warm = span->claimed;
    return pages;
}

/* With the lock held. The owner writes no page that is not claimed, so those ahead may go at any time. */
static void claim(struct rd_spans *spans, uint32_t unit, uint32_t pages) {
    struct rd_span_unit *span = &spans->units[unit];
    uint32_t before = span->warm > span->claimed ? span->warm - span->claimed : 0;
    uint32_t after = span->warm > pages ? span->warm - pages : 0;
    span->claimed = pages;
    if (before != after) add_warm(spans, (int64_t)after - (int64_t)before);
    if (after && span->state == STATE_USED) enlist(spans, unit, STATE_AHEAD);
    else if (!after && span->state == STATE_AHEAD) unlist(spans, unit);
}

/* A free stretch of the order: warm rather than cold, known rather than opened. */
static uint32_t find(struct rd_spans *spans, unsigned order) {
    uint32_t unit = spans->warm_head[order];
    if (unit != RD_NO_UNIT) {
        unlist(spans, unit);
        return unit;
    }
    if ((unit = split_cold(spans, order)) == RD_NO_UNIT) unit = open_span(spans, order);
    /* What is warm is not joined with its buddies. */
    while (unit == RD_NO_UNIT && cool_one(spans)) unit = split_cold(spans, order);
    if (unit != RD_NO_UNIT) spans->units[unit] = (struct rd_span_unit){.order = (uint8_t)order};
    return unit;
}

void *rd_span_take(struct rd_spans *spans, uint64_t bytes, uint64_t most, unsigned *order_out) {
    unsigned order = order_of(most);
    if (order == RD_SPAN_ORDERS) return NULL;
    rd_lock_acquire(&spans->lock);
    atomic_store_explicit(&spans->takes, atomic_load_explicit(&spans->takes, memory_order_relaxed) + 1, memory_order_relaxed);
    uint32_t unit = find(spans, order);
    if (unit != RD_NO_UNIT) claim(spans, unit, pages_of(bytes));
    rd_lock_release(&spans->lock);
    if (unit == RD_NO_UNIT) return NULL;
    *order_out = order;
    return span_at(spans, unit);
}

/* Lets what was given back before go, so that `pages` more stay below the bound. Other sizes first. */
static bool make_warm_room(struct rd_spans *spans, unsigned order, uint32_t pages) {
    uint64_t most = atomic_load_explicit(&spans->warm_most, memory_order_relaxed), wanted = (uint64_t)pages * PAGE;
    if (wanted > most) return false;
    while (atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed) + wanted > most) {
        if (spans->cool_order == order) spans->cool_order = (order + 1) % RD_SPAN_ORDERS;
        /* Of its own size one is as good as the other. */
        bool others = false;
        for (unsigned i = 0; i < RD_SPAN_ORDERS; i++) others |= i != order && spans->warm_head[i] != RD_NO_UNIT;
        if (!others || !cool_one(spans)) return false;
    }
    return true;
}

/* With the lock held: into the list of warm ones; false when it is to go cold. */
static bool keep_warm(struct rd_spans *spans, uint32_t unit, uint32_t pages) {
    struct rd_span_unit *span = &spans->units[unit];
    claim(spans, unit, pages); /* what lies ahead is counted, and the rest is not yet */
    if (span->warm < pages) span->warm = pages;
    uint32_t ahead = span->warm - pages;
    bool keep = span->warm && make_warm_room(spans, span->order, pages);
    if (span->state == STATE_AHEAD) unlist(spans, unit);
    add_warm(spans, keep ? (int64_t)pages : -(int64_t)ahead);
    if (!keep) return false;
    span->claimed = 0;
    enlist(spans, unit, STATE_WARM);
    return true;
}

void rd_span_give(struct rd_spans *spans, void *at, uint64_t bytes) {
    uint32_t unit = unit_of(spans, at);
    struct rd_span_unit *span = &spans->units[unit];
    rd_lock_acquire(&spans->lock);
    bool kept = keep_warm(spans, unit, pages_of(bytes));
    uint32_t dropped = span->warm;
    rd_lock_release(&spans->lock);
    if (kept) return;
    /* Nobody knows of it meanwhile. */
    if (dropped) drop_pages(spans, unit, 0, dropped);
    rd_lock_acquire(&spans->lock);
    free_cold(spans, unit, span->order);
    rd_lock_release(&spans->lock);
}

void rd_span_claim(struct rd_spans *spans, void *at, uint64_t bytes) {
    rd_lock_acquire(&spans->lock);
    claim(spans, unit_of(spans, at), pages_of(bytes));
    rd_lock_release(&spans->lock);
}

void rd_span_shorten(struct rd_spans *spans, void *at, uint64_t bytes, uint64_t written) {
    uint32_t unit = unit_of(spans, at), pages = pages_of(bytes), end = pages_of(written);
    struct rd_span_unit *span = &spans->units[unit];
    rd_lock_acquire(&spans->lock);
    if (span->warm > end) end = span->warm;
    claim(spans, unit, end); /* nothing is ahead */
    /* Of a page or two, which CRLF was on, the next value here makes use. */
    uint64_t warm = atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed) + (uint64_t)(end - pages) * PAGE;
    bool keep = end - pages <= AHEAD_MOST && warm <= atomic_load_explicit(&spans->warm_most, memory_order_relaxed);
    span->warm = keep ? end : 0;
    claim(spans, unit, pages);
    rd_lock_release(&spans->lock);
    if (!keep && end > pages) drop_pages(spans, unit, pages, end);
}

bool rd_spans_has_warm(struct rd_spans *spans, uint64_t bytes) {
    unsigned order = order_of(bytes);
    if (order == RD_SPAN_ORDERS || !atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed)) return false;
    rd_lock_acquire(&spans->lock);
    uint32_t unit = spans->warm_head[order];
    bool has = unit != RD_NO_UNIT && spans->units[unit].warm >= pages_of(bytes);
    rd_lock_release(&spans->lock);
    return has;
}

bool rd_spans_promise(struct rd_spans *spans, uint64_t most) {
    uint64_t size = rd_span_size(order_of(most)), enough = spans->reserved / PROMISED_SHARE;
    if (atomic_fetch_add_explicit(&spans->promised, size, memory_order_relaxed) + size <= enough) return true;
    atomic_fetch_sub_explicit(&spans->promised, size, memory_order_relaxed);
    return false;
}

void rd_spans_end_promise(struct rd_spans *spans, uint64_t most) {
    atomic_fetch_sub_explicit(&spans->promised, rd_span_size(order_of(most)), memory_order_relaxed);
}

void rd_spans_fit(struct rd_spans *spans, uint64_t limit) {
    uint64_t most = limit && limit / WARM_SHARE < WARM_MOST ? limit / WARM_SHARE : WARM_MOST;
    atomic_store_explicit(&spans->warm_most, most, memory_order_relaxed);
}

bool rd_spans_cool(struct rd_spans *spans, uint64_t bytes) {
    if (!atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed)) return false;
    uint64_t cooled = 0;
    rd_lock_acquire(&spans->lock);
    for (uint32_t pages = 1; pages && cooled < bytes; cooled += (uint64_t)pages * PAGE) pages = cool_one(spans);
    rd_lock_release(&spans->lock);
    return cooled != 0;
}

/* Walks one list; adds its warm pages. */
static bool check_list(const struct rd_spans *spans, uint32_t head, enum span_state state, unsigned order,
                       uint64_t *free_units, uint64_t *warm) {
    uint32_t previous = RD_NO_UNIT, seen = 0;
    for (uint32_t unit = head; unit != RD_NO_UNIT; unit = spans->units[unit].next) {
        const struct rd_span_unit *span = &spans->units[unit];
        if (span->state != state || span->previous != previous || ++seen > spans->opened) return false;
        if (unit % (1u << span->order) != 0 || unit + (1u << span->order) > spans->opened) return false;
        if (state != STATE_AHEAD && span->order != order) return false;
        if ((span->warm > span->claimed) != (state != STATE_COLD)) return false;
        if (state != STATE_AHEAD) *free_units += 1u << span->order;
        *warm += span->warm - span->claimed;
        previous = unit;
    }
    return true;
}

bool rd_spans_check(struct rd_spans *spans) {
    uint64_t free_units = 0, warm = 0;
    rd_lock_acquire(&spans->lock);
    bool sound = check_list(spans, spans->ahead_head, STATE_AHEAD, 0, &free_units, &warm);
    for (unsigned order = 0; order < RD_SPAN_ORDERS; order++) {
        sound = sound && check_list(spans, spans->cold_head[order], STATE_COLD, order, &free_units, &warm) &&
                check_list(spans, spans->warm_head[order], STATE_WARM, order, &free_units, &warm);
        /* Two free buddies would be one. */
        for (uint32_t unit = spans->cold_head[order]; sound && unit != RD_NO_UNIT; unit = spans->units[unit].next) {
            const struct rd_span_unit *buddy = &spans->units[unit ^ (1u << order)];
            bool joins = order < RD_SPAN_ORDERS - 1 && (unit ^ (1u << order)) < spans->opened;
            sound = !joins || buddy->state != STATE_COLD || buddy->order != order;
        }
    }
    sound = sound && free_units <= spans->opened;
    sound = sound && warm * PAGE == atomic_load_explicit(&spans->warm_bytes, memory_order_relaxed);
    rd_lock_release(&spans->lock);
    return sound;
}

bool rd_spans_could_have(const struct rd_spans *spans, const char *span, unsigned order, uint64_t bytes) {
    if (order >= RD_SPAN_ORDERS || span < spans->base || span >= spans->base + spans->reserved) return false;
    uint64_t offset = (uint64_t)(span - spans->base);
    if (offset % rd_span_size(order) != 0 || bytes > rd_span_size(order) || bytes > spans->reserved - offset) return false;
    const struct rd_span_unit *unit = &spans->units[unit_of(spans, span)];
    return unit->order == order && bytes <= (uint64_t)unit->claimed * PAGE;
}
