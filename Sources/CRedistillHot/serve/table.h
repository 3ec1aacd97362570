/* This file owns the table of all commands, as families. */
#ifndef RD_COMMAND_TABLE_H
#define RD_COMMAND_TABLE_H

#include "call/command.h"

/* For rd_command_index_init. Immutable. */
extern const struct rd_command *const rd_command_families[];

#endif
