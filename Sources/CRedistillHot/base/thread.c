/* This file owns named threads. */
#include "base/thread.h"

enum rd_status rd_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument) {
    if (pthread_create(thread, NULL, run, argument) != 0) return RD_ERR_THREAD;
    pthread_setname_np(*thread, name); /* without one it has the process's */
    return RD_OK;
}
