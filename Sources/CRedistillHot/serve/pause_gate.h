/* This file owns which requests CLIENT PAUSE holds back. */
#ifndef RD_PAUSE_GATE_H
#define RD_PAUSE_GATE_H

#include "call/index.h"
#include "connection/pause.h"

/* What has to be known of the connection that asks. */
struct rd_pause_asker {
    bool authenticated;
    bool queued_writes; /* its transaction would write */
};

/* Has this command to wait in this mode? One that will be refused anyway has not. */
bool rd_pause_holds(enum rd_pause_mode mode, const struct rd_command_index *index, const struct rd_slice *argv,
                    uint32_t argc, struct rd_pause_asker asker);

#endif
