/* This file owns the order of the policies, and finding one by its name. */
#include "evict/policies.h"

#include <string.h>

#include "redistill_hot.h"

static const struct rd_policy *const policies[] = {
    &rd_policy_noeviction,      &rd_policy_allkeys_lru,   &rd_policy_allkeys_lfu,
    &rd_policy_allkeys_random,  &rd_policy_volatile_lru,  &rd_policy_volatile_lfu,
    &rd_policy_volatile_random, &rd_policy_volatile_ttl,  &rd_policy_allkeys_s3fifo,
};

#define POLICY_COUNT (sizeof policies / sizeof policies[0])

const struct rd_policy *rd_policy_named(const char *name) {
    for (size_t i = 0; i < POLICY_COUNT; i++) {
        if (strcmp(policies[i]->name, name) == 0) return policies[i];
    }
    return NULL;
}

const char *rd_policy_name(size_t index) {
    return index < POLICY_COUNT ? policies[index]->name : NULL;
}
