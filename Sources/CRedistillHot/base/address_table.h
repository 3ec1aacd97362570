/*
 * This file owns what is remembered of peers' addresses: a table of fixed size, so that no number of addresses costs
 * more memory. When its set is full the address unseen for longest is forgotten. An IPv6 peer is known by its /64,
 * since it can choose the rest.
 */
#ifndef RD_ADDRESS_TABLE_H
#define RD_ADDRESS_TABLE_H

#include <sys/socket.h>

#include "base/hash.h"
#include "redistill_hot.h"

#define RD_ADDRESS_SETS 1024
#define RD_ADDRESS_WAYS 4

struct rd_address {
    uint64_t key;      /* keyed hash of the address; 0 = free */
    int64_t seen_ms;   /* monotonic */
    int64_t amount;    /* what it counts is its user's: tokens left, failures */
    int64_t at_ms;     /* when the amount was right */
    uint32_t held;     /* connections of it that are held back */
};

struct rd_address_table {
    struct rd_hash_seed seed;
    struct rd_address sets[RD_ADDRESS_SETS][RD_ADDRESS_WAYS];
};

/* NULL when memory is out. Freed with free(). */
struct rd_address_table *rd_address_table_new(void);
/* The key of an address, 0 for one without (a Unix socket). */
uint64_t rd_address_key(const struct rd_address_table *table, const struct sockaddr_storage *address);
/* The entry of a key, all zero but key and seen_ms when it is new. */
struct rd_address *rd_address_take(struct rd_address_table *table, uint64_t key, int64_t now_ms);
/* The entry, or NULL. */
struct rd_address *rd_address_find(struct rd_address_table *table, uint64_t key);

/* Of this machine: a Unix socket is, too. */
bool rd_address_is_loopback(const struct sockaddr_storage *address);

/* The longest text of an address, with its terminator: a path of a Unix socket. */
#define RD_ADDRESS_SIZE 128

/* "ip:port", "[ip]:port", "/path:0" or, of what is not known, "?:0". */
void rd_address_format(const struct sockaddr_storage *address, char *text, size_t size);

#endif
