/* This file owns the growth of chains. */
#include "observe/chains.h"

#include <stdlib.h>

#define LEAST_CHAINS 16

static void link_into(struct rd_link **first, uint32_t length, struct rd_link *link) {
    struct rd_link **chain = &first[link->hash & (length - 1)];
    link->next = *chain;
    link->place = chain;
    if (link->next) link->next->place = &link->next;
    *chain = link;
}

/* Without memory the chains just stay long; false: there are none. */
static bool grow(struct rd_chains *chains) {
    uint32_t length = chains->length ? chains->length * 2 : LEAST_CHAINS;
    struct rd_link **first = calloc(length, sizeof first[0]);
    if (!first) return chains->length != 0;
    for (uint32_t i = 0; i < chains->length; i++) {
        for (struct rd_link *link = chains->first[i], *next; link; link = next) {
            next = link->next;
            link_into(first, length, link);
        }
    }
    free(chains->first);
    chains->first = first;
    chains->length = length;
    return true;
}

enum rd_status rd_chains_add(struct rd_chains *chains, struct rd_link *link) {
    if (chains->count >= chains->length && !grow(chains)) return RD_ERR_NO_MEMORY;
    link_into(chains->first, chains->length, link);
    chains->count++;
    return RD_OK;
}

static void unlink_from_chain(struct rd_link *link) {
    *link->place = link->next;
    if (link->next) link->next->place = link->place;
}

void rd_chains_remove(struct rd_chains *chains, struct rd_link *link) {
    unlink_from_chain(link);
    if (--chains->count == 0) rd_chains_drop(chains);
}

void rd_chains_move(struct rd_chains *chains, struct rd_link *link, uint64_t hash) {
    unlink_from_chain(link);
    link->hash = hash;
    link_into(chains->first, chains->length, link);
}

void rd_chains_drop(struct rd_chains *chains) {
    free(chains->first);
    *chains = (struct rd_chains){0};
}
