/* This file owns the policies that evict anything, and the one that evicts what expires soonest. */
#include "evict/oldest.h"
#include "evict/policies.h"
#include "evict/sample.h"

static struct rd_victim any(struct rd_shard *shard, uint32_t space, uint32_t spare, bool expiring) {
    if (expiring && !rd_shard_expiring_listed(shard, space)) return (struct rd_victim){0};
    struct rd_samples samples;
    rd_samples_draw(&samples, shard, space, spare, expiring);
    uint32_t random = (uint32_t)(rd_shard_random(shard) >> 32);
    uint32_t chosen = samples.count ? samples.references[random % samples.count] : rd_oldest_of_first(shard, space, spare, expiring ? 2 : 0);
    /* Among shards the fullest is likelier to be the right one, but for luck. */
    uint64_t keys = expiring ? rd_shard_expiring_listed(shard, space) : rd_shard_keys_listed(shard, space);
    return (struct rd_victim){chosen, (uint32_t)(random % (keys + 1))};
}

static struct rd_victim allkeys(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return any(shard, space, spare, false);
}

static struct rd_victim expiring(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    return any(shard, space, spare, true);
}

/* The expiry in steps of an eighth of a second, as a score: the sooner the higher. */
static uint32_t soonness(const struct rd_entry *entry) {
    int64_t seconds = rd_entry_expiry(entry) / 128;
    return UINT32_MAX - (uint32_t)(seconds & (UINT32_MAX >> 1));
}

static struct rd_victim soonest(struct rd_shard *shard, uint32_t space, uint32_t spare) {
    if (!rd_shard_expiring_listed(shard, space)) return (struct rd_victim){0};
    struct rd_samples samples;
    rd_samples_draw(&samples, shard, space, spare, true);
    if (samples.count == 0) samples.references[samples.count++] = rd_oldest_of_first(shard, space, spare, 2);
    struct rd_victim victim = {0};
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < samples.count && samples.references[i]; i++) {
        const struct rd_entry *entry = rd_shard_entry(shard, samples.references[i]);
        if (rd_entry_expiry(entry) > least) continue;
        least = rd_entry_expiry(entry);
        victim = (struct rd_victim){samples.references[i], soonness(entry)};
    }
    return victim;
}

const struct rd_policy rd_policy_allkeys_random = {.name = "allkeys-random", .victim = allkeys};
const struct rd_policy rd_policy_volatile_random = {.name = "volatile-random", .victim = expiring};
const struct rd_policy rd_policy_volatile_ttl = {.name = "volatile-ttl", .victim = soonest};
