/* This file owns watching whether workers rest while nobody gives them anything to do. */
#include <time.h>

#include "probe_server.h"
#include "server/server.h"
#include "world.h"

/*
 * Who is busy within one look may have work of its own; who is in all of them goes round in a circle, for which the
 * machine may have little time. The first look is short, since mostly it is the last.
 */
#define LOOKS 50
#define FIRST_LOOK_MS 10
#define LOOK_MS 50

/* Did the worker use a tenth of the processor, or more, within so many milliseconds? */
static bool is_busy(const struct world *world, uint32_t worker, int64_t look_ms) {
    int64_t before = probe_worker_us(world->server, worker);
    nanosleep(&(struct timespec){.tv_nsec = look_ms * 1000000}, NULL);
    return probe_worker_us(world->server, worker) - before > look_ms * 1000 / 10;
}

void world_check_rest(const struct world *world) {
    for (uint32_t i = 0; i < world->workers; i++) {
        int looks = 0;
        while (is_busy(world, i, looks ? LOOK_MS : FIRST_LOOK_MS)) {
            if (++looks == LOOKS) world_complain("a worker does not rest", 0, i);
        }
    }
}
