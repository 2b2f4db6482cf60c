/*
 * adopt PIDFILE COMMAND [ARGUMENT]…
 *
 * Runs COMMAND; when it succeeds, waits for the process whose id it left in PIDFILE and exits as that
 * one did (128 + n for signal n). SIGTERM and SIGINT are passed on.
 *
 * runc create detaches: the container's first process is orphaned, and init would reap it and forget how
 * it ended. As the nearest subreaper this process becomes its parent instead, in a few kilobytes where
 * runc run would stay with ten megabytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* adopt's own failures: bad usage, or nothing to wait for. */
#define EXIT_LOST 125

static volatile pid_t child;

static void forward(int signal)
{
	if (child > 0)
		kill(child, signal);
}

/* Waits for `pid` and returns its exit code; with `any`, reaps other children meanwhile. */
static int wait_for(pid_t pid, int any)
{
	int status;
	pid_t ended;

	child = pid;
	do
		ended = waitpid(any ? -1 : pid, &status, 0);
	while (ended != pid && (ended > 0 || errno == EINTR));
	if (ended != pid)
		return EXIT_LOST;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
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

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = forward };
	pid_t command, adopted;
	int code;

	if (argc < 3) {
		fputs("usage: adopt PIDFILE COMMAND [ARGUMENT]...\n", stderr);
		return EXIT_LOST;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || (command = fork()) < 0) {
		perror("adopt");
		return EXIT_LOST;
	}
	if (command == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	/* Nothing else is reaped yet: the adopted process may end before its id is known. */
	code = wait_for(command, 0);
	if (code != 0)
		return code;
	adopted = read_pid(argv[1]);
	if (adopted <= 0) {
		fprintf(stderr, "adopt: %s: no process id\n", argv[1]);
		return EXIT_LOST;
	}
	return wait_for(adopted, 1);
}
