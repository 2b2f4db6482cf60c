// The server of the images with traits: answers each request by HTTP with what it is and may do, one fact a line, and with what lies at the request's path.
// With --check it asks the server, as a health check.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void put_status(FILE *out) {
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    if (!strncmp(line, "CapEff", 6) || !strncmp(line, "NoNewPrivs", 10)) fputs(line, out);
  if (status) fclose(status);
}

// Type and mode, owner, links and size; then a directory's names, a link's target, or how a file begins.
static void put_path(FILE *out, const char *path) {
  struct stat entry;
  char text[80] = "";
  if (lstat(path, &entry)) {
    fprintf(out, "%s: %s\n", path, strerror(errno));
    return;
  }
  fprintf(out, "%s: %o %d:%d %d links %lld bytes:", path, entry.st_mode, entry.st_uid, entry.st_gid, (int)entry.st_nlink, (long long)entry.st_size);
  if (S_ISDIR(entry.st_mode)) {
    struct dirent **names;
    int count = scandir(path, &names, 0, alphasort);
    for (int i = 0; i < count; i++)
      if (strcmp(names[i]->d_name, ".") && strcmp(names[i]->d_name, "..")) fprintf(out, " %s", names[i]->d_name);
  } else if (S_ISLNK(entry.st_mode)) {
    if (readlink(path, text, sizeof text - 1) > 0) fprintf(out, " %s", text);
  } else {
    FILE *file = fopen(path, "r");
    if (file && fgets(text, sizeof text, file)) text[strcspn(text, "\n")] = 0;
    fprintf(out, " %s", file ? text : strerror(errno));
    if (file) fclose(file);
  }
  fputs("\n", out);
}

static void end(int number) {
  const char *text = number == SIGUSR1 ? "ended by SIGUSR1\n" : "ended by SIGTERM\n";
  if (write(1, text, strlen(text)) < 0) {}
  _exit(0);
}

int main(int count, char **arguments) {
  const char *port = getenv("PORT");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port ? atoi(port) : 8080)};
  int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (count > 1 && !strcmp(arguments[1], "--check")) return connect(server, (struct sockaddr *)&address, sizeof address) ? perror("answer"), 1 : 0;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 16)) return perror("answer"), 1;
  // As process 1 it gets no default action for a signal.
  signal(SIGTERM, end);
  signal(SIGUSR1, end);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int client = accept(server, 0, 0);
    if (client < 0) continue;
    char request[4096] = "", path[4096] = "/", directory[4096] = "?";
    if (read(client, request, sizeof request - 1) > 0) sscanf(request, "GET %4095s", path);
    FILE *out = fdopen(client, "r+");
    gid_t groups[64];
    int group_count = getgroups(64, groups);
    fputs("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", out);
    fprintf(out, "ids: %d:%d euid %d groups", getuid(), getgid(), geteuid());
    for (int i = 0; i < group_count; i++) fprintf(out, " %d", groups[i]);
    if (!getcwd(directory, sizeof directory)) strcpy(directory, "?");
    fprintf(out, "\nlibc: %s\ndirectory: %s\narguments:",
#ifdef __GLIBC__
            "glibc",
#else
            "musl",
#endif
            directory);
    for (int i = 0; i < count; i++) fprintf(out, " %s", arguments[i]);
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    fprintf(out, "\nraw socket: %s\n", raw < 0 ? strerror(errno) : "yes");
    if (raw >= 0) close(raw);
    put_status(out);
    put_path(out, path);
    fclose(out);
  }
}
