/*
 * This file owns an input (connection/input.h) as tests see it: bytes go in as they would from a socket, and the requests
 * that leave it are written down. What must hold of it is looked at after each step.
 */
#ifndef PROBE_INPUT_H
#define PROBE_INPUT_H

#include "redistill_hot.h"

struct probe_store;
struct probe_input;

struct probe_input *probe_input_new(struct probe_store *store);
void probe_input_free(struct probe_input *probe);

/* Arguments of that length or more are refused: when they are announced, or (late) when more of them comes. */
void probe_input_refuse_from(struct probe_input *probe, uint64_t length, bool late);
/* After each request its turn is over: what is left is held, and goes on later. */
void probe_input_take_turns(struct probe_input *probe);
/* Each request is found to have to wait first, as in CLIENT PAUSE. */
void probe_input_pause(struct probe_input *probe);
/* Relief is asked for memory before each piece of a large argument. */
void probe_input_lack_room(struct probe_input *probe);

/* Bytes come. False: something is broken. */
bool probe_input_receive(struct probe_input *probe, const char *bytes, size_t length);

/* All requests that have left it, each as a multibulk. Borrowed until the next bytes come. */
struct rd_slice probe_input_left(const struct probe_input *probe);
/* How many of their arguments lay in blobs of their own, and how many requests had one refused. */
uint32_t probe_input_blobs(const struct probe_input *probe);
uint32_t probe_input_refused(const struct probe_input *probe);
/* Is nothing kept? */
bool probe_input_is_gone(const struct probe_input *probe);

#endif
