/* This file owns the seed of the key hash. */
#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

void rd_hash_seed_random(struct rd_hash_seed *seed) {
    while (getrandom(seed, sizeof *seed, 0) < 0 && errno == EINTR) {
    }
}
