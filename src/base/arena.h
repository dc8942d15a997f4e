/*
 * An arena: memory that lives and dies together.
 *
 * One arena belongs to one unit of work (a request, an event, a timer, a batch of an
 * import). Everything the unit allocates comes from it and goes with it; business code
 * never frees. A loop that would otherwise grow without end marks the arena before a
 * turn and resets it after.
 *
 * An arena is used by one thread at a time. Allocation never returns NULL: a process
 * that cannot get memory for a bounded input stops with a message.
 */
#ifndef GUANTONG_BASE_ARENA_H
#define GUANTONG_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *head; /* newest block, older ones linked behind it */
    size_t used;              /* bytes handed out of head */
};

/* A place in the arena to return to; valid until the arena is reset to an earlier mark. */
struct arena_mark {
    struct arena_block *head;
    size_t used;
};

/* Make *a empty. No memory is taken until the first allocation. */
void arena_init(struct arena *a);

/* n bytes, zeroed, aligned for any type. n = 0 gives a valid pointer to nothing. */
void *arena_alloc(struct arena *a, size_t n);

/* The same, not zeroed: for what is written over at once. */
void *arena_bytes(struct arena *a, size_t n);

/*
 * Make room in place: the n bytes at p were allocated last, and there are more bytes than that
 * behind them. False when it cannot be done, and nothing has changed.
 */
bool arena_extend(struct arena *a, const void *p, size_t n, size_t more);

/* count × size bytes, zeroed; stops the process when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of n bytes followed by a NUL that does not count. */
char *arena_copy(struct arena *a, const void *bytes, size_t n);

struct arena_mark arena_mark(const struct arena *a);

/* Give back everything allocated since the mark; pointers into it become invalid. */
void arena_reset(struct arena *a, struct arena_mark mark);

/* Give back everything; the arena is empty and may be used again. */
void arena_free(struct arena *a);

/* End the program: n bytes are not to be had. */
_Noreturn void memory_exhausted(size_t n);

/* Bytes held from the system, for limits and metrics. */
size_t arena_held(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_NEW_ARRAY(a, count, type) ((type *)arena_array((a), (count), sizeof(type)))

#endif
