/*
 * This file owns the users beside `default`: what each may do, and their table. A user is immutable once it is in the
 * table; the table holds a reference, and so does each connection that has logged in as it, so that none dangles when a
 * reload puts another table in its place. `default`, who may do everything, has no struct: NULL stands for it.
 */
#ifndef RD_USER_H
#define RD_USER_H

#include <stdatomic.h>

#include "base/lock.h"
#include "redistill_users.h"

struct rd_user {
    _Atomic uint32_t references;
    _Atomic bool gone;         /* no table has it any more: its connections end */
    _Atomic bool has_password; /* may change while it is in the table */
    bool all_keys, all_databases;
    enum rd_role role;
    uint64_t databases[4];     /* a bit for each; nothing with all_databases */
    struct rd_slice *patterns; /* owned, and their bytes; at least one without all_keys */
    uint32_t pattern_count;
    char *name;                /* owned, terminated */
};

/* A table on its way to be one; no lock. */
struct rd_user_list {
    uint32_t count;
    struct rd_user *users[RD_MOST_USERS]; /* in the order in which they were added */
};

/* The lock is a leaf. Any thread, for all that follows. */
struct rd_users {
    struct rd_lock lock;       /* guards the pointer, and adding references to what it leads to */
    struct rd_user_list *list; /* owned; NULL: only default */
};

/* The user of that name, whose reference is the caller's to release; NULL: there is none. */
struct rd_user *rd_users_find(struct rd_users *users, struct rd_slice name);
void rd_user_release(struct rd_user *user);
uint32_t rd_users_count(struct rd_users *users);

/* Calls `visit` for each, with the lock held. */
void rd_users_visit(struct rd_users *users, void (*visit)(void *context, const struct rd_user *user), void *context);

/*
 * Takes over a list, NULL for none, in place of the one that is there. A user who may do the same as before stays the same;
 * of one who is not in the new list, or may do something else, `gone` is set. Returns whether there is such a one.
 */
bool rd_users_replace(struct rd_users *users, struct rd_user_list *list);

bool rd_user_may_key(const struct rd_user *user, struct rd_slice key);
/* Every key that begins so, as far as its patterns say so at sight: "app:*" does of "app:1". */
bool rd_user_may_prefix(const struct rd_user *user, struct rd_slice prefix);

static inline bool rd_user_may_database(const struct rd_user *user, uint32_t number) {
    return user->all_databases || (number < 256 && user->databases[number / 64] >> number % 64 & 1);
}

#endif
