/* This file owns the feeding thread. */
#include "feeder.h"

#include <errno.h>

static bool is_stopping(struct rd_feeder *feeder) {
    return atomic_load_explicit(&feeder->stop, memory_order_relaxed);
}

static void *run(void *argument) {
    struct rd_feeder *feeder = argument;
    while (!is_stopping(feeder)) {
        while (!is_stopping(feeder) && rd_pool_feed(feeder->pool)) {
        }
        while (sem_wait(&feeder->hungry) != 0 && errno == EINTR) {
        }
    }
    return NULL;
}

enum rd_status rd_feeder_start(struct rd_feeder *feeder, struct rd_pool *pool) {
    feeder->pool = pool;
    atomic_store(&feeder->stop, false);
    if (sem_init(&feeder->hungry, 0, 0) != 0) return RD_ERR_SYSTEM;
    pool->hungry = &feeder->hungry;
    feeder->running = pthread_create(&feeder->thread, NULL, run, feeder) == 0;
    if (feeder->running) return RD_OK;
    pool->hungry = NULL;
    sem_destroy(&feeder->hungry);
    return RD_ERR_THREAD;
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
