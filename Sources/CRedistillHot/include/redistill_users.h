/* redistill_users.h: the users of a server, as redistill_hot.h the rest. */
#ifndef REDISTILL_USERS_H
#define REDISTILL_USERS_H

#include "redistill_hot.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The users beside `default`, who may do everything. A list is made by one thread, then handed over. Names are of
 * printable ASCII without spaces, patterns are those of rd_glob_match.
 */
enum rd_role {
    RD_ROLE_READ,  /* what reads, and what touches nothing: connections, transactions, scripts, INFO */
    RD_ROLE_WRITE, /* that, and what writes; nothing that is dangerous */
    RD_ROLE_ADMIN, /* everything */
};
#define RD_MOST_USERS 128
#define RD_MOST_PATTERNS 32 /* of a user */
#define RD_USER_NAME_MOST 64 /* bytes */

struct rd_user_list;
struct rd_user_list *rd_user_list_new(void); /* NULL: out of memory */
void rd_user_list_free(struct rd_user_list *list);
/*
 * Adds a user who may touch all keys and databases. RD_ERR_INVALID: no such name may be, or it is there already;
 * RD_ERR_LIMIT: there are too many. has_password: what ACL LIST tells.
 */
RD_MUST_USE enum rd_status rd_user_list_add(struct rd_user_list *list, struct rd_slice name, enum rd_role role,
                                            bool has_password);
/* The user that was added last may touch only keys of such a pattern, or of another one that is added, too. */
RD_MUST_USE enum rd_status rd_user_list_add_key(struct rd_user_list *list, struct rd_slice pattern);
/* The same of databases. */
RD_MUST_USE enum rd_status rd_user_list_add_database(struct rd_user_list *list, uint32_t number);

/*
 * Takes over the list, NULL for none, in place of the one before. Connections of users who are gone, or may do something
 * else than before, are closed; all others stay. Any thread, any time; waits for a leaf lock only.
 */
void rd_server_set_users(struct rd_server *server, struct rd_user_list *list_taken);

#ifdef __cplusplus
}
#endif

#endif
