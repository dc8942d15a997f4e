/*
 * Large tables that each thread has of its own.
 *
 * A thread-local array is cleared for every thread when it starts, and so costs memory also in the
 * many that never look into it. A table taken from here costs only who asks for it:
 *
 *     static _Thread_local struct kept *kept;
 *     kept = kept ? kept : thread_memory(N * sizeof *kept);
 */
#ifndef GUANTONG_BASE_THREAD_MEMORY_H
#define GUANTONG_BASE_THREAD_MEMORY_H

#include <stddef.h>

/* n zeroed bytes, the calling thread's until it ends. Ends the program when there is no memory. */
void *thread_memory(size_t n);

#endif
