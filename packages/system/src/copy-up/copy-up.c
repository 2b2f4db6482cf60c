/*
 * copy-up ROOT PLACE TARGET FROM COUNT
 *
 * Copies the directory PLACE of the root file system ROOT to TARGET, which is made: content, owners, modes, times, links, devices and extended
 * attributes. A symbolic link on the way to PLACE stays in ROOT. The owner FROM + n becomes n, for n below COUNT; others become nobody's. Returns
 * when the copy is on the disk. Exits with 3 if ROOT has no directory PLACE.
 *
 * BusyBox's cp changes no owners and drops extended attributes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define EXIT_NO_PLACE 3
#define NOBODY 65534

/* From linux/openat2.h, which musl does not have. */
#define RESOLVE_IN_ROOT 0x10
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
struct how {
	uint64_t flags, mode, resolve;
};

/* A file with several names: where its first copy is. */
struct link {
	struct link *next;
	dev_t device;
	ino_t inode;
	char path[];
};

static struct link *links;
static unsigned long from, count;
static int target;
/* The current path below TARGET, for links and messages. */
static char path[8192] = ".";

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", path, what, strerror(errno));
	exit(1);
}

static unsigned int inside(unsigned int id)
{
	return id >= from && id - from < count ? id - from : NOBODY;
}

/* The name of the first copy of `info`'s file; NULL if this is the first, which is remembered. */
static const char *first_copy(const struct stat *info)
{
	struct link *link;

	if (info->st_nlink < 2)
		return NULL;
	for (link = links; link; link = link->next)
		if (link->device == info->st_dev && link->inode == info->st_ino)
			return link->path;
	link = malloc(sizeof(*link) + strlen(path) + 1);
	if (!link)
		fail("memory");
	*link = (struct link){ links, info->st_dev, info->st_ino };
	strcpy(link->path, path);
	links = link;
	return NULL;
}

static void copy_attributes(int source, int copy)
{
	static char names[65536], value[65536];
	ssize_t length = flistxattr(source, names, sizeof(names));

	for (char *name = names; name - names < length; name += strlen(name) + 1) {
		ssize_t size;

		/* Labels and lists of access have ids or meanings of another place. */
		if (strncmp(name, "user.", 5) != 0 && strcmp(name, "security.capability") != 0)
			continue;
		size = fgetxattr(source, name, value, sizeof(value));
		if (size < 0 || (fsetxattr(copy, name, value, size, 0) != 0 && errno != EOPNOTSUPP))
			fail(name);
	}
}

static void copy_content(int source, int copy)
{
	ssize_t sent;

	do
		sent = sendfile(copy, source, NULL, 1 << 24);
	while (sent > 0);
	if (sent < 0)
		fail("copy");
}

/* Owner, mode and times of `copy`, an open file. */
static void finish(int copy, const struct stat *info)
{
	const struct timespec times[] = { info->st_atim, info->st_mtim };

	if (fchown(copy, inside(info->st_uid), inside(info->st_gid)) != 0 || fchmod(copy, info->st_mode & 07777) != 0 || futimens(copy, times) != 0)
		fail("owner, mode or time");
}

static void copy_directory(int source, int copy, const struct stat *info);

/* The entry `name`, in the open directory `source`, into the open directory `copy`. */
static void copy_entry(int source, int copy, const char *name)
{
	struct stat info;
	const char *first;

	if (fstatat(source, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		fail("stat");
	if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode)) {
		int directory = S_ISDIR(info.st_mode) ? O_DIRECTORY : 0, in, out;

		if (!directory && (first = first_copy(&info))) {
			if (linkat(target, first, copy, name, 0) != 0)
				fail("link");
			return;
		}
		in = openat(source, name, O_RDONLY | O_NOFOLLOW | directory);
		if (directory && mkdirat(copy, name, 0700) != 0)
			fail("make");
		out = openat(copy, name, directory ? O_RDONLY | O_DIRECTORY : O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (in < 0 || out < 0)
			fail("open");
		if (directory)
			copy_directory(in, out, &info);
		else {
			copy_content(in, out);
			copy_attributes(in, out);
			finish(out, &info);
		}
		close(in);
		close(out);
		return;
	}
	if (S_ISLNK(info.st_mode)) {
		char to[4096];
		ssize_t length = readlinkat(source, name, to, sizeof(to) - 1);

		if (length < 0)
			fail("read");
		to[length] = 0;
		if (symlinkat(to, copy, name) != 0)
			fail("make");
	} else if (mknodat(copy, name, info.st_mode, info.st_rdev) != 0) {
		fail("make");
	}
	if (fchownat(copy, name, inside(info.st_uid), inside(info.st_gid), AT_SYMLINK_NOFOLLOW) != 0)
		fail("owner");
	if (!S_ISLNK(info.st_mode) && fchmodat(copy, name, info.st_mode & 07777, 0) != 0)
		fail("mode");
}

static void copy_directory(int source, int copy, const struct stat *info)
{
	DIR *entries = fdopendir(dup(source));
	size_t length = strlen(path);

	if (!entries)
		fail("read");
	for (struct dirent *entry; (entry = readdir(entries));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((size_t)snprintf(path + length, sizeof(path) - length, "/%s", entry->d_name) >= sizeof(path) - length) {
			errno = ENAMETOOLONG;
			fail("path");
		}
		copy_entry(source, copy, entry->d_name);
		path[length] = 0;
	}
	closedir(entries);
	copy_attributes(source, copy);
	finish(copy, info);
}

int main(int argc, char **argv)
{
	struct how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	struct stat info;
	int root, place;

	if (argc != 6) {
		fputs("usage: copy-up ROOT PLACE TARGET FROM COUNT\n", stderr);
		return 2;
	}
	from = strtoul(argv[4], NULL, 10);
	count = strtoul(argv[5], NULL, 10);
	root = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		fail(argv[1]);
	place = syscall(SYS_openat2, root, argv[2], &how, sizeof(how));
	if (place < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return EXIT_NO_PLACE;
		fail(argv[2]);
	}
	if (mkdir(argv[3], 0700) != 0 || (target = open(argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fstat(place, &info) != 0)
		fail(argv[3]);
	copy_directory(place, target, &info);
	if (syncfs(target) != 0)
		fail("sync");
	return 0;
}
