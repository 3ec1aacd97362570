/* This file owns scripts of the language of CHotProbe/probe_script.h: such as anybody may say, and the model's. */
#ifndef FUZZ_SCRIPT_H
#define FUZZ_SCRIPT_H

#include "model.h"

/* One of few, so that some are kept when their digests are asked for. */
void script_add_known(struct bytes *text, struct fuzz_random *random);
void script_add_digest(struct bytes *text, struct fuzz_random *random);
/* Any steps, over keys that others use too; of a time that has an end. */
void script_add_any(struct bytes *text, struct fuzz_random *random);

/* One request: a script of some of the model's commands, and what it answers. */
void script_of_model(const struct model_call *call);

#endif
