/*
 * This file owns an address that is kept for long, in eight bytes: one of IPv4 in them, one of IPv6 behind them. There
 * is one for each connection, so its size counts.
 */
#ifndef RD_KEPT_ADDRESS_H
#define RD_KEPT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 *   bit  0      1: IPv4; 0: the rest is a pointer to a struct sockaddr_in6, owned
 *   bits 1-16   its port, as on the wire
 *   bits 17-48  its address, as on the wire
 * All zero: none is kept.
 */
struct rd_kept_address {
    uint64_t word;
};

/* None of another family, and none of IPv6 when memory is out. Ended by rd_kept_address_drop. */
struct rd_kept_address rd_kept_address_of(const struct sockaddr_storage *address);
/* False, and nothing is written, when none is kept. */
bool rd_kept_address_get(struct rd_kept_address kept, struct sockaddr_storage *address);
/* Bytes that it takes beside its own eight. */
uint64_t rd_kept_address_bytes(struct rd_kept_address kept);
void rd_kept_address_drop(struct rd_kept_address kept);

#endif
