/* This file owns watching whether workers rest while nobody gives them anything to do. */
#include <time.h>

#include "probe_server.h"
#include "server/server.h"
#include "world.h"

/* Who is busy for most of one look may have work of its own; who is in all of them goes round in a circle. */
#define LOOKS 300
#define LOOK_MS 10
#define BUSY_US (LOOK_MS * 1000 * 6 / 10)

/* The worker's processor time within one look. */
static int64_t busy_us(const struct world *world, uint32_t worker) {
    int64_t before = probe_worker_us(world->server, worker);
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000}, NULL);
    return probe_worker_us(world->server, worker) - before;
}

void world_check_rest(const struct world *world) {
    for (uint32_t i = 0; i < world->workers; i++) {
        int looks = 0;
        while (busy_us(world, i) > BUSY_US) {
            if (++looks == LOOKS) world_complain("a worker does not rest", 0, i);
        }
    }
}
