/* This file owns the threads that use one store together. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "probe_store.h"

#define COUNTERS 16
#define COMMON_KEYS 4096
#define MOST_THREADS 16
/* Every value is one letter repeated, so that a torn or foreign one shows. */
#define LONGEST_VALUE 3000

struct hammer {
    struct probe_store *store;
    uint32_t number, additions;
    uint64_t random;
    bool sound;
};

static uint64_t next_random(struct hammer *hammer) {
    uint64_t x = hammer->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return hammer->random = x;
}

static struct rd_slice name(char *text, char kind, uint64_t number) {
    text[0] = kind;
    return (struct rd_slice){text, (size_t)(rd_format_u64(text + 1, number) - text)};
}

/* Adds one to the end of the counter's value, whose length is the count: an append is atomic, or the sum is wrong. */
static void add(struct hammer *hammer) {
    char text[32];
    struct rd_slice key = name(text, 'c', next_random(hammer) % COUNTERS), one = {"+", 1};
    if (probe_store_append(hammer->store, key, one, 0) != RD_OK) hammer->sound = false;
}

static void count_key(void *context, struct rd_slice key) {
    struct hammer *hammer = context;
    if (key.length < 2 || (key.bytes[0] != 'c' && key.bytes[0] != 'k')) hammer->sound = false;
}

static bool is_one_letter(struct rd_slice value) {
    for (size_t i = 1; i < value.length; i++) {
        if (value.bytes[i] != value.bytes[0]) return false;
    }
    return true;
}

static void look(void *context, struct rd_slice value) {
    struct hammer *hammer = context;
    if (!is_one_letter(value)) hammer->sound = false;
}

/* A blob that is held must not change, whatever others do to its key. */
static void hold_for_a_while(struct hammer *hammer, struct rd_slice key, int64_t now) {
    void *held = probe_store_hold_value(hammer->store, key, now);
    if (!held) return;
    struct rd_slice before = probe_held_value(held);
    for (int i = 0; i < 3; i++) {
        if (!is_one_letter(probe_held_value(held)) || probe_held_value(held).length != before.length) {
            hammer->sound = false;
        }
    }
    probe_release_value(held);
}

static void disturb(struct hammer *hammer) {
    char text[32], value[LONGEST_VALUE];
    uint64_t random = next_random(hammer);
    struct rd_slice key = name(text, 'k', random % COMMON_KEYS);
    int64_t now = 1000 + (int64_t)(random >> 40 & 15);
    struct rd_slice bytes = {value, next_random(hammer) % LONGEST_VALUE};
    memset(value, 'a' + (int)(random >> 32 & 15), bytes.length);
    switch (random >> 24 & 15) {
    case 0: case 1: case 2: case 3: case 4:
        if (probe_store_put(hammer->store, key, bytes, 0, now) != RD_OK) hammer->sound = false;
        break;
    case 5:
        if (probe_store_put(hammer->store, key, bytes, now + 4, now) != RD_OK) hammer->sound = false;
        break;
    case 6: case 7: case 8: probe_store_remove(hammer->store, key, now); break;
    case 9: if (probe_store_set_expiry(hammer->store, key, now + 4, now) == RD_ERR_NO_MEMORY) hammer->sound = false; break;
    case 10: if (probe_store_set_expiry(hammer->store, key, 0, now) == RD_ERR_NO_MEMORY) hammer->sound = false; break;
    case 11: probe_store_scan(hammer->store, 0, count_key, hammer); break;
    case 12: if (random >> 48 < 64) probe_store_sweep(hammer->store, now); break;
    case 13: probe_store_look(hammer->store, key, now, look, hammer); break;
    default: hold_for_a_while(hammer, key, now);
    }
}

static void *run(void *argument) {
    struct hammer *hammer = argument;
    for (uint32_t i = 0; i < hammer->additions; i++) {
        add(hammer);
        disturb(hammer);
    }
    return NULL;
}

bool probe_store_hammer(struct probe_store *store, uint32_t threads, uint32_t additions, uint64_t seed) {
    struct hammer hammers[MOST_THREADS];
    pthread_t handles[MOST_THREADS];
    char text[32];
    if (threads > MOST_THREADS) abort();
    bool sound = true;
    for (uint64_t i = 0; i < COUNTERS; i++) {
        sound = probe_store_put(store, name(text, 'c', i), (struct rd_slice){"", 0}, 0, 0) == RD_OK && sound;
    }
    for (uint32_t i = 0; i < threads; i++) {
        hammers[i] = (struct hammer){store, i, additions, (seed + i) * 0x9e3779b97f4a7c15u | 1, true};
        if (pthread_create(&handles[i], NULL, run, &hammers[i]) != 0) abort();
    }
    for (uint32_t i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        sound = sound && hammers[i].sound;
    }
    uint64_t sum = 0;
    for (uint64_t i = 0; i < COUNTERS; i++) {
        struct rd_slice value;
        int64_t expiry;
        if (!probe_store_get(store, name(text, 'c', i), 0, &value, &expiry)) return false;
        sum += value.length;
    }
    return sound && sum == (uint64_t)threads * additions;
}
