/*
 * idmap SOURCE TARGET FROM TO COUNT
 *
 * Mounts the directory SOURCE on TARGET with its ids mapped: a file that belongs to the id FROM + n in SOURCE
 * belongs to TO + n in TARGET, for n below COUNT, users and groups alike; files written to TARGET are mapped
 * back. Copies and changes no file: see mount_setattr(2), "ID-mapped mounts".
 *
 * BusyBox's mount cannot do this, and an OCI configuration can map mounts but not the root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From linux/mount.h, which musl does not have. */
#define OPEN_TREE_CLONE 1
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#define MOVE_MOUNT_F_EMPTY_PATH 4
#define MOUNT_ATTR_IDMAP 0x00100000
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

/* The file system of SOURCE does not support id mapping: an initramfs, overlayfs, or a mount that is mapped already. */
#define EXIT_NO_MAP 3

struct mount_attributes {
	uint64_t set, clear, propagation, user_namespace;
};

static void fail(const char *what)
{
	fprintf(stderr, "idmap: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_map(pid_t process, const char *kind, char *const map[])
{
	char path[64];
	int descriptor;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process, kind);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0 || dprintf(descriptor, "%s %s %s\n", map[0], map[1], map[2]) < 0)
		fail(path);
	close(descriptor);
}

/* A user namespace with `map` for users and groups; the returned descriptor keeps it alive. */
static int user_namespace(char *const map[])
{
	char path[64];
	int descriptor;
	pid_t holder = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (holder < 0)
		fail("user namespace");
	if (holder == 0) {
		pause();
		_exit(0);
	}
	write_map(holder, "uid_map", map);
	write_map(holder, "gid_map", map);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)holder);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		fail(path);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	return descriptor;
}

int main(int argc, char **argv)
{
	struct mount_attributes attributes = { .set = MOUNT_ATTR_IDMAP };
	int tree;

	if (argc != 6) {
		fputs("usage: idmap SOURCE TARGET FROM TO COUNT\n", stderr);
		return 2;
	}
	tree = syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		fail(argv[1]);
	if (strcmp(argv[3], argv[4]) != 0) {
		attributes.user_namespace = user_namespace(argv + 3);
		if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) != 0) {
			fprintf(stderr, "idmap: %s: its file system does not support id mapping: %s\n", argv[1], strerror(errno));
			return EXIT_NO_MAP;
		}
	}
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[2], MOVE_MOUNT_F_EMPTY_PATH) != 0)
		fail(argv[2]);
	return 0;
}
