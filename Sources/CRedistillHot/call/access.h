/*
 * This file owns what a user of [[users]] may do: by the role, the command's row decides; then the databases and keys that
 * the call names. Nobody asks for default, who may do everything.
 */
#ifndef RD_ACCESS_H
#define RD_ACCESS_H

#include "call/command.h"
#include "connection/user.h"

enum rd_access {
    RD_ALLOWED,
    RD_DENIED_COMMAND,
    RD_DENIED_DATABASE,
    RD_DENIED_KEY,
};

/* Whether a call may run, and what of it must not be. */
struct rd_verdict {
    enum rd_access access;
    struct rd_slice object; /* the key, or the number of the database as the call has it; borrowed */
};

/* The call is queued, and by the time it runs the connection may have selected another: that is looked at then. */
#define RD_LATER_DATABASE UINT32_MAX

/* Of a call whose arity fits, in a database. Nothing is allowed any more to a user who is gone. */
struct rd_verdict rd_access_check(const struct rd_user *user, const struct rd_command *command,
                                  const struct rd_slice *argv, uint32_t argc, uint32_t database);
/* What of that shows already when only these arguments have come; a call that is denied here is denied there. */
bool rd_access_begins(const struct rd_user *user, const struct rd_command *command, const struct rd_slice *argv,
                      uint32_t argc);

/* The role alone. */
bool rd_role_may_run(enum rd_role role, const struct rd_command *command);

/* Redis's words for a denial, terminated, without a code. `whole`: with the key or the number, for ACL DRYRUN. */
#define RD_DENIAL_SIZE 512
void rd_access_describe(struct rd_verdict verdict, const struct rd_user *user, const struct rd_command *command,
                        bool whole, char *text);

#endif
