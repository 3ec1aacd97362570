/* This file owns starting a thread under a name that ps, perf and the crash report show. */
#ifndef RD_THREAD_H
#define RD_THREAD_H

#include <pthread.h>

#include "redistill_hot.h"

/* The name has at most 15 bytes. RD_ERR_THREAD when there is no thread to be had. */
RD_MUST_USE enum rd_status rd_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument);

#endif
