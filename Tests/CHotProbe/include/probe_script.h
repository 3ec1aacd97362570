/*
 * This file owns scripts for tests and fuzzers: a control plane's `script` slot with a language of its own, so that the
 * hot path's way of scripts is tried without the interpreter of the daemon.
 *
 * A script is a list of steps, with ';' between them. The first may be its terms: '#' and any of k (touches only its
 * keys), f (says flags of itself), w (of these, that it does not write), o (and may write beyond the limit), l (its commands reply a
 * million bytes at most).
 *
 *   set a 1          a command; K1 is the first of its keys, A1 the first of its arguments. Its error ends the script
 *   try set a 1      a command whose error does not
 *   next 3           a command whose words are the next three arguments
 *   spin 30          asks for 30 ms, again and again, whether it may go on; without a number until it may not
 *   ask 5            asks so five times
 *   gate             asks so until the test lets it pass
 *   reply int 7      what it replies: a number, so many bytes, an error, a status, the last reply, an array of all
 *   reply value 100 | reply error ERR no | reply status | reply last | reply all
 *
 * Without a reply it replies the last command's.
 */
#ifndef PROBE_SCRIPT_H
#define PROBE_SCRIPT_H

#include "redistill_hot.h"

#define PROBE_SCRIPT_DIGITS 40

/* Those that are kept, in places of their own: nothing is allocated for them. Any thread. */
struct probe_scripts;
struct probe_scripts *probe_scripts_new(void);
void probe_scripts_free(struct probe_scripts *scripts);

/* How many scripts have come to a gate so far, and so many of them may pass it. */
uint32_t probe_scripts_at_gate(const struct probe_scripts *scripts);
void probe_scripts_let_pass(struct probe_scripts *scripts, uint32_t count);

/* What EVALSHA calls a script of this text: as many digits as SHA-1 has, but another function. */
void probe_script_digest(struct rd_slice text, char digits[PROBE_SCRIPT_DIGITS]);

/* The slot; its context is a struct probe_scripts. */
void probe_script_answer(void *context, const struct rd_script_request *request, struct rd_reply *reply);
/* `release`, where the context is the scripts alone. */
void probe_scripts_release(void *context);

#endif
