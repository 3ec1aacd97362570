/* This file owns sorting items by a number: by some of its bits after the other, from the highest on. */
#include "shape/keyed.h"

#include <stdbool.h>

#define BITS_MOST 8u
/* So few are sorted by putting each where it belongs among those before it. */
#define FEW 16

static void insert_each(struct rd_keyed *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct rd_keyed item = items[i];
        size_t place = i;
        for (; place > 0 && items[place - 1].key > item.key; place--) items[place] = items[place - 1];
        items[place] = item;
    }
}

static bool is_sorted(const struct rd_keyed *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (items[i - 1].key > items[i].key) return false;
    }
    return true;
}

/* Which bits of a key say where it goes. */
struct digit {
    unsigned shift, bits;
};

/* As many of the highest in which the keys differ as leave a few in each bucket. */
static struct digit digit_of(uint64_t differing, size_t count) {
    unsigned highest = 64 - (unsigned)__builtin_clzll(differing);
    unsigned bits = count >= 2048 ? BITS_MOST : count >= 256 ? 5 : 3;
    if (bits > highest) bits = highest;
    return (struct digit){highest - bits, bits};
}

static size_t bucket_of(const struct rd_keyed *item, struct digit digit) {
    return item->key >> digit.shift & ((1u << digit.bits) - 1);
}

/* Brings each item into the bucket of its digit; ends: where each ends. */
static void distribute(struct rd_keyed *items, size_t count, struct digit digit, size_t *ends) {
    size_t next[1u << BITS_MOST], buckets = (size_t)1 << digit.bits, before = 0;
    memset(ends, 0, buckets * sizeof *ends);
    for (size_t i = 0; i < count; i++) ends[bucket_of(&items[i], digit)]++;
    for (size_t i = 0; i < buckets; i++) {
        next[i] = before;
        before += ends[i];
        ends[i] = before;
    }
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        while (next[bucket] < ends[bucket]) {
            struct rd_keyed item = items[next[bucket]];
            for (size_t own; (own = bucket_of(&item, digit)) != bucket;) {
                struct rd_keyed other = items[next[own]];
                items[next[own]++] = item;
                item = other;
            }
            items[next[bucket]++] = item;
        }
    }
}

/* As deep as there are digits in 64 bits, since the bits above one are the same in all of its bucket. */
static void sort(struct rd_keyed *items, size_t count) {
    size_t ends[1u << BITS_MOST], first = 0;
    uint64_t differing = 0;
    if (count <= FEW) {
        insert_each(items, count);
        return;
    }
    for (size_t i = 1; i < count; i++) differing |= items[i].key ^ items[0].key;
    if (differing == 0) return;
    struct digit digit = digit_of(differing, count);
    distribute(items, count, digit, ends);
    for (size_t i = 0; digit.shift > 0 && i < (size_t)1 << digit.bits; first = ends[i++]) {
        if (ends[i] - first > 1) sort(items + first, ends[i] - first);
    }
}

void rd_keyed_sort(struct rd_keyed *items, size_t count) {
    if (!is_sorted(items, count)) sort(items, count);
}
