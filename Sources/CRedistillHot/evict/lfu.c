/*
 * This file owns the policies by frequency of use. An entry's age field holds the logarithm of its frequency: hits
 * gathered since the entry was last sampled raise it, the higher the less likely. As in Redis what nobody uses loses one
 * a minute, or in as many as lfu_decay_time says. There is no room for a time in an entry, so a sample without hits takes off what a minute's samples have to
 * take off on average: few where much is sampled, several where little is.
 */
#include "evict/notes.h"
#include "evict/oldest.h"
#include "evict/policies.h"
#include "evict/sample.h"

/* The least frequent of so many goes, at least. */
#define LEAST_SAMPLES 10
/* Parts of one that a sample takes off. */
#define FADE_ONE 256u

/* A minute is over: how often was an entry sampled in it? */
static void end_minute(const struct rd_shard *shard, struct rd_fading *fading, uint32_t minute) {
    uint64_t keys = rd_shard_keys(shard), minutes = minute - fading->minute;
    uint32_t decay = atomic_load_explicit(&shard->store->lfu_decay_minutes, memory_order_relaxed);
    uint64_t fade = fading->sampled && decay ? keys * minutes * FADE_ONE / fading->sampled / decay : 0;
    uint64_t most = RD_FREQUENCY_MOST * FADE_ONE;
    *fading = (struct rd_fading){.minute = minute, .fade = (uint32_t)(fade < most ? fade : most)};
}

static uint32_t fade(const struct rd_fading *fading, uint32_t frequency, uint64_t random) {
    uint32_t loss = fading->fade / FADE_ONE + (random % FADE_ONE < fading->fade % FADE_ONE);
    return frequency > loss ? frequency - loss : 0;
}

static void renew(struct rd_shard *shard, const struct rd_fading *fading, struct rd_entry *entry) {
    uint32_t hits = entry->flags >> RD_HIT_SHIFT, frequency = entry->age;
    uint64_t random = rd_shard_random(shard);
    if (hits == 0) {
        if (frequency) entry->age = (uint16_t)fade(fading, frequency, random) & RD_FREQUENCY_MOST;
        return;
    }
    for (; hits && frequency < RD_FREQUENCY_MOST; hits--, random >>= 16) {
        uint32_t above = frequency > RD_FREQUENCY_NEW ? frequency - RD_FREQUENCY_NEW : 0;
        if ((random & 0xffff) * (1 + (above + 1) / 2) <= 0xffff) frequency++;
    }
    entry->age = (uint16_t)(frequency & RD_FREQUENCY_MOST);
    entry->flags &= (uint8_t)~RD_HIT_MASK;
}

static struct rd_victim least_frequent(struct rd_shard *shard, uint32_t space, uint32_t spare, bool expiring) {
    struct rd_victim victim = {0};
    if (expiring && !rd_shard_expiring_listed(shard, space)) return victim;
    uint32_t minute = atomic_load_explicit(&shard->store->minute, memory_order_relaxed);
    struct rd_notes *notes = rd_notes_of(shard);
    struct rd_fading unnoted = {.minute = minute}; /* without memory for notes nothing fades */
    struct rd_fading *fading = notes ? &notes->fading : &unnoted;
    if (minute != fading->minute) end_minute(shard, fading, minute);
    struct rd_samples samples;
    for (uint32_t looked = 0, tries = 0; looked < LEAST_SAMPLES && tries < 4; tries++) {
        rd_samples_draw(&samples, shard, space, spare, expiring);
        for (uint32_t i = 0; i < samples.count; i++) {
            struct rd_entry *entry = rd_shard_entry(shard, samples.references[i]);
            renew(shard, fading, entry);
            uint32_t score = RD_FREQUENCY_MOST + 1 - entry->age;
            if (score > victim.score) victim = (struct rd_victim){samples.references[i], score};
        }
        looked += samples.count;
        fading->sampled += samples.count;
    }
    if (victim.reference) return victim;
    uint32_t oldest = rd_oldest_of_first(shard, space, spare, expiring ? 2 : 0);
    return (struct rd_victim){oldest, oldest != 0};
}

static struct rd_victim allkeys(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return least_frequent(shard, space, spare, false);
}

static struct rd_victim expiring(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return least_frequent(shard, space, spare, true);
}

const struct rd_policy rd_policy_allkeys_lfu = {.name = "allkeys-lfu", .by_use = true, .counts_use = true, .victim = allkeys};
const struct rd_policy rd_policy_volatile_lfu = {.name = "volatile-lfu", .by_use = true, .counts_use = true, .victim = expiring};
