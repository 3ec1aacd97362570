/* This file owns the growth and shrinking of the hash table. */
#include "store/table.h"

#include "memory/kept.h"

/*
 * A bucket is added above 8.5 keys a bucket, and taken away below 4. At 8.5 a table costs 8.2 to 8.9 bytes a key
 * whatever the number of keys, and a hit looks at 1.02 to 1.07 buckets (Poisson chains, 12 places).
 */
#define GROW_AT_HALVES 17
#define SHRINK_AT 4
#define INITIAL_BUCKETS 16

static bool is_used(const struct rd_bucket *bucket, uint32_t index) {
    return bucket->tags[index] != 0;
}

static uint32_t free_places(const struct rd_bucket *bucket) {
    return rd_bucket_matches(bucket, 0);
}

static struct rd_directory *new_directory(struct rd_region *region, uint32_t capacity) {
    struct rd_directory *directory = rd_kept_new(region, sizeof *directory + capacity * sizeof directory->pages[0]);
    if (!directory) return NULL;
    directory->outgrown = NULL;
    directory->capacity = capacity;
    for (uint32_t i = 0; i < capacity; i++) atomic_init(&directory->pages[i], RD_NO_PAGE);
    return directory;
}

/* Makes sure that the segment of a bucket exists. Its buckets are zero. */
static enum rd_status open_segment(struct rd_table *table, uint32_t segment) {
    struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    if (segment == directory->capacity) {
        struct rd_directory *larger = new_directory(table->pool->region, directory->capacity * 2);
        if (!larger) return RD_ERR_NO_MEMORY;
        for (uint32_t i = 0; i < directory->capacity; i++) {
            uint32_t page = atomic_load_explicit(&directory->pages[i], memory_order_relaxed);
            atomic_store_explicit(&larger->pages[i], page, memory_order_relaxed);
        }
        larger->outgrown = directory;
        atomic_store_explicit(&table->directory, larger, memory_order_release);
        directory = larger;
    }
    uint32_t page = rd_pool_take(table->pool, 0);
    if (page == RD_NO_PAGE) return RD_ERR_NO_MEMORY;
    memset(rd_pool_page(table->pool, page), 0, RD_PAGE_SIZE);
    atomic_store_explicit(&directory->pages[segment], page, memory_order_release);
    return RD_OK;
}

enum rd_status rd_table_init(struct rd_table *table, struct rd_pool *pool, const struct rd_hash_seed *seed) {
    *table = (struct rd_table){.base = pool->base, .pool = pool, .seed = seed};
    struct rd_directory *directory = new_directory(pool->region, 4);
    if (!directory) return RD_ERR_NO_MEMORY;
    atomic_init(&table->directory, directory);
    atomic_init(&table->buckets, INITIAL_BUCKETS);
    enum rd_status status = open_segment(table, 0);
    if (status != RD_OK) rd_table_destroy(table);
    return status;
}

static void close_segments_from(struct rd_table *table, uint32_t first) {
    struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    for (uint32_t i = first; i < directory->capacity; i++) {
        uint32_t page = atomic_load_explicit(&directory->pages[i], memory_order_relaxed);
        if (page == RD_NO_PAGE) break;
        rd_pool_give(table->pool, page, 0);
        /* rd_table_prefetch may still compute an address from the old number, which is harmless. */
        atomic_store_explicit(&directory->pages[i], RD_NO_PAGE, memory_order_relaxed);
    }
}

static void drop_overflow(struct rd_table *table) {
    uint64_t count = rd_counter_get(&table->overflow_page_count);
    for (uint64_t i = 0; i < count; i++) rd_pool_give(table->pool, table->overflow_pages[i], 0);
    rd_kept_free(table->pool->region, table->overflow_pages);
    table->overflow_pages = NULL;
    rd_counter_set(&table->overflow_page_count, 0);
    table->overflow_free = table->overflow_used = 0;
}

void rd_table_clear(struct rd_table *table) {
    atomic_store_explicit(&table->buckets, INITIAL_BUCKETS, memory_order_release);
    close_segments_from(table, 1);
    drop_overflow(table);
    memset(rd_table_bucket(table, 0), 0, INITIAL_BUCKETS * sizeof(struct rd_bucket));
    rd_counter_set(&table->keys, 0);
}

void rd_table_destroy(struct rd_table *table) {
    struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    if (!directory) return;
    close_segments_from(table, 0);
    drop_overflow(table);
    while (directory) {
        struct rd_directory *outgrown = directory->outgrown;
        rd_kept_free(table->pool->region, directory);
        directory = outgrown;
    }
    atomic_store_explicit(&table->directory, NULL, memory_order_relaxed);
}

enum rd_status rd_table_replace(struct rd_table *table, struct rd_table *old) {
    struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    struct rd_directory *copy = new_directory(table->pool->region, directory->capacity);
    uint32_t page = copy ? rd_pool_take(table->pool, 0) : RD_NO_PAGE;
    if (page == RD_NO_PAGE) {
        rd_kept_free(table->pool->region, copy);
        return RD_ERR_NO_MEMORY;
    }
    memset(rd_pool_page(table->pool, page), 0, RD_PAGE_SIZE);
    for (uint32_t i = 0; i < directory->capacity; i++) {
        uint32_t number = atomic_load_explicit(&directory->pages[i], memory_order_relaxed);
        atomic_store_explicit(&copy->pages[i], number, memory_order_relaxed);
        if (i) atomic_store_explicit(&directory->pages[i], RD_NO_PAGE, memory_order_relaxed);
    }
    *old = (struct rd_table){.base = table->base, .pool = table->pool, .seed = table->seed};
    atomic_init(&old->directory, copy);
    old->overflow_pages = table->overflow_pages;
    rd_counter_set(&old->overflow_page_count, rd_counter_get(&table->overflow_page_count));
    table->overflow_pages = NULL;
    rd_counter_set(&table->overflow_page_count, 0);
    table->overflow_free = table->overflow_used = 0;
    atomic_store_explicit(&directory->pages[0], page, memory_order_relaxed);
    atomic_store_explicit(&table->buckets, INITIAL_BUCKETS, memory_order_release);
    rd_counter_set(&table->keys, 0);
    return RD_OK;
}

bool rd_table_clear_some(struct rd_table *table, uint32_t pages) {
    struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    uint32_t last = directory->capacity; /* from the back, for destroying stops at the first that is gone */
    while (last > 0 && atomic_load_explicit(&directory->pages[last - 1], memory_order_relaxed) == RD_NO_PAGE) last--;
    for (; last > 0 && pages > 0; last--, pages--) {
        rd_pool_give(table->pool, atomic_load_explicit(&directory->pages[last - 1], memory_order_relaxed), 0);
        atomic_store_explicit(&directory->pages[last - 1], RD_NO_PAGE, memory_order_relaxed);
    }
    return last > 0;
}

static enum rd_status open_overflow_page(struct rd_table *table) {
    uint32_t count = (uint32_t)rd_counter_get(&table->overflow_page_count);
    uint32_t *pages = rd_kept_resize(table->pool->region, table->overflow_pages, (count + 1) * sizeof *pages);
    if (!pages) return RD_ERR_NO_MEMORY;
    table->overflow_pages = pages;
    uint32_t page = rd_pool_take(table->pool, 0);
    if (page == RD_NO_PAGE) return RD_ERR_NO_MEMORY;
    pages[count] = page;
    rd_counter_set(&table->overflow_page_count, count + 1);
    for (uint32_t i = RD_SEGMENT_BUCKETS; i-- > (count ? 0 : 1);) { /* number 0 means none */
        uint32_t number = count * RD_SEGMENT_BUCKETS + i;
        rd_table_overflow(table, number)->next = table->overflow_free;
        table->overflow_free = number;
    }
    return RD_OK;
}

/* Makes sure that `count` overflow buckets (few) can be taken without failing. */
static enum rd_status reserve_overflow(struct rd_table *table, uint32_t count) {
    uint32_t pages = (uint32_t)rd_counter_get(&table->overflow_page_count);
    uint32_t total = pages ? pages * RD_SEGMENT_BUCKETS - 1 : 0;
    return total - table->overflow_used >= count ? RD_OK : open_overflow_page(table);
}

/* An empty overflow bucket: its number, or 0 when memory is out. */
static uint32_t take_overflow(struct rd_table *table) {
    if (!table->overflow_free && open_overflow_page(table) != RD_OK) return 0;
    uint32_t number = table->overflow_free;
    struct rd_bucket *bucket = rd_table_overflow(table, number);
    table->overflow_free = bucket->next;
    table->overflow_used++;
    memset(bucket, 0, sizeof *bucket);
    return number;
}

static void give_overflow(struct rd_table *table, uint32_t number) {
    rd_table_overflow(table, number)->next = table->overflow_free;
    table->overflow_free = number;
    if (--table->overflow_used == 0) drop_overflow(table);
}

static enum rd_status chain_insert(struct rd_table *table, struct rd_bucket *bucket, uint8_t tag, uint32_t reference) {
    for (;;) {
        uint32_t free = free_places(bucket);
        if (free) {
            uint32_t index = (uint32_t)__builtin_ctz(free);
            bucket->tags[index] = tag;
            bucket->references[index] = reference;
            return RD_OK;
        }
        if (!bucket->next) break;
        bucket = rd_table_overflow(table, bucket->next);
    }
    uint32_t number = take_overflow(table);
    if (!number) return RD_ERR_NO_MEMORY;
    bucket->next = number;
    bucket = rd_table_overflow(table, number);
    bucket->tags[0] = tag;
    bucket->references[0] = reference;
    return RD_OK;
}

/*
 * Keeps a chain dense: its last entry fills the hole, and an emptied overflow bucket is given back. One whose own last
 * entry was removed is only found empty, and given back, by the next removal: from it the bucket before can't be seen.
 */
static void chain_fill_hole(struct rd_table *table, struct rd_bucket *bucket, uint32_t index) {
    bucket->tags[index] = 0;
    while (bucket->next) {
        struct rd_bucket *before = bucket, *last = rd_table_overflow(table, bucket->next);
        while (last->next) {
            before = last;
            last = rd_table_overflow(table, last->next);
        }
        uint32_t used = ~free_places(last) & 0xfff;
        if (used) {
            uint32_t from = 31 - (uint32_t)__builtin_clz(used);
            bucket->tags[index] = last->tags[from];
            bucket->references[index] = last->references[from];
            last->tags[from] = 0;
            if (used != 1u << from) return;
        }
        uint32_t number = before->next;
        before->next = 0;
        give_overflow(table, number);
        if (used) return;
    }
}

static uint64_t hash_of(const struct rd_table *table, const struct rd_arena *arena, uint32_t reference) {
    struct rd_slice key = rd_entry_key(rd_arena_at(arena, reference));
    return rd_hash(table->seed, key.bytes, key.length);
}

static void prefetch_chain(const struct rd_table *table, const struct rd_arena *arena, const struct rd_bucket *bucket) {
    for (;;) {
        for (uint32_t used = ~free_places(bucket) & 0xfff; used; used &= used - 1) {
            __builtin_prefetch(rd_arena_at(arena, bucket->references[__builtin_ctz(used)]));
        }
        if (!bucket->next) return;
        bucket = rd_table_overflow(table, bucket->next);
    }
}

/* Splits the next bucket in two. A failure leaves the table as it was, only fuller. */
static void grow_by_one(struct rd_table *table, const struct rd_arena *arena) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    if (buckets == UINT32_MAX >> 1) return;
    uint32_t high = 1u << (31 - __builtin_clz(buckets)); /* the bit that tells the two halves apart */
    if (buckets % RD_SEGMENT_BUCKETS == 0 && open_segment(table, buckets >> RD_SEGMENT_SHIFT) != RD_OK) return;
    struct rd_bucket *old = rd_table_bucket(table, buckets - high);
    struct rd_bucket *new = rd_table_bucket(table, buckets);
    /* Dealing a chain out again wants at most one overflow bucket more than it has given back. */
    if (old->next && reserve_overflow(table, 2) != RD_OK) return;
    prefetch_chain(table, arena, old);

    struct rd_bucket first = *old;
    uint32_t chain = first.next;
    memset(old, 0, sizeof *old);
    memset(new, 0, sizeof *new);
    const struct rd_bucket *from = &first;
    uint32_t spare = 0; /* the overflow bucket being read; free once it is */
    for (;;) {
        for (uint32_t used = ~free_places(from) & 0xfff; used; used &= used - 1) {
            uint32_t i = (uint32_t)__builtin_ctz(used);
            struct rd_bucket *half = hash_of(table, arena, from->references[i]) & high ? new : old;
            uint8_t tag = from->tags[i];
            uint32_t reference = from->references[i];
            if (chain_insert(table, half, tag, reference) != RD_OK) __builtin_trap();
        }
        if (from != &first) give_overflow(table, spare);
        if (!chain) break;
        spare = chain;
        from = rd_table_overflow(table, chain);
        chain = from->next;
    }
    atomic_store_explicit(&table->buckets, buckets + 1, memory_order_release);
}

/* Merges the last bucket into the one that it was split from. */
static void shrink_by_one(struct rd_table *table) {
    uint32_t last = atomic_load_explicit(&table->buckets, memory_order_relaxed) - 1;
    uint32_t high = 1u << (31 - __builtin_clz(last));
    struct rd_bucket *from = rd_table_bucket(table, last), *to = rd_table_bucket(table, last - high);
    if (reserve_overflow(table, 2) != RD_OK) return;
    struct rd_bucket first = *from;
    uint32_t chain = first.next, reading = 0;
    memset(from, 0, sizeof *from);
    from = &first;
    for (;;) {
        for (uint32_t used = ~free_places(from) & 0xfff; used; used &= used - 1) {
            uint32_t i = (uint32_t)__builtin_ctz(used);
            if (chain_insert(table, to, from->tags[i], from->references[i]) != RD_OK) __builtin_trap();
        }
        if (reading) give_overflow(table, reading);
        if (!chain) break;
        reading = chain;
        from = rd_table_overflow(table, chain);
        chain = from->next;
    }
    atomic_store_explicit(&table->buckets, last, memory_order_release);
    if (last % RD_SEGMENT_BUCKETS == 0) close_segments_from(table, last >> RD_SEGMENT_SHIFT);
}

enum rd_status rd_table_insert(struct rd_table *table, const struct rd_arena *arena, uint64_t hash, uint32_t reference) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    struct rd_bucket *bucket = rd_table_bucket(table, rd_bucket_number(hash, buckets));
    enum rd_status status = chain_insert(table, bucket, rd_hash_tag(hash), reference);
    if (status != RD_OK) return status;
    rd_counter_add(&table->keys, 1);
    if (rd_counter_get(&table->keys) * 2 > (uint64_t)buckets * GROW_AT_HALVES) grow_by_one(table, arena);
    return RD_OK;
}

void rd_table_remove(struct rd_table *table, struct rd_place place) {
    chain_fill_hole(table, place.bucket, place.index);
    rd_counter_add(&table->keys, (uint64_t)-1);
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    if (buckets > INITIAL_BUCKETS && rd_counter_get(&table->keys) < (uint64_t)buckets * SHRINK_AT) shrink_by_one(table);
}

struct rd_place rd_table_place_of(struct rd_table *table, uint64_t hash, uint32_t reference) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    struct rd_bucket *bucket = rd_table_bucket(table, rd_bucket_number(hash, buckets));
    for (;;) {
        for (uint32_t left = rd_bucket_matches(bucket, rd_hash_tag(hash)); left; left &= left - 1) {
            uint32_t index = (uint32_t)__builtin_ctz(left);
            if (bucket->references[index] == reference) return (struct rd_place){bucket, index};
        }
        if (!bucket->next) __builtin_trap(); /* the caller knows that it is there */
        bucket = rd_table_overflow(table, bucket->next);
    }
}

static uint32_t reverse_bits(uint32_t x) {
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    return __builtin_bswap32(x);
}

static void visit_chain(struct rd_table *table, const struct rd_bucket *bucket, rd_visit_fn *visit, void *context) {
    for (;;) {
        for (uint32_t used = ~free_places(bucket) & 0xfff; used; used &= used - 1) {
            visit(context, bucket->references[__builtin_ctz(used)]);
        }
        if (!bucket->next) return;
        bucket = rd_table_overflow(table, bucket->next);
    }
}

void rd_table_visit(struct rd_table *table, uint64_t hash, rd_visit_fn *visit, void *context) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    visit_chain(table, rd_table_bucket(table, rd_bucket_number(hash, buckets)), visit, context);
}

uint32_t rd_table_scan(struct rd_table *table, uint32_t cursor, rd_visit_fn *visit, void *context) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    uint32_t number = rd_bucket_number(reverse_bits(cursor), buckets);
    visit_chain(table, rd_table_bucket(table, number), visit, context);
    /* The bits that name this bucket: one more where it was split already. */
    uint32_t low_bits = 31 - (uint32_t)__builtin_clz(buckets);
    uint32_t level = 1u << low_bits;
    uint32_t bits = number >= level || number + level < buckets ? low_bits + 1 : low_bits;
    uint32_t start = reverse_bits(number); /* its low bits are zero already: number has no more than `bits` bits */
    uint64_t next = (uint64_t)start + (1ull << (32 - bits));
    return next > UINT32_MAX ? 0 : (uint32_t)next;
}

uint32_t rd_table_cursor(uint64_t hash) {
    return reverse_bits((uint32_t)hash);
}

uint64_t rd_table_bytes(const struct rd_table *table) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed);
    uint64_t segments = (buckets + RD_SEGMENT_BUCKETS - 1) / RD_SEGMENT_BUCKETS;
    return (segments + rd_counter_get(&table->overflow_page_count)) * RD_PAGE_SIZE;
}

bool rd_table_is_bounded(const struct rd_table *table) {
    const struct rd_directory *directory = atomic_load_explicit(&table->directory, memory_order_relaxed);
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed), pages = table->pool->pages_reserved, links = 0;
    uint64_t overflow_pages = rd_counter_get(&table->overflow_page_count);
    if (buckets < INITIAL_BUCKETS || (buckets - 1) >> RD_SEGMENT_SHIFT >= directory->capacity) return false;
    for (uint32_t i = 0; i <= (buckets - 1) >> RD_SEGMENT_SHIFT; i++) {
        if (atomic_load_explicit(&directory->pages[i], memory_order_relaxed) >= pages) return false;
    }
    for (uint64_t i = 0; i < overflow_pages; i++) {
        if (table->overflow_pages[i] >= pages) return false;
    }
    for (uint32_t number = 0; number < buckets; number++) {
        for (const struct rd_bucket *bucket = rd_table_bucket(table, number); bucket->next; links++) {
            if (bucket->next >> RD_SEGMENT_SHIFT >= overflow_pages || links == table->overflow_used) return false;
            bucket = rd_table_overflow(table, bucket->next);
        }
    }
    return links == table->overflow_used;
}

bool rd_table_check(struct rd_table *table, const struct rd_arena *arena) {
    uint32_t buckets = atomic_load_explicit(&table->buckets, memory_order_relaxed), keys = 0, overflow = 0;
    for (uint32_t number = 0; number < buckets; number++) {
        const struct rd_bucket *bucket = rd_table_bucket(table, number);
        for (;;) {
            for (uint32_t i = 0; i < RD_BUCKET_PLACES; i++) {
                if (!is_used(bucket, i)) continue;
                uint64_t hash = hash_of(table, arena, bucket->references[i]);
                if (rd_bucket_number(hash, buckets) != number || rd_hash_tag(hash) != bucket->tags[i]) return false;
                keys++;
            }
            if (!bucket->next) break;
            bucket = rd_table_overflow(table, bucket->next);
            overflow++;
        }
    }
    return keys == rd_counter_get(&table->keys) && overflow == table->overflow_used;
}
