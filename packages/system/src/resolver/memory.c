#define _GNU_SOURCE
#include "memory.h"
#include <sys/mman.h>

/* Before each piece; as large as the alignment that any type needs. */
struct head {
	size_t size;
	size_t unused;
};

void *claim(size_t size)
{
	struct head *head = mmap(NULL, sizeof(*head) + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (head == MAP_FAILED)
		return NULL;
	head->size = sizeof(*head) + size;
	return head + 1;
}

void release(void *memory)
{
	if (memory)
		munmap((struct head *)memory - 1, ((struct head *)memory - 1)->size);
}
