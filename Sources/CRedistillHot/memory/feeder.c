/* This file owns the feeding thread. */
#include "memory/feeder.h"

#include <errno.h>
#include <time.h>

#include "base/crash.h"
#include "base/heap.h"
#include "base/thread.h"

/* Growth is over when no chunk came into use for so long. */
#define QUIET_S 1

static bool is_stopping(struct rd_feeder *feeder) {
    return atomic_load_explicit(&feeder->stop, memory_order_relaxed);
}

/* False when nobody was hungry for so long. */
static bool is_hungry_within(struct rd_feeder *feeder, int seconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    while (sem_clockwait(&feeder->hungry, CLOCK_MONOTONIC, &end) != 0) {
        if (errno != EINTR) return false;
    }
    return true;
}

/* Nobody grows: what was made ready goes back, until somebody does again. */
static void rest(struct rd_feeder *feeder) {
    while (!is_stopping(feeder) && !atomic_load(&feeder->purge) && sem_trywait(&feeder->hungry) != 0) {
        if (rd_pool_trim_chunk(feeder->pool)) continue;
        while (sem_wait(&feeder->hungry) != 0 && errno == EINTR) {
        }
        return;
    }
}

static void *run(void *argument) {
    struct rd_feeder *feeder = argument;
    void *crash_stack = rd_crash_enter(feeder->crash);
    while (!is_stopping(feeder)) {
        if (atomic_exchange(&feeder->purge, false)) rd_heap_purge();
        while (!is_stopping(feeder) && rd_pool_feed(feeder->pool)) {
        }
        if (!is_hungry_within(feeder, QUIET_S)) rest(feeder);
    }
    rd_crash_leave(crash_stack);
    return NULL;
}

enum rd_status rd_feeder_start(struct rd_feeder *feeder, struct rd_pool *pool) {
    feeder->pool = pool;
    atomic_store(&feeder->stop, false);
    if (sem_init(&feeder->hungry, 0, 0) != 0) return RD_ERR_SYSTEM;
    pool->hungry = &feeder->hungry;
    feeder->running = rd_thread_start(&feeder->thread, "feeder", run, feeder) == RD_OK;
    if (feeder->running) return RD_OK;
    pool->hungry = NULL;
    sem_destroy(&feeder->hungry);
    return RD_ERR_THREAD;
}

void rd_feeder_purge(struct rd_feeder *feeder) {
    if (feeder->running && !atomic_exchange(&feeder->purge, true)) sem_post(&feeder->hungry);
}

void rd_feeder_stop(struct rd_feeder *feeder) {
    if (!feeder->running) return;
    atomic_store(&feeder->stop, true);
    sem_post(&feeder->hungry);
    pthread_join(feeder->thread, NULL);
    feeder->pool->hungry = NULL;
    sem_destroy(&feeder->hungry);
    feeder->running = false;
}
