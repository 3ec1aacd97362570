/* This file owns the write that wakes. */
#include "base/wake.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

void rd_wake(int eventfd) {
    uint64_t one = 1;
    while (write(eventfd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}
