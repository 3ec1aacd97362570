/* This file owns what COMMAND DOCS says of a command. */
#ifndef RD_DOCUMENT_H
#define RD_DOCUMENT_H

#include "call/index.h"

/* The doc flag, among a row's words for COMMAND, of what is not meant for people who use the server. */
#define RD_DOC_FLAG_SYSCMD "syscmd"

/* Writes the name of the command of that number and the map of what is told of it, its subcommands' in it. */
void rd_document(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number);

#endif
