/* This file owns the small tools as tests see them: the inlined ones need a function to be called. */
#ifndef PROBE_TOOLS_H
#define PROBE_TOOLS_H

#include "redistill_hot.h"

uint64_t probe_hash(uint64_t k0, uint64_t k1, struct rd_slice bytes);

bool probe_parse_i64(struct rd_slice text, int64_t *value);
bool probe_parse_u64(struct rd_slice text, uint64_t *value);
/* Writes at most 20 bytes; returns how many. */
size_t probe_format_i64(int64_t value, char *out);

/* The command's full name, NULL when there is none. */
const char *probe_command_named(struct rd_slice name);
/* The rows of the command table, in order; NULL past the last. */
const char *probe_command_at(uint32_t row);
/* The full name of subcommand `index` of the row; NULL past the last. */
const char *probe_subcommand_at(uint32_t row, uint32_t index);
/* What COMMAND tells of a command or subcommand: does it name a key, is it refused where memory is out? */
bool probe_command_has_key(const char *full_name);
bool probe_command_denies_oom(const char *full_name);
/* What COMMAND DOCS tells of a command or subcommand; NULL when it tells nothing. */
const char *probe_command_summary(const char *full_name);
const char *probe_command_since(const char *full_name);
const char *probe_command_group(const char *full_name);
const char *probe_subcommand_named(struct rd_slice name, struct rd_slice subcommand);

#endif
