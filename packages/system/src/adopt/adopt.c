/*
 * adopt PIDFILE EVENTS HOOK [--terminal SOCKET] COMMAND [ARGUMENT]…
 *
 * Runs COMMAND; when it succeeds, waits for the process whose id it left in PIDFILE and exits as that
 * one did (128 + n for signal n). SIGTERM and SIGINT are passed on. Meanwhile it runs HOOK whenever the
 * count oom_kill of the file EVENTS, a cgroup's memory.events, has grown.
 *
 * runc create detaches: the container's first process is orphaned, and init would reap it and forget how
 * it ended. As the nearest subreaper this process becomes its parent instead, in a few kilobytes where
 * runc run would stay with ten megabytes.
 *
 * With --terminal it listens at SOCKET while COMMAND runs, gets the master of a pseudo terminal there, as an OCI runtime sends it to its
 * console socket, and copies what the terminal prints to standard output until the process has ended. Nobody types.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* adopt's own failures: bad usage, or nothing to wait for. */
#define EXIT_LOST 125

static volatile pid_t child;
static sigset_t before;

/* stdio would double the size of this program, of which every container has one. */
static void complain(const char *what, const char *why)
{
	struct iovec parts[] = { { (void *)what, strlen(what) }, { ": ", 2 }, { (void *)why, strlen(why) }, { "\n", 1 } };

	writev(2, parts, 4);
}

static void forward(int signal)
{
	if (child > 0)
		kill(child, signal);
}

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	sigprocmask(SIG_SETMASK, &before, NULL);
	execvp(argv[0], argv);
	complain(argv[0], strerror(errno));
	_exit(127);
}

/* The count oom_kill; 0 if it cannot be read. Reading also makes poll wait for the next change. */
static long kills_of(int events)
{
	char text[512] = "";
	const char *line;

	if (events < 0 || pread(events, text, sizeof(text) - 1, 0) < 0)
		return 0;
	line = strstr(text, "\noom_kill ");
	return line ? atol(line + strlen("\noom_kill ")) : 0;
}

/* Listens at `path`, which nothing else may have; -1 if it cannot. */
static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (listener < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	unlink(path);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 1) != 0)
		return -1;
	return listener;
}

/* The descriptor that has been sent to `listener`, not blocking; -1 if none has. */
static int received_at(int listener)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char text[256];
	struct iovec part = { text, sizeof(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC), descriptor = -1;
	struct cmsghdr *header;

	if (connection < 0)
		return -1;
	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) > 0) {
		header = CMSG_FIRSTHDR(&message);
		if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
	}
	close(connection);
	if (descriptor >= 0)
		fcntl(descriptor, F_SETFL, O_RDWR | O_NONBLOCK);
	return descriptor;
}

/* Copies what `terminal` has printed, and returns it; -1 at its end, when no process has it open. */
static int copy_from(int terminal)
{
	char text[4096];
	ssize_t length, written, done;
	int rounds = 0;

	/* A program that never stops printing is not all that there is to watch. */
	while (rounds++ < 64 && (length = read(terminal, text, sizeof(text))) > 0)
		for (done = 0; done < length; done += written > 0 ? written : 0) {
			written = write(1, text + done, length - done);
			if (written < 0 && errno != EINTR)
				return -1;
		}
	if (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)))
		return terminal;
	close(terminal);
	return -1;
}

/*
 * Waits for `pid`, and for nothing else, and returns its exit code. Meanwhile it gets the terminal that is sent to `listener`, and copies what
 * the terminal prints, whose buffer is small.
 */
static int wait_for(pid_t pid, int listener, int *terminal)
{
	struct pollfd change = { .events = POLLIN };
	pid_t ended;
	int status;

	for (;;) {
		if (*terminal >= 0)
			*terminal = copy_from(*terminal);
		else if (listener >= 0 && (*terminal = received_at(listener)) >= 0)
			listener = -1;
		ended = waitpid(pid, &status, WNOHANG);
		if (ended != 0)
			return ended == pid ? exit_code(status) : EXIT_LOST;
		change.fd = *terminal >= 0 ? *terminal : listener;
		ppoll(&change, 1, NULL, &before);
	}
}

/*
 * Waits for `pid` and returns its exit code; reaps other children meanwhile. HOOK runs once at a time, and at last for the
 * kills of the end.
 */
static int watch(pid_t pid, int events, char *hook, int terminal)
{
	struct pollfd changes[] = { { .fd = events, .events = POLLPRI }, { .fd = terminal, .events = POLLIN } };
	char *argv[] = { hook, NULL };
	long kills, seen = 0;
	pid_t ended, running = 0;
	int status, code = -1;

	child = pid;
	for (;;) {
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
			if (ended == pid)
				code = exit_code(status);
			if (ended == running)
				running = 0;
		}
		if (ended < 0 && errno == ECHILD && code < 0)
			return EXIT_LOST;
		kills = kills_of(events);
		if (kills > seen && running <= 0) {
			running = start(argv);
			seen = kills;
		}
		/* Also the last words of a process that has just ended. */
		if (changes[1].fd >= 0)
			changes[1].fd = copy_from(changes[1].fd);
		if (code >= 0 && running <= 0)
			return code;
		/* At most ten looks a second, however often the kernel counts something. */
		if (ppoll(changes, 2, NULL, &before) > 0 && changes[0].revents)
			usleep(100000);
	}
}

static pid_t read_pid(const char *file)
{
	char text[16] = "";
	int descriptor = open(file, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0 || read(descriptor, text, sizeof(text) - 1) < 0)
		return 0;
	close(descriptor);
	return atoi(text);
}

static void nothing(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = forward }, wake = { .sa_handler = nothing };
	sigset_t blocked;
	char **command = argv + 4, *path = NULL;
	pid_t adopted;
	int code, listener = -1, terminal = -1;

	if (argc > 6 && strcmp(argv[4], "--terminal") == 0) {
		path = argv[5];
		command = argv + 6;
	}
	if (argc < 5) {
		complain("usage", "adopt PIDFILE EVENTS HOOK [--terminal SOCKET] COMMAND [ARGUMENT]...");
		return EXIT_LOST;
	}
	if (path && (listener = listen_at(path)) < 0) {
		complain(path, strerror(errno));
		return EXIT_LOST;
	}
	sigprocmask(SIG_SETMASK, NULL, &before);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* A child that ends is heard only while ppoll waits, so that none is missed before that. */
	sigaction(SIGCHLD, &wake, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || (child = start(command)) < 0) {
		complain("adopt", strerror(errno));
		return EXIT_LOST;
	}
	/* Nothing else is reaped yet: the adopted process may end before its id is known. */
	code = wait_for(child, listener, &terminal);
	if (code != 0)
		return code;
	adopted = read_pid(argv[1]);
	if (adopted <= 0) {
		complain(argv[1], "no process id");
		return EXIT_LOST;
	}
	return watch(adopted, open(argv[2], O_RDONLY | O_CLOEXEC), argv[3], terminal);
}
