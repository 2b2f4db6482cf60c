/*
 * Memory in whole pages, of zeros, straight from the kernel and back to it: what comes and goes is about a page large, and malloc(3)
 * would be a third of the program.
 */
#ifndef MEMORY_H
#define MEMORY_H
#include <stddef.h>

/* NULL if there is no memory. */
void *claim(size_t size);
/* Nothing of NULL. */
void release(void *memory);
#endif
