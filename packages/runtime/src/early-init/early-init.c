/*
 * /init of an initramfs that has little else: finds the medium that the machine was booted from, mounts the
 * squashfs on it as the root file system, and becomes its /sbin/init.
 *
 * A medium is a disk with an ISO 9660 file system that has boot/rootfs.squashfs and, with
 * container-os.medium=PATH on the kernel's command line, that file too. An initramfs that has
 * /rootfs.squashfs itself, as from a network, needs none.
 *
 * What fails is said in one line on the console; then process 1 ends, and the kernel panics.
 */
#define _GNU_SOURCE /* readahead(2) */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define OWN_IMAGE "/rootfs.squashfs"
#define MEDIUM "/medium"
#define IMAGE "/boot/rootfs.squashfs"
#define ROOT "/root"
#define LOOP "/dev/loop0"

/* Seconds: a USB stick appears some time after the kernel has started this. */
#define PATIENCE 30

/* linux/loop.h, which musl's headers lack. */
#define LOOP_SET_FD 0x4C00

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list arguments;

	fputs("early init: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static void must_mount(const char *source, const char *target, const char *type, unsigned long flags)
{
	if (mount(source, target, type, flags, NULL) != 0)
		fail("cannot mount %s (%s) on %s: %s", source, type, target, strerror(errno));
}

/* The value of container-os.medium= on the kernel's command line, or "". */
static const char *wanted_file(void)
{
	static char line[4096];
	const char *key = "container-os.medium=";
	char *word;
	ssize_t length;
	int file;

	must_mount("proc", "/proc", "proc", 0);
	file = open("/proc/cmdline", O_RDONLY);
	length = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
	if (length < 0)
		fail("cannot read /proc/cmdline: %s", strerror(errno));
	close(file);
	umount("/proc");
	for (word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
		if (strncmp(word, key, strlen(key)) == 0)
			return word + strlen(key);
	return "";
}

static int is_disk(const struct dirent *entry)
{
	return entry->d_type == DT_BLK && strncmp(entry->d_name, "loop", 4) != 0;
}

/* Leaves the medium mounted when `disk` is it; else returns why it is not. */
static const char *try_disk(const char *disk, const char *wanted)
{
	char device[300], path[4200];

	snprintf(device, sizeof(device), "/dev/%s", disk);
	/* Not a word in the kernel's log for each disk that has another file system. */
	if (mount(device, MEDIUM, "iso9660", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SILENT, NULL) != 0)
		return errno == EINVAL ? "no ISO 9660 file system" : strerror(errno);
	snprintf(path, sizeof(path), MEDIUM "%s", wanted);
	if (access(path, F_OK) == 0 && access(MEDIUM IMAGE, F_OK) == 0)
		return NULL;
	umount(MEDIUM);
	return "ISO 9660 without them";
}

/* Tries each disk in the order of their names; tells in `found` what they are when none is the medium. */
static int try_disks(const char *wanted, char *found, size_t size)
{
	struct dirent **disks;
	const char *fault = "";
	int count = scandir("/dev", &disks, is_disk, alphasort), index;
	size_t used = 0;

	snprintf(found, size, "no disk at all");
	for (index = 0; index < count && fault; index++) {
		fault = try_disk(disks[index]->d_name, wanted);
		if (fault && used < size)
			used += snprintf(found + used, size - used, "%s%s (%s)", used ? ", " : "", disks[index]->d_name, fault);
	}
	for (index = 0; index < count; index++)
		free(disks[index]);
	if (count >= 0)
		free(disks);
	return fault == NULL;
}

static void find_medium(void)
{
	const char *wanted = wanted_file();
	struct timespec now, pause = { 0, 10 * 1000 * 1000 };
	time_t end;
	char found[1024];

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + PATIENCE;
	while (!try_disks(wanted, found, sizeof(found))) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end)
			fail("no medium with " IMAGE "%s%s after %d s; found: %s", *wanted ? " and " : "", wanted, PATIENCE, found);
		nanosleep(&pause, NULL);
		/* Often at first, when a disk may come any moment. */
		if (pause.tv_nsec < 500 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
}

static void mount_image(const char *image)
{
	int file = open(image, O_RDONLY | O_CLOEXEC);
	int loop = open(LOOP, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		fail("cannot open %s: %s", image, strerror(errno));
	if (loop < 0)
		fail("cannot open " LOOP ": %s", strerror(errno));
	/*
	 * All of it, in large pieces, while the boot goes on: else nearly every program starts by waiting for the
	 * medium. A hint: what memory does not hold is read again.
	 */
	readahead(file, 0, lseek(file, 0, SEEK_END));
	/* Read-only, as both are open for reading only. */
	if (ioctl(loop, LOOP_SET_FD, file) != 0)
		fail("cannot attach %s to " LOOP ": %s", image, strerror(errno));
	must_mount(LOOP, ROOT, "squashfs", MS_RDONLY);
}

/* The kernel's clock starts with the kernel, the counter at reset: side by side in the log, they tell what came before. */
static void log_counter(void)
{
	FILE *log = fopen("/dev/kmsg", "w");
	struct timespec uptime;

	if (log && clock_gettime(CLOCK_BOOTTIME, &uptime) == 0)
		fprintf(log, "early init at TSC %llu, uptime %ld.%09ld\n", __rdtsc(), (long)uptime.tv_sec, uptime.tv_nsec);
	if (log)
		fclose(log);
}

int main(int argc, char **argv)
{
	int own = access(OWN_IMAGE, F_OK) == 0;

	(void)argc;
	must_mount("devtmpfs", "/dev", "devtmpfs", 0);
	log_counter();
	if (!own)
		find_medium();
	mount_image(own ? OWN_IMAGE : MEDIUM IMAGE);

	/* The loop device keeps the medium, and the file when it lies in memory; all else here is freed. */
	umount2(MEDIUM, MNT_DETACH);
	umount2("/dev", MNT_DETACH);
	unlink(OWN_IMAGE);
	unlink("/init");
	if (chdir(ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0)
		fail("cannot make " ROOT " the root: %s", strerror(errno));
	argv[0] = "/sbin/init";
	execv(argv[0], argv);
	fail("cannot execute /sbin/init of the squashfs: %s", strerror(errno));
}
