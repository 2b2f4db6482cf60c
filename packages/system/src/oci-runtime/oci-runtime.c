/*
 * oci-runtime ARGUMENT…
 *
 * Runs the image's OCI runtime, to which /usr/lib/container-os/oci-runtime is a link. Without a terminal it becomes the
 * runtime. At a terminal it stays, and leaves to its caller what both share as it was:
 *
 * - Flags such as O_NONBLOCK belong to the open file, which a shell shares with its programs. crun sets it and leaves it
 *   set. So the runtime gets files of its own: a terminal or a pipe is opened again, and no way to end the runtime, not
 *   even SIGKILL, can leave a flag behind.
 * - The modes of a terminal belong to the terminal; a runtime sets raw mode. They are restored when the runtime has ended,
 *   however it did, and at once when this program gets a signal or its caller dies. Then the runtime is killed: its pseudo
 *   terminal closes, and the program in the container gets SIGHUP.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifndef RUNTIME
#define RUNTIME "/usr/lib/container-os/oci-runtime"
#endif

static struct {
	int terminal, shared, flags;
	struct termios modes;
} before[3];

/* Opens the terminal or pipe of a descriptor again, with the same flags. A socket cannot be opened again. */
static void open_again(int descriptor)
{
	char path[] = "/proc/self/fd/0";
	struct stat file;
	int flags = fcntl(descriptor, F_GETFL), own;

	before[descriptor].flags = flags;
	before[descriptor].terminal = tcgetattr(descriptor, &before[descriptor].modes) == 0;
	/* A regular file has an offset, which must stay common; O_NONBLOCK does nothing there. */
	if (flags < 0 || fstat(descriptor, &file) != 0 || S_ISREG(file.st_mode))
		return;
	path[sizeof(path) - 2] = (char)('0' + descriptor);
	/* O_NONBLOCK, because a FIFO without a writer would wait for one. */
	own = open(path, (flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK | O_NOCTTY);
	if (own < 0) {
		before[descriptor].shared = 1;
		return;
	}
	fcntl(own, F_SETFL, flags);
	dup2(own, descriptor);
	close(own);
}

static void restore(void)
{
	for (int descriptor = 0; descriptor < 3; descriptor++) {
		if (before[descriptor].shared)
			fcntl(descriptor, F_SETFL, before[descriptor].flags);
		/* Not TCSAFLUSH: it would throw away what was typed ahead. */
		if (before[descriptor].terminal)
			tcsetattr(descriptor, TCSANOW, &before[descriptor].modes);
	}
}

/*
 * Programs of the OS are the last that the kernel kills for lack of memory, and hand this on. What runs in a container is not of the OS, and
 * cannot go below what a privileged process sets.
 */
static void be_killed_first(void)
{
	int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	write(file, "0", 1);
	close(file);
}

static int fail(const char *message)
{
	write(2, message, strlen(message));
	return 127;
}

static int run(char **argv)
{
	execv(RUNTIME, argv);
	return fail("oci-runtime: " RUNTIME " cannot be executed\n");
}

int main(int argc, char **argv)
{
	sigset_t signals, old;
	pid_t runtime;
	int status, received;

	(void)argc;
	be_killed_first();
	if (!isatty(0) && !isatty(1) && !isatty(2))
		return run(argv);
	for (int descriptor = 0; descriptor < 3; descriptor++)
		open_again(descriptor);
	/* In the background this program stops here, as all that change modes do; the runtime, which blocks SIGTTOU, would not. */
	restore();
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &old);
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	runtime = fork();
	if (runtime < 0)
		return fail("oci-runtime: no more processes\n");
	if (runtime == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigprocmask(SIG_SETMASK, &old, NULL);
		_exit(run(argv));
	}
	/* A shell that has taken the terminal back must not stop this program before it has restored the modes. */
	signal(SIGTTOU, SIG_IGN);
	for (;;) {
		received = sigwaitinfo(&signals, NULL);
		if (received > 0 && received != SIGCHLD) {
			restore();
			kill(runtime, SIGKILL);
			waitpid(runtime, &status, 0);
			return 128 + received;
		}
		if (waitpid(runtime, &status, WNOHANG) == runtime)
			break;
	}
	restore();
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
