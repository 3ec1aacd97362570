/* This file owns making users, comparing them, and the table's exchange. */
#include "connection/user.h"

#include <stdlib.h>
#include <string.h>

struct rd_user_list *rd_user_list_new(void) {
    return calloc(1, sizeof(struct rd_user_list));
}

static void free_user(struct rd_user *user) {
    for (uint32_t i = 0; i < user->pattern_count; i++) free((char *)user->patterns[i].bytes);
    free(user->patterns);
    free(user->name);
    free(user);
}

void rd_user_release(struct rd_user *user) {
    if (atomic_fetch_sub(&user->references, 1) == 1) free_user(user);
}

void rd_user_list_free(struct rd_user_list *list) {
    if (!list) return;
    for (uint32_t i = 0; i < list->count; i++) rd_user_release(list->users[i]);
    free(list);
}

static bool is_name(struct rd_slice name) {
    if (name.length == 0 || name.length > RD_USER_NAME_MOST) return false;
    for (size_t i = 0; i < name.length; i++) {
        if (name.bytes[i] < '!' || name.bytes[i] > '~') return false;
    }
    return true;
}

static bool is_named(const struct rd_user *user, struct rd_slice name) {
    return strlen(user->name) == name.length && memcmp(user->name, name.bytes, name.length) == 0;
}

static struct rd_user *find(const struct rd_user_list *list, struct rd_slice name) {
    for (uint32_t i = 0; list && i < list->count; i++) {
        if (is_named(list->users[i], name)) return list->users[i];
    }
    return NULL;
}

enum rd_status rd_user_list_add(struct rd_user_list *list, struct rd_slice name, enum rd_role role, bool has_password) {
    if (!is_name(name) || (unsigned)role > RD_ROLE_ADMIN || find(list, name)) return RD_ERR_INVALID;
    if (list->count == RD_MOST_USERS) return RD_ERR_LIMIT;
    struct rd_user *user = calloc(1, sizeof *user);
    char *copy = strndup(name.bytes, name.length);
    if (!user || !copy) {
        free(user);
        free(copy);
        return RD_ERR_NO_MEMORY;
    }
    atomic_init(&user->references, 1);
    atomic_init(&user->has_password, has_password);
    user->all_keys = user->all_databases = true;
    user->role = role;
    user->name = copy;
    list->users[list->count++] = user;
    return RD_OK;
}

enum rd_status rd_user_list_add_key(struct rd_user_list *list, struct rd_slice pattern) {
    if (list->count == 0) return RD_ERR_STATE;
    struct rd_user *user = list->users[list->count - 1];
    if (user->pattern_count == RD_MOST_PATTERNS) return RD_ERR_LIMIT;
    struct rd_slice *grown = realloc(user->patterns, (user->pattern_count + 1) * sizeof *grown);
    if (!grown) return RD_ERR_NO_MEMORY;
    user->patterns = grown;
    char *bytes = malloc(pattern.length + 1); /* never a block of none */
    if (!bytes) return RD_ERR_NO_MEMORY;
    if (pattern.length) memcpy(bytes, pattern.bytes, pattern.length);
    grown[user->pattern_count++] = (struct rd_slice){bytes, pattern.length};
    user->all_keys = false;
    return RD_OK;
}

enum rd_status rd_user_list_add_database(struct rd_user_list *list, uint32_t number) {
    if (list->count == 0) return RD_ERR_STATE;
    if (number > 255) return RD_ERR_INVALID;
    struct rd_user *user = list->users[list->count - 1];
    user->all_databases = false;
    user->databases[number / 64] |= 1ull << number % 64;
    return RD_OK;
}

struct rd_user *rd_users_find(struct rd_users *users, struct rd_slice name) {
    rd_lock_acquire(&users->lock);
    struct rd_user *user = find(users->list, name);
    if (user) atomic_fetch_add(&user->references, 1);
    rd_lock_release(&users->lock);
    return user;
}

uint32_t rd_users_count(struct rd_users *users) {
    rd_lock_acquire(&users->lock);
    uint32_t count = users->list ? users->list->count : 0;
    rd_lock_release(&users->lock);
    return count;
}

void rd_users_visit(struct rd_users *users, void (*visit)(void *context, const struct rd_user *user), void *context) {
    rd_lock_acquire(&users->lock);
    for (uint32_t i = 0; users->list && i < users->list->count; i++) visit(context, users->list->users[i]);
    rd_lock_release(&users->lock);
}

static bool may_the_same(const struct rd_user *a, const struct rd_user *b) {
    if (a->role != b->role || a->all_keys != b->all_keys || a->all_databases != b->all_databases ||
        a->pattern_count != b->pattern_count || memcmp(a->databases, b->databases, sizeof a->databases) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < a->pattern_count; i++) {
        struct rd_slice one = a->patterns[i], other = b->patterns[i];
        if (one.length != other.length || memcmp(one.bytes, other.bytes, one.length) != 0) return false;
    }
    return true;
}

/* Puts the old struct of a user who may do the same in the new one's place. */
static void keep(struct rd_user *old, struct rd_user **new) {
    atomic_store(&old->has_password, atomic_load(&(*new)->has_password));
    atomic_fetch_add(&old->references, 1);
    rd_user_release(*new);
    *new = old;
}

bool rd_users_replace(struct rd_users *users, struct rd_user_list *list) {
    bool lost = false;
    rd_lock_acquire(&users->lock);
    struct rd_user_list *before = users->list;
    for (uint32_t i = 0; before && i < before->count; i++) {
        struct rd_user *old = before->users[i];
        bool stays = false;
        for (uint32_t at = 0; list && at < list->count && !stays; at++) {
            stays = strcmp(list->users[at]->name, old->name) == 0 && may_the_same(list->users[at], old);
            if (stays) keep(old, &list->users[at]);
        }
        if (!stays) atomic_store(&old->gone, true);
        lost |= !stays;
    }
    users->list = list;
    rd_lock_release(&users->lock);
    rd_user_list_free(before);
    return lost;
}

bool rd_user_may_key(const struct rd_user *user, struct rd_slice key) {
    if (user->all_keys) return true;
    for (uint32_t i = 0; i < user->pattern_count; i++) {
        if (rd_glob_match(user->patterns[i], key, false)) return true;
    }
    return false;
}

/* The bytes before a pattern's only special one, a star at its end; -1 where it has others. */
static ptrdiff_t literal_length(struct rd_slice pattern) {
    if (pattern.length == 0 || pattern.bytes[pattern.length - 1] != '*') return -1;
    for (size_t i = 0; i + 1 < pattern.length; i++) {
        if (strchr("*?[\\", pattern.bytes[i])) return -1; /* a NUL, too, which strchr finds at the end */
    }
    return (ptrdiff_t)pattern.length - 1;
}

bool rd_user_may_prefix(const struct rd_user *user, struct rd_slice prefix) {
    if (user->all_keys) return true;
    for (uint32_t i = 0; i < user->pattern_count; i++) {
        ptrdiff_t length = literal_length(user->patterns[i]);
        if (length >= 0 && (size_t)length <= prefix.length &&
            memcmp(user->patterns[i].bytes, prefix.bytes, (size_t)length) == 0) {
            return true;
        }
    }
    return false;
}
