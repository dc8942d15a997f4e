/*
 * How the system shares the processor among the threads of the program.
 *
 * Network threads work in short turns and must get the processor at once when a request
 * arrives; handlers of the slow pool may take long and, as the sealer of the audit trail, give
 * way to everybody.
 */
#ifndef GUANTONG_BASE_SCHEDULING_H
#define GUANTONG_BASE_SCHEDULING_H

#include <stdbool.h>

/* Threads this one starts from here on, and itself, are of the short turns; false: as usual. */
void scheduling_prompt(bool on);
/* This thread gives way. */
void scheduling_yielding(void);
/* Called often by a thread that gives way: ends its turn when that has lasted long enough. */
void scheduling_end_turn(void);

#endif
