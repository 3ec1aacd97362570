/* This file owns what COMMAND DOCS tells of each command. */
#ifndef RD_COMMAND_DOCS_H
#define RD_COMMAND_DOCS_H

struct rd_command_doc {
    const char *full_name; /* as in the command table, "client|list" for subcommands */
    const char *summary;
    const char *since; /* the Redis version that brought it */
    const char *group; /* string, generic, connection, server */
    const char *complexity;
};

/* NULL when the command has none; every row of the command table has one. */
const struct rd_command_doc *rd_command_doc(const char *full_name);

#endif
