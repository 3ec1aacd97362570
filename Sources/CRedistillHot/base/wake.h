/* This file owns waking a thread that waits for an eventfd among its events. */
#ifndef RD_WAKE_H
#define RD_WAKE_H

/* Any thread. */
void rd_wake(int eventfd);

#endif
