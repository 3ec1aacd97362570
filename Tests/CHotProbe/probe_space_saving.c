/* This file owns what tests see of the heaviest keys of a stream. */
#include "probe_space_saving.h"

#include <stdlib.h>

#include "base/hash.h"
#include "observe/space_saving.h"

struct probe_space_saving {
    struct rd_space_saving summary;
};

struct probe_space_saving *probe_space_saving_new(uint32_t capacity) {
    struct probe_space_saving *probe = calloc(1, sizeof *probe);
    if (!probe) return NULL;
    if (rd_space_saving_init(&probe->summary, capacity) != RD_OK) {
        free(probe);
        return NULL;
    }
    return probe;
}

void probe_space_saving_free(struct probe_space_saving *probe) {
    rd_space_saving_free(&probe->summary);
    free(probe);
}

void probe_space_saving_add(struct probe_space_saving *probe, struct rd_slice key, uint64_t weight) {
    static const struct rd_hash_seed seed = {1, 2};
    rd_space_saving_add(&probe->summary, rd_hash(&seed, key.bytes, key.length), key, weight);
}

bool probe_space_saving_check(const struct probe_space_saving *probe) {
    return rd_space_saving_check(&probe->summary);
}

uint32_t probe_space_saving_used(const struct probe_space_saving *probe) {
    return probe->summary.used;
}

struct rd_slice probe_space_saving_key(const struct probe_space_saving *probe, uint32_t number) {
    const struct rd_heavy_key *key = &probe->summary.counters[number];
    return (struct rd_slice){key->bytes, key->kept};
}

uint64_t probe_space_saving_length(const struct probe_space_saving *probe, uint32_t number) {
    return probe->summary.counters[number].length;
}

uint64_t probe_space_saving_least(const struct probe_space_saving *probe, uint32_t number) {
    return rd_heavy_key_least(&probe->summary.counters[number]);
}

uint64_t probe_space_saving_most(const struct probe_space_saving *probe, uint32_t number) {
    return probe->summary.counters[number].weight;
}
