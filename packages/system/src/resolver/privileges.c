#define _GNU_SOURCE
#include "privileges.h"
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From linux/capability.h, linux/filter.h, linux/seccomp.h and linux/audit.h, which musl does not have. */
enum { CAP_NET_BIND_SERVICE = 10, CAP_NET_ADMIN = 12, CAP_SYS_ADMIN = 21, CAP_LAST = 63 };
#define CAPABILITY_VERSION 0x20080522

struct capability_header {
	uint32_t version;
	int pid;
};

struct capabilities {
	uint32_t effective, permitted, inheritable;
};

struct instruction {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t value;
};

struct program {
	uint16_t length;
	const struct instruction *instructions;
};

/* struct seccomp_data. */
enum { NUMBER_AT = 0, ARCHITECTURE_AT = 4, SECOND_ARGUMENT_AT = 24 };
enum { LOAD = 0x20, JUMP_IF_EQUAL = 0x15, RETURN = 0x06 };
#define ALLOW 0x7fff0000u
/* EPERM. */
#define REFUSE 0x00050001u

#ifdef __x86_64__
#define ARCHITECTURE 0xc000003eu
#else
#define ARCHITECTURE 0xc00000b7u
#endif

static const uint16_t calls[] = {
	SYS_accept4,   SYS_bind,	SYS_brk,	SYS_clock_gettime, SYS_close,	SYS_connect,	SYS_epoll_ctl, SYS_epoll_pwait, SYS_exit_group,
	SYS_fstat,     SYS_getdents64,	SYS_getrandom,	SYS_listen,	   SYS_madvise, SYS_mmap,	SYS_mremap,    SYS_munmap,	SYS_newfstatat,
	SYS_openat,    SYS_read,	SYS_recvfrom,	SYS_sendto,	   SYS_setsockopt, SYS_socket, SYS_writev,    SYS_mprotect,	SYS_getsockname,
#ifdef __x86_64__
	SYS_epoll_wait, SYS_open, SYS_stat,
#endif
};
#define CALLS (sizeof(calls) / sizeof(*calls))

/* Only these system calls, and setns(2) into network namespaces alone: CAP_SYS_ADMIN is good for nothing else then. */
static int limit_calls(void)
{
	static struct instruction filter[CALLS + 9] = {
		{ LOAD, 0, 0, ARCHITECTURE_AT },
		{ JUMP_IF_EQUAL, 1, 0, ARCHITECTURE },
		{ RETURN, 0, 0, REFUSE },
		{ LOAD, 0, 0, NUMBER_AT },
	};
	const struct program program = { CALLS + 9, filter };
	size_t at = 4;

	for (size_t call = 0; call < CALLS; call++)
		filter[at++] = (struct instruction){ JUMP_IF_EQUAL, CALLS - call + 3, 0, calls[call] };
	filter[at++] = (struct instruction){ JUMP_IF_EQUAL, 0, 2, SYS_setns };
	filter[at++] = (struct instruction){ LOAD, 0, 0, SECOND_ARGUMENT_AT };
	filter[at++] = (struct instruction){ JUMP_IF_EQUAL, 1, 0, CLONE_NEWNET };
	filter[at++] = (struct instruction){ RETURN, 0, 0, REFUSE };
	filter[at++] = (struct instruction){ RETURN, 0, 0, ALLOW };
	return prctl(PR_SET_SECCOMP, 2, &program);
}

int give_up_privileges(void)
{
	const struct capability_header header = { CAPABILITY_VERSION, 0 };
	const uint32_t needed = 1u << CAP_NET_BIND_SERVICE | 1u << CAP_NET_ADMIN | 1u << CAP_SYS_ADMIN;
	const struct capabilities kept[2] = { { needed, needed, 0 } };

	for (int capability = 0; capability <= CAP_LAST; capability++)
		if (capability > 31 || !(needed & 1u << capability))
			prctl(PR_CAPBSET_DROP, capability);
	if (syscall(SYS_capset, &header, kept) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return limit_calls();
}
