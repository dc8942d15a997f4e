#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *older;
    size_t size; /* bytes usable in data */
    _Alignas(ALIGNMENT) unsigned char data[];
};

void memory_exhausted(size_t n) {
    fprintf(stderr, "guantong: out of memory (%zu bytes wanted)\n", n);
    abort();
}

static size_t block_size_for(const struct arena *a, size_t n) {
    size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) {
        size = LARGEST_BLOCK;
    }
    return n > size ? n : size;
}

static void block_push(struct arena *a, size_t n) {
    size_t size = block_size_for(a, n);
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block) {
        memory_exhausted(size);
    }
    block->older = a->head;
    block->size = size;
    a->head = block;
    a->used = 0;
}

void arena_init(struct arena *a) {
    a->head = NULL;
    a->used = 0;
}

static size_t rounded_up(size_t n) {
    return (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void *arena_bytes(struct arena *a, size_t n) {
    if (n > SIZE_MAX / 2) {
        memory_exhausted(n);
    }
    size_t rounded = rounded_up(n);
    if (!a->head || a->head->size - a->used < rounded) {
        block_push(a, rounded);
    }
    void *p = a->head->data + a->used;
    a->used += rounded;
    return p;
}

void *arena_alloc(struct arena *a, size_t n) {
    return memset(arena_bytes(a, n), 0, n);
}

bool arena_extend(struct arena *a, const void *p, size_t n, size_t more) {
    size_t held = rounded_up(n), wanted = rounded_up(n + more);
    if (!a->head || more > SIZE_MAX / 2 || wanted - held > a->head->size - a->used ||
        (const unsigned char *)p + held != a->head->data + a->used) {
        return false;
    }
    a->used += wanted - held;
    return true;
}

void *arena_array(struct arena *a, size_t count, size_t size) {
    if (size && count > SIZE_MAX / 2 / size) {
        memory_exhausted(SIZE_MAX);
    }
    return arena_alloc(a, count * size);
}

char *arena_copy(struct arena *a, const void *bytes, size_t n) {
    char *copy = arena_bytes(a, n + 1);
    if (n) {
        memcpy(copy, bytes, n);
    }
    copy[n] = '\0';
    return copy;
}

struct arena_mark arena_mark(const struct arena *a) {
    return (struct arena_mark){a->head, a->used};
}

void arena_reset(struct arena *a, struct arena_mark mark) {
    while (a->head != mark.head) {
        struct arena_block *older = a->head->older;
        free(a->head);
        a->head = older;
    }
    a->used = mark.used;
}

void arena_free(struct arena *a) {
    arena_reset(a, (struct arena_mark){NULL, 0});
}

size_t arena_held(const struct arena *a) {
    size_t held = 0;
    for (const struct arena_block *b = a->head; b; b = b->older) {
        held += b->size;
    }
    return held;
}
