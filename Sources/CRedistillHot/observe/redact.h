/* This file owns which arguments of a command are secret: MONITOR and SLOWLOG show "(redacted)" in their place. */
#ifndef RD_REDACT_H
#define RD_REDACT_H

#include "call/command.h"

/* Is argument i a password or the like? */
bool rd_argument_is_secret(const struct rd_command *command, const struct rd_slice *argv, uint32_t i);

#endif
