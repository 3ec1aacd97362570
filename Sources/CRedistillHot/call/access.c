/* This file owns deciding what a user may do. */
#include "call/access.h"

#include <stdio.h>

bool rd_role_may_run(enum rd_role role, const struct rd_command *command) {
    if (role == RD_ROLE_ADMIN) return true;
    bool is_dangerous = command->flags & (RD_CMD_ADMIN | RD_CMD_DANGEROUS);
    if (is_dangerous && !(command->docs->grants & RD_GRANT_EVERY_ROLE)) return false;
    return role == RD_ROLE_WRITE || !(command->flags & RD_CMD_WRITE);
}

static const struct rd_verdict allowed = {RD_ALLOWED, {NULL, 0}};

static bool is_denied_number(const struct rd_user *user, struct rd_slice text) {
    int64_t number;
    /* What is no number of a database is the command's to complain about. */
    if (!rd_parse_i64(text.bytes, text.length, &number) || number < 0 || number > 255) return false;
    return !rd_user_may_database(user, (uint32_t)number);
}

/* The databases that the arguments name. */
static struct rd_verdict check_named(const struct rd_user *user, const struct rd_command *command,
                                     const struct rd_slice *argv, uint32_t argc) {
    const struct rd_command_docs *docs = command->docs;
    if (docs->all_databases) return (struct rd_verdict){RD_DENIED_DATABASE, {"*", 1}};
    for (uint32_t i = 0; i < docs->databases; i++) {
        struct rd_slice number = argv[docs->databases_at + i];
        if (is_denied_number(user, number)) return (struct rd_verdict){RD_DENIED_DATABASE, number};
    }
    struct rd_key_range keys = rd_command_keys(command, argv, argc); /* a key may have the option's name */
    for (uint32_t i = keys.first + keys.count; docs->database_after && i + 1 < argc; i++) {
        if (!rd_slice_is(argv[i], docs->database_after) || !is_denied_number(user, argv[i + 1])) continue;
        return (struct rd_verdict){RD_DENIED_DATABASE, argv[i + 1]};
    }
    return allowed;
}

/* Does it look at the database that the connection has selected? What a script calls is asked for by itself. */
static bool touches_selected(const struct rd_command *command, struct rd_key_range keys) {
    bool is_of_keys = command->flags & (RD_CMD_READONLY | RD_CMD_WRITE) && !(command->flags & RD_CMD_SCRIPT);
    return is_of_keys || keys.count > 0;
}

static struct rd_verdict check_keys(const struct rd_user *user, const struct rd_command *command,
                                    const struct rd_slice *argv, struct rd_key_range keys) {
    bool asks_itself = command->flags & RD_CMD_SCRIPT || command->docs->grants & RD_GRANT_ASKS_OF_KEYS;
    if (command->flags & RD_CMD_ALL_KEYS && !asks_itself) return (struct rd_verdict){RD_DENIED_KEY, {"*", 1}};
    for (uint32_t i = 0; i < keys.count; i++) {
        struct rd_slice key = argv[rd_key_place(&keys, i)];
        if (!rd_user_may_key(user, key)) return (struct rd_verdict){RD_DENIED_KEY, key};
    }
    return allowed;
}

struct rd_verdict rd_access_check(const struct rd_user *user, const struct rd_command *command,
                                  const struct rd_slice *argv, uint32_t argc, uint32_t database) {
    static const struct rd_verdict no_command = {RD_DENIED_COMMAND, {NULL, 0}};
    if (atomic_load_explicit(&user->gone, memory_order_relaxed)) return no_command;
    if (command->flags & RD_CMD_NO_AUTH) return allowed;
    if (!rd_role_may_run(user->role, command)) return no_command;
    if (user->all_keys && user->all_databases) return allowed;
    struct rd_key_range keys = rd_command_keys(command, argv, argc);
    if (!user->all_databases) {
        struct rd_verdict verdict = check_named(user, command, argv, argc);
        if (verdict.access != RD_ALLOWED) return verdict;
        if (database != RD_LATER_DATABASE && touches_selected(command, keys) && !rd_user_may_database(user, database)) {
            return (struct rd_verdict){RD_DENIED_DATABASE, argv[0]};
        }
    }
    return user->all_keys ? allowed : check_keys(user, command, argv, keys);
}

bool rd_access_begins(const struct rd_user *user, const struct rd_command *command, const struct rd_slice *argv,
                      uint32_t argc) {
    if (command->flags & RD_CMD_NO_AUTH) return true;
    if (!rd_role_may_run(user->role, command)) return false;
    uint32_t first = (uint32_t)command->first_key;
    return first == 0 || first >= argc || rd_user_may_key(user, argv[first]);
}

void rd_access_describe(struct rd_verdict verdict, const struct rd_user *user, const struct rd_command *command,
                        bool whole, char *text) {
    int length = rd_reply_shown(verdict.object);
    const char *object = length ? verdict.object.bytes : "";
    switch (verdict.access) {
    case RD_ALLOWED: *text = 0; return;
    case RD_DENIED_COMMAND:
        snprintf(text, RD_DENIAL_SIZE, "User %s has no permissions to run the '%s' command", user->name, command->name);
        return;
    case RD_DENIED_DATABASE:
        if (!whole) snprintf(text, RD_DENIAL_SIZE, "No permissions to access database");
        else snprintf(text, RD_DENIAL_SIZE, "User %s has no permissions to access database %.*s", user->name, length, object);
        return;
    case RD_DENIED_KEY:
        if (!whole) snprintf(text, RD_DENIAL_SIZE, "No permissions to access a key");
        else snprintf(text, RD_DENIAL_SIZE, "User %s has no permissions to access the '%.*s' key", user->name, length, object);
        return;
    }
}
