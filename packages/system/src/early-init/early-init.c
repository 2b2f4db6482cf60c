/*
 * /init of an initramfs that has little else: finds the boot medium, mounts its squashfs as the root file system
 * and executes /sbin/init there.
 *
 * The medium is a disk with an ISO 9660 file system that has boot/rootfs.squashfs and, if the kernel's command
 * line has container-os.medium=PATH, the file PATH too. An initramfs that holds /rootfs.squashfs itself (booted
 * from a network) needs no medium.
 *
 * A failure is shown on every console for a minute or until a key is pressed; then the machine reboots.
 */
#define _GNU_SOURCE /* readahead(2) */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define OWN_IMAGE "/rootfs.squashfs"
#define MEDIUM "/medium"
#define IMAGE "/boot/rootfs.squashfs"
#define ROOT "/root"
#define LOOP "/dev/loop0"
#define PCI_DEVICES "/sys/bus/pci/devices/"
/* The kernel's configuration symbols and the PCI devices that each drives; see pci-drivers.ts. */
#define PCI_DRIVERS "/pci-drivers"

/* Seconds: a USB stick appears some time after the kernel has started this. */
#define PATIENCE 30
/* Seconds that a person has to read what failed. */
#define READING_TIME 60
#define CONSOLES 8

/* linux/loop.h, which musl's headers lack. */
#define LOOP_SET_FD 0x4C00

/* The text for the consoles, complete when give_up() shows it. */
static char message[8192];

static void vsay(const char *format, va_list arguments)
{
	size_t used = strlen(message);

	vsnprintf(message + used, sizeof(message) - used, format, arguments);
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsay(format, arguments);
	va_end(arguments);
}

/* The text of a file without its last line break; "" if it cannot be read. */
static char *read_text(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? 0 : read(file, text, size - 1);

	if (file >= 0)
		close(file);
	text[length < 0 ? 0 : length] = '\0';
	if (length > 0 && text[length - 1] == '\n')
		text[length - 1] = '\0';
	return text;
}

/* Opens the consoles that console= names, mostly tty0 and ttyS0; if none opens, uses the one that the kernel opened. */
static int open_consoles(struct pollfd *consoles)
{
	char active[256], path[300], *names = read_text("/sys/class/tty/console/active", active, sizeof(active)), *name;
	int count = 0;

	while (count < CONSOLES && (name = strsep(&names, " "))) {
		snprintf(path, sizeof(path), "/dev/%s", name);
		consoles[count] = (struct pollfd){ .fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK), .events = POLLIN };
		if (consoles[count].fd >= 0)
			count++;
	}
	if (count == 0)
		consoles[count++] = (struct pollfd){ .fd = STDERR_FILENO, .events = POLLIN };
	return count;
}

/* Waits for a key, not a line; what was typed before does not count. */
static void wait_for_key(struct pollfd *consoles, int count)
{
	struct termios mode;
	struct timespec now;
	time_t end;
	char key;
	int index;

	for (index = 0; index < count; index++) {
		if (tcgetattr(consoles[index].fd, &mode) != 0)
			continue;
		mode.c_lflag &= ~(ICANON | ECHO);
		tcsetattr(consoles[index].fd, TCSAFLUSH, &mode);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + READING_TIME;
	while (now.tv_sec < end) {
		poll(consoles, count, (end - now.tv_sec) * 1000);
		for (index = 0; index < count; index++) {
			if (consoles[index].revents && read(consoles[index].fd, &key, 1) == 1)
				return;
			/* The serial port does not exist: poll() skips it from now on. */
			if (consoles[index].revents)
				consoles[index].fd = -1;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
}

static void give_up(void) __attribute__((noreturn));

/* Shows the message, then reboots. */
static void give_up(void)
{
	struct pollfd consoles[CONSOLES];
	int count, index;

	/* For the names of the consoles; nothing changes where it is mounted. */
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	count = open_consoles(consoles);
	for (index = 0; index < count; index++)
		dprintf(consoles[index].fd, "early init: %s\nThe machine reboots in %d s, or when a key is pressed.\n", message, READING_TIME);
	wait_for_key(consoles, count);
	reboot(RB_AUTOBOOT);
	exit(1);
}

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsay(format, arguments);
	va_end(arguments);
	give_up();
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

	must_mount("proc", "/proc", "proc", 0);
	read_text("/proc/cmdline", line, sizeof(line));
	umount("/proc");
	for (word = strtok(line, " "); word; word = strtok(NULL, " "))
		if (strncmp(word, key, strlen(key)) == 0)
			return word + strlen(key);
	return "";
}

static int is_disk(const struct dirent *entry)
{
	return entry->d_type == DT_BLK && strncmp(entry->d_name, "loop", 4) != 0;
}

/* If `disk` is the medium, leaves it mounted and returns NULL; else returns why it is not. */
static const char *try_disk(const char *disk, const char *wanted)
{
	char device[300], path[4200];
	int drive, fault;

	snprintf(device, sizeof(device), "/dev/%s", disk);
	/* An empty drive cannot be opened; mount() would log that on the consoles each time. */
	drive = open(device, O_RDONLY | O_CLOEXEC);
	if (drive < 0)
		return strerror(errno);
	/* MS_SILENT: the kernel logs nothing for a disk with another file system. */
	fault = mount(device, MEDIUM, "iso9660", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SILENT, NULL) == 0 ? 0 : errno;
	close(drive);
	if (fault)
		return fault == EINVAL ? "no ISO 9660 file system" : strerror(fault);
	snprintf(path, sizeof(path), MEDIUM "%s", wanted);
	if (access(path, F_OK) == 0 && access(MEDIUM IMAGE, F_OK) == 0)
		return NULL;
	umount(MEDIUM);
	return "ISO 9660 without these files";
}

/* Tries each disk, in the order of the names. If none is the medium, `found` lists them with the reasons. */
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

/*
 * Whether a word of PCI_DRIVERS matches the device: by number ("VENDOR:DEVICES", four digits each) or by class ("VENDOR/CLASS", the first
 * digits of the class). The vendor may be "*".
 */
static int takes(const char *word, char by, const char *vendor, const char *device, const char *class)
{
	const char *rest = word + strcspn(word, ":/");

	if (*rest++ != by || (word[0] != '*' && strncmp(word, vendor, 4) != 0))
		return 0;
	if (by == '/')
		return strncmp(rest, class, strlen(rest)) == 0;
	for (; strlen(rest) >= 4; rest += 4)
		if (strncmp(rest, device, 4) == 0)
			return 1;
	return 0;
}

/* Names the symbols whose drivers match the device: by number, or by class if none matches by number. */
static void say_symbols(const char *vendor, const char *device, const char *class)
{
	static char drivers[16 * 1024];
	char *lines, *line, *symbol, *word;
	const char *by, *before = "needs ";

	for (by = ":/"; *by && *before == 'n'; by++) {
		lines = read_text(PCI_DRIVERS, drivers, sizeof(drivers));
		while ((line = strsep(&lines, "\n"))) {
			symbol = strsep(&line, " ");
			while ((word = strsep(&line, " ")) && !takes(word, *by, vendor, device, class))
				;
			if (!word)
				continue;
			say("%sCONFIG_%s", before, symbol);
			before = " or ";
		}
	}
	if (*before == 'n')
		say("this version of Linux has no driver for it");
}

/* A property of a PCI device from sysfs, without the leading "0x". */
static const char *pci_property(const char *device, const char *name, char value[16])
{
	char path[300];

	snprintf(path, sizeof(path), PCI_DEVICES "%s/%s", device, name);
	return strlen(read_text(path, value, 16)) > 2 ? value + 2 : "";
}

/* The kind of controller of this class, if a medium can be attached to it; else NULL. */
static const char *controller(const char *class)
{
	if (strncmp(class, "01", 2) == 0)
		return "storage";
	if (strncmp(class, "0c03", 4) == 0)
		return "USB";
	return strncmp(class, "0805", 4) == 0 ? "SD card" : NULL;
}

/* Names the controllers without a driver. */
static void say_missing_drivers(void)
{
	struct dirent **devices;
	char class[16], vendor[16], device[16], path[300];
	const char *name, *class_code, *vendor_id, *device_id;
	int count, index;

	mount("sysfs", "/sys", "sysfs", 0, NULL);
	count = scandir(PCI_DEVICES, &devices, NULL, alphasort);
	for (index = 0; index < count; index++) {
		name = devices[index]->d_name;
		class_code = pci_property(name, "class", class);
		snprintf(path, sizeof(path), PCI_DEVICES "%s/driver", name);
		if (!controller(class_code) || access(path, F_OK) == 0)
			continue;
		vendor_id = pci_property(name, "vendor", vendor);
		device_id = pci_property(name, "device", device);
		say("\n  no driver for the %s controller %s:%s at PCI %s: ", controller(class_code), vendor_id, device_id, name);
		say_symbols(vendor_id, device_id, class_code);
	}
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
		if (now.tv_sec >= end) {
			say("no medium with " IMAGE "%s%s after %d s; found: %s", *wanted ? " and " : "", wanted, PATIENCE, found);
			say_missing_drivers();
			give_up();
		}
		nanosleep(&pause, NULL);
		/* Often at first, when a disk may appear any moment. */
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
	 * Reads the whole file in large pieces while the boot goes on; otherwise nearly every program would first wait
	 * for the medium. Only a hint: the kernel reads again what memory does not hold.
	 */
	readahead(file, 0, lseek(file, 0, SEEK_END));
	/* The loop device is read-only, because both are open for reading only. */
	if (ioctl(loop, LOOP_SET_FD, file) != 0)
		fail("cannot attach %s to " LOOP ": %s", image, strerror(errno));
	must_mount(LOOP, ROOT, "squashfs", MS_RDONLY);
}

/* The kernel's clock starts with the kernel, the counter at reset: logged together they show how long firmware and boot loader took. */
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

	/* The loop device keeps the medium, or the file in memory; all else here is freed. */
	umount2(MEDIUM, MNT_DETACH);
	umount2("/dev", MNT_DETACH);
	unlink(OWN_IMAGE);
	unlink(PCI_DRIVERS);
	unlink("/init");
	if (chdir(ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0)
		fail("cannot make " ROOT " the root: %s", strerror(errno));
	argv[0] = "/sbin/init";
	execv(argv[0], argv);
	fail("cannot execute /sbin/init of the squashfs: %s", strerror(errno));
}
