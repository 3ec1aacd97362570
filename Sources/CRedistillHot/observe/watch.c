/* This file owns the table of watched keys. */
#include "observe/watch.h"

#include <stdlib.h>

#include "observe/followers.h"

static struct rd_watched *watched_of(struct rd_link *link) {
    return (struct rd_watched *)link; /* its first field */
}

static struct rd_watched *find(const struct rd_chains *chains, uint64_t hash) {
    struct rd_link *link = rd_chains_at(chains, hash);
    while (link && link->hash != hash) link = link->next;
    return link ? watched_of(link) : NULL;
}

struct rd_watched *rd_watched_begin(struct rd_shard *shard, uint64_t hash, struct rd_slice key) {
    struct rd_followers *followers = rd_followers_of(shard);
    struct rd_watched *watched = find(&followers->watched, hash);
    if (!watched) {
        watched = malloc(sizeof *watched + key.length);
        if (!watched) return NULL;
        *watched = (struct rd_watched){.link.hash = hash, .key_length = (uint32_t)key.length};
        memcpy(watched->key, key.bytes, key.length);
        if (rd_followers_add(shard, &followers->watched, &watched->link, 0) != RD_OK) {
            free(watched);
            return NULL;
        }
    }
    watched->watches++;
    return watched;
}

void rd_watched_end(struct rd_shard *shard, struct rd_watched *watched) {
    if (--watched->watches) return;
    rd_followers_remove(shard, &rd_followers_of(shard)->watched, &watched->link, 0);
    free(watched);
}

void rd_watched_changed(struct rd_shard *shard, uint64_t hash) {
    struct rd_watched *watched = find(&rd_followers_of(shard)->watched, hash);
    if (watched) watched->changes++;
}

void rd_watched_cleared(struct rd_shard *shard) {
    const struct rd_chains *chains = &rd_followers_of(shard)->watched;
    for (uint32_t i = 0; i < chains->length; i++) {
        for (struct rd_link *link = chains->first[i]; link; link = link->next) {
            struct rd_watched *watched = watched_of(link);
            struct rd_place place;
            struct rd_slice key = rd_watched_key(watched);
            if (rd_table_find(&shard->table, &shard->arena, link->hash, key, &place)) watched->changes++;
        }
    }
}
