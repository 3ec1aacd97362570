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

struct rd_watched *rd_watched_begin(struct rd_shard *shard, uint64_t hash, struct rd_key key) {
    struct rd_followers *followers = rd_followers_of(shard);
    struct rd_watched *watched = find(&followers->watched, rd_watch_hash(hash, key.space));
    if (!watched) {
        watched = malloc(sizeof *watched + key.length);
        if (!watched) return NULL;
        *watched = (struct rd_watched){.link.hash = rd_watch_hash(hash, key.space), .hash = hash, .space = key.space,
                                       .key_length = key.length};
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

void rd_watched_changed(struct rd_shard *shard, uint64_t hash, uint32_t space) {
    struct rd_watched *watched = find(&rd_followers_of(shard)->watched, rd_watch_hash(hash, space));
    if (watched) watched->changes++;
}

/* The watched key's entry in a keyspace, NULL when it is not there. */
static const struct rd_entry *entry_in(struct rd_shard *shard, const struct rd_watched *watched, uint32_t space) {
    const struct rd_table *table = rd_shard_table(shard, space);
    struct rd_place place;
    return table ? rd_table_find(table, &shard->arena, watched->hash, rd_key_name(rd_watched_key(watched)), &place) : NULL;
}

void rd_watched_cleared(struct rd_shard *shard) {
    const struct rd_chains *chains = &rd_followers_of(shard)->watched;
    for (uint32_t i = 0; i < chains->length; i++) {
        for (struct rd_link *link = chains->first[i]; link; link = link->next) {
            struct rd_watched *watched = watched_of(link);
            if (entry_in(shard, watched, watched->space)) watched->changes++;
        }
    }
}

/*
 * Is the watched key in a keyspace? One that has expired goes on this occasion, or it would go later before the eyes of
 * who watches nothing there.
 */
static bool is_alive_in(struct rd_shard *shard, const struct rd_watched *watched, uint32_t space, int64_t now) {
    if (!rd_shard_table(shard, space)) return false;
    struct rd_slice name = rd_key_name(rd_watched_key(watched));
    return rd_shard_find(shard, watched->hash, rd_key_of(name, space), now).entry != NULL;
}

/* The links last: one that has moved may be met again, where it is to be. */
void rd_watched_swapped(struct rd_shard *shard, uint32_t a, uint32_t b, int64_t now) {
    struct rd_chains *chains = &rd_followers_of(shard)->watched;
    for (uint32_t i = 0; i < chains->length; i++) {
        for (struct rd_link *link = chains->first[i]; link; link = link->next) {
            struct rd_watched *watched = watched_of(link);
            if (watched->space != a && watched->space != b) continue;
            bool is_in_a = is_alive_in(shard, watched, a, now), is_in_b = is_alive_in(shard, watched, b, now);
            if (is_in_a || is_in_b) watched->changes++;
            watched->space = watched->space == a ? b : a;
        }
    }
    for (uint32_t i = 0; i < chains->length; i++) {
        for (struct rd_link *link = chains->first[i], *next; link; link = next) {
            next = link->next;
            uint64_t hash = rd_watch_hash(watched_of(link)->hash, watched_of(link)->space);
            if (link->hash != hash) rd_chains_move(chains, link, hash);
        }
    }
}
