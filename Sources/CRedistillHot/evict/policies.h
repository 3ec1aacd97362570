/* This file owns the table of policies; each is in the file of its family. */
#ifndef RD_POLICIES_H
#define RD_POLICIES_H

#include "store/policy.h"

extern const struct rd_policy rd_policy_allkeys_lru, rd_policy_volatile_lru, rd_policy_allkeys_random,
    rd_policy_volatile_random, rd_policy_volatile_ttl, rd_policy_allkeys_lfu, rd_policy_volatile_lfu,
    rd_policy_allkeys_s3fifo;

/* NULL when there is no policy of that name. */
const struct rd_policy *rd_policy_named(const char *name);

#endif
