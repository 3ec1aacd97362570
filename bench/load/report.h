/* This file owns what is told of a run: one JSON line on stdout for programs, a few lines on stderr for people. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "options.h"
#include "window.h"

/* preload_seconds < 0: there was no preload. result NULL: there was no window. */
void bench_report(const struct bench_options *options, double preload_seconds, const struct bench_result *result);

#endif
