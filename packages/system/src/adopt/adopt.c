/*
 * adopt PIDFILE EVENTS HOOK COMMAND [ARGUMENT]…
 *
 * Runs COMMAND; when it succeeds, waits for the process whose id it left in PIDFILE and exits as that
 * one did (128 + n for signal n). SIGTERM and SIGINT are passed on. Meanwhile it runs HOOK whenever the
 * count oom_kill of the file EVENTS, a cgroup's memory.events, has grown.
 *
 * runc create detaches: the container's first process is orphaned, and init would reap it and forget how
 * it ended. As the nearest subreaper this process becomes its parent instead, in a few kilobytes where
 * runc run would stay with ten megabytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/uio.h>
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

/* Waits for `pid`, and for nothing else, and returns its exit code. */
static int wait_for(pid_t pid)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	return ended == pid ? exit_code(status) : EXIT_LOST;
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

/*
 * Waits for `pid` and returns its exit code; reaps other children meanwhile. HOOK runs once at a time, and at last for the
 * kills of the end.
 */
static int watch(pid_t pid, int events, char *hook)
{
	struct pollfd change = { .fd = events, .events = POLLPRI };
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
		if (code >= 0 && running <= 0)
			return code;
		/* At most ten looks a second, however often the kernel counts something. */
		if (ppoll(&change, 1, NULL, &before) > 0)
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
	pid_t adopted;
	int code;

	if (argc < 5) {
		complain("usage", "adopt PIDFILE EVENTS HOOK COMMAND [ARGUMENT]...");
		return EXIT_LOST;
	}
	sigprocmask(SIG_SETMASK, NULL, &before);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || (child = start(argv + 4)) < 0) {
		complain("adopt", strerror(errno));
		return EXIT_LOST;
	}
	/* Nothing else is reaped yet: the adopted process may end before its id is known. */
	code = wait_for(child);
	if (code != 0)
		return code;
	adopted = read_pid(argv[1]);
	if (adopted <= 0) {
		complain(argv[1], "no process id");
		return EXIT_LOST;
	}
	/* A child that ends is heard only while ppoll waits, so that none is missed before that. */
	sigaction(SIGCHLD, &wake, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	return watch(adopted, open(argv[2], O_RDONLY | O_CLOEXEC), argv[3]);
}
