/*
 * This file owns the policies by frequency of use. An entry's age field holds the logarithm of its frequency: hits
 * gathered since the entry was last sampled raise it, the higher the less likely, and a sample without any lowers it
 * now and then. So the more is evicted the faster old fame fades, and no clock is needed.
 */
#include "evict.h"
#include "store.h"

/* The least frequent of so many goes, at least. */
#define LEAST_SAMPLES 10
/* One in so many samples without a hit lowers the frequency. */
#define FADE 8

static void renew(struct rd_shard *shard, struct rd_entry *entry) {
    uint32_t hits = entry->flags >> RD_HIT_SHIFT, frequency = entry->age;
    uint64_t random = rd_shard_random(shard);
    if (hits == 0) {
        if (frequency && random % FADE == 0) entry->age = (uint16_t)(frequency - 1) & RD_FREQUENCY_MOST;
        return;
    }
    for (; hits && frequency < RD_FREQUENCY_MOST; hits--, random >>= 16) {
        if ((random & 0xffff) * (1 + frequency / 2) <= 0xffff) frequency++;
    }
    entry->age = (uint16_t)(frequency & RD_FREQUENCY_MOST);
    entry->flags &= (uint8_t)~RD_HIT_MASK;
}

static struct rd_victim least_frequent(struct rd_shard *shard, uint32_t spare, bool expiring) {
    struct rd_victim victim = {0};
    if (expiring && !rd_counter_get(&shard->expiring)) return victim;
    struct rd_samples samples;
    for (uint32_t looked = 0, tries = 0; looked < LEAST_SAMPLES && tries < 4; tries++) {
        rd_evict_sample(shard, spare, expiring, &samples);
        for (uint32_t i = 0; i < samples.count; i++) {
            struct rd_entry *entry = rd_shard_entry(shard, samples.references[i]);
            renew(shard, entry);
            uint32_t score = RD_FREQUENCY_MOST + 1 - entry->age;
            if (score > victim.score) victim = (struct rd_victim){samples.references[i], score};
        }
        looked += samples.count;
    }
    for (unsigned list = expiring ? 2 : 0; list < RD_LISTS && !victim.reference; list++) {
        uint32_t oldest = shard->lists[list].oldest;
        if (oldest && oldest == spare) oldest = rd_shard_entry(shard, oldest)->newer;
        if (oldest) victim = (struct rd_victim){oldest, 1};
    }
    return victim;
}

static struct rd_victim allkeys(struct rd_shard *shard, uint32_t spare) {
    return least_frequent(shard, spare, false);
}

static struct rd_victim expiring(struct rd_shard *shard, uint32_t spare) {
    return least_frequent(shard, spare, true);
}

const struct rd_policy rd_policy_allkeys_lfu = {.name = "allkeys-lfu", .counts_use = true, .victim = allkeys};
const struct rd_policy rd_policy_volatile_lfu = {.name = "volatile-lfu", .counts_use = true, .victim = expiring};
