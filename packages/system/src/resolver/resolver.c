/*
 * resolver
 * resolver add|delete CONTAINER
 *
 * The name server of all containers, 127.0.0.11 in each one's network namespace: it answers for the names and addresses of the
 * containers in the asker's networks, and forwards what else is asked to the container's servers, from its namespace, so that a query
 * goes nowhere that the container itself cannot reach. A service of the OS, one process with one thread. With arguments, it tells
 * that process that a container has joined its networks or has ended, and waits until it has acted on that.
 *
 * A container can make it wait for nothing: every socket is non-blocking, and what one container can have open is limited.
 */
#define _GNU_SOURCE
#include "containers.h"
#include "memory.h"
#include "message.h"
#include "privileges.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONTROL RUN "/container-os/resolver"
#define NAMESPACES RUN "/netns"

/* Of one container. */
#define MOST_QUERIES 64
#define MOST_CLIENTS 16
/* Milliseconds. A program asks again, or gives up, after 5 s. */
#define SERVER_TIME 2000
#define CLIENT_TIME 10000
#define SWEEP_TIME 15000
#define ROUNDS 2

enum kind { COMMANDS, QUERIES, CONNECTIONS, CLIENT, SERVER };

/* What epoll watches. */
struct source {
	enum kind kind;
	int fd;
	void *owner;
};

/* A container's end: the namespace, and the sockets in it. */
struct sockets {
	struct container *container;
	ino_t inode;
	int namespace;
	struct source queries, connections;
	int query_count, client_count;
};

/* A connection of a container by TCP; one query at a time. */
struct client {
	struct client *next;
	struct source source;
	struct sockets *sockets;
	struct query *query;
	long deadline;
	int broken;
	uint8_t *answer;
	size_t answer_length, sent, received;
	uint8_t bytes[2 + LONGEST_QUERY];
};

/* A query that waits for the answer of a server. */
struct query {
	struct query *next;
	struct source source;
	struct sockets *sockets;
	struct client *client; /* NULL: by UDP, from `asker` */
	struct sockaddr_in asker;
	struct question question;
	long deadline;
	int tried;
	unsigned id; /* the asker's; that in `bytes` is ours */
	size_t length, moved;
	uint8_t *answer;
	uint8_t bytes[]; /* after its length, as TCP sends it */
};

static struct client *clients;
static struct query *queries;
static int events, home;
/* The largest message. */
static uint8_t buffer[65536];

static void complain(const char *what, const char *why)
{
	struct iovec parts[] = { { (void *)what, strlen(what) }, { ": ", 2 }, { (void *)why, strlen(why) }, { "\n", 1 } };

	writev(2, parts, 4);
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void watch(struct source *source, int operation, uint32_t wanted)
{
	struct epoll_event event = { .events = wanted, .data.ptr = source };

	epoll_ctl(events, operation, source->fd, &event);
}

static void close_source(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}

static void go_home(void)
{
	if (setns(home, CLONE_NEWNET) != 0)
		_exit(1);
}

/* A socket in a namespace; -1 without one. */
static int socket_in(int namespace, int family, int type)
{
	int made;

	if (setns(namespace, CLONE_NEWNET) != 0)
		return -1;
	made = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	go_home();
	return made;
}

/* Sends an answer to who asked. */
static void respond(struct sockets *sockets, struct client *client, const struct sockaddr_in *asker, const uint8_t *bytes, size_t length)
{
	if (!client) {
		/* An asker that is gone, or takes nothing, has itself to blame. */
		sendto(sockets->queries.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)asker, sizeof(*asker));
		return;
	}
	client->answer = claim(2 + length);
	client->broken = !client->answer;
	if (client->broken)
		return;
	put16(client->answer, length);
	memcpy(client->answer + 2, bytes, length);
	client->answer_length = 2 + length;
	client->sent = 0;
	client->deadline = now() + CLIENT_TIME;
	watch(&client->source, EPOLL_CTL_MOD, EPOLLOUT);
}

static void respond_code(struct sockets *sockets, struct client *client, const struct sockaddr_in *asker, const uint8_t *query,
			 const struct question *question, enum rcode code)
{
	uint8_t bytes[PLAIN_LIMIT];
	struct answer answer = { .bytes = bytes, .limit = sizeof(bytes) };

	start_answer(&answer, query, question, code);
	end_answer(&answer, question);
	respond(sockets, client, asker, answer.bytes, answer.length);
}

/* Answers for containers into `answer`; 0 if the name is none of theirs. */
static int answer_here(const struct container *asker, const uint8_t *query, const struct question *question, struct answer *answer)
{
	static struct addresses found;
	static unsigned turn;
	uint8_t labels[NAME_SIZE];
	char name[NAME_SIZE];
	size_t length;

	if (question->class != IN || question->name[0] == '\0')
		return 0;
	if (find_addresses(asker, question->name, question->type == AAAA ? AF_INET6 : AF_INET, &found)) {
		start_answer(answer, query, question, NO_ERROR);
		if (question->type != A && question->type != AAAA)
			found.count = 0;
		/* Each in its turn is the first, which is what most programs take. */
		turn++;
		for (int index = 0; index < found.count; index++)
			if (!add_record(answer, question->type, found.bytes[(turn + index) % found.count], found.size))
				break;
	} else if (question->type == PTR && find_name(asker, question->name, name, sizeof(name)) && (length = write_name(labels, name)) > 0) {
		start_answer(answer, query, question, NO_ERROR);
		add_record(answer, PTR, labels, length);
	} else {
		return 0;
	}
	end_answer(answer, question);
	return 1;
}

/* Asks a server; 0 if that cannot be done. */
static int ask(struct query *query, union server *server)
{
	size_t size = server->any.sa_family == AF_INET ? sizeof(server->four) : sizeof(server->six);
	uint8_t id[2];

	close_source(&query->source);
	release(query->answer);
	query->answer = NULL;
	query->moved = 0;
	/* A new socket with a port of its own, and a new id: neither can be guessed by who would forge an answer. */
	query->source.fd = socket_in(query->sockets->namespace, server->any.sa_family, query->client ? SOCK_STREAM : SOCK_DGRAM);
	if (query->source.fd < 0 || getrandom(id, sizeof(id), 0) != sizeof(id))
		return 0;
	memcpy(query->bytes + 2, id, sizeof(id));
	if (connect(query->source.fd, &server->any, size) != 0 && !(query->client && errno == EINPROGRESS))
		return 0;
	if (!query->client && send(query->source.fd, query->bytes + 2, query->length, MSG_NOSIGNAL) < 0)
		return 0;
	query->deadline = now() + SERVER_TIME;
	watch(&query->source, EPOLL_CTL_ADD, query->client ? EPOLLOUT : EPOLLIN);
	return 1;
}

/* Asks the next server; 0 if there is none left. */
static int ask_next(struct query *query, int rounds)
{
	union server servers[MOST_SERVERS];
	int count = read_servers(query->sockets->container, servers);

	while (query->tried < count * rounds)
		if (ask(query, &servers[query->tried++ % count]))
			return 1;
	return 0;
}

/* Ends a query without an answer. */
static void end_query(struct query *query)
{
	struct query **link = &queries;

	while (*link != query)
		link = &(*link)->next;
	*link = query->next;
	query->sockets->query_count--;
	if (query->client)
		query->client->query = NULL;
	close_source(&query->source);
	release(query->answer);
	release(query);
}

/* Passes a server's answer on. */
static void deliver(struct query *query, uint8_t *bytes, size_t length)
{
	put16(bytes, query->id);
	respond(query->sockets, query->client, &query->asker, bytes, length);
	end_query(query);
}

/* What becomes of a query when a server has not answered. */
static void go_on(struct query *query)
{
	if (ask_next(query, ROUNDS))
		return;
	put16(query->bytes + 2, query->id);
	respond_code(query->sockets, query->client, &query->asker, query->bytes + 2, &query->question, SERVER_FAILURE);
	end_query(query);
}

/* 0 if it cannot be forwarded. */
static int forward(struct sockets *sockets, struct client *client, const struct sockaddr_in *asker, const uint8_t *bytes, size_t length,
		   const struct question *question)
{
	struct query *query;

	if (sockets->query_count >= MOST_QUERIES || !(query = claim(sizeof(*query) + 2 + length)))
		return 0;
	query->source = (struct source){ SERVER, -1, query };
	query->sockets = sockets;
	query->client = client;
	if (asker)
		query->asker = *asker;
	query->question = *question;
	query->id = get16(bytes);
	query->length = length;
	put16(query->bytes, length);
	memcpy(query->bytes + 2, bytes, length);
	query->next = queries;
	queries = query;
	sockets->query_count++;
	if (client)
		client->query = query;
	if (ask_next(query, 1))
		return 1;
	end_query(query);
	return 0;
}

/* Acts on a message of a container. */
static void take(struct sockets *sockets, struct client *client, const struct sockaddr_in *asker, const uint8_t *bytes, size_t length)
{
	struct question question;
	enum rcode code = read_query(bytes, length, &question);
	struct answer answer = { .bytes = buffer, .limit = client ? sizeof(buffer) - 1 : question.limit };

	if (code == NO_QUERY) {
		if (client)
			client->broken = 1;
		return;
	}
	if (code == NO_ERROR) {
		if (answer_here(sockets->container, bytes, &question, &answer)) {
			respond(sockets, client, asker, answer.bytes, answer.length);
			return;
		}
		if (forward(sockets, client, asker, bytes, length, &question))
			return;
		code = SERVER_FAILURE;
	}
	respond_code(sockets, client, asker, bytes, &question, code);
}

static void take_datagram(struct sockets *sockets)
{
	static uint8_t bytes[LONGEST_QUERY + 1];
	struct sockaddr_in asker;
	socklen_t size = sizeof(asker);
	ssize_t length = recvfrom(sockets->queries.fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&asker, &size);

	if (length >= 0 && length <= LONGEST_QUERY)
		take(sockets, NULL, &asker, bytes, length);
}

static void drop_client(struct client *client)
{
	struct client **link = &clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	if (client->query)
		end_query(client->query);
	client->sockets->client_count--;
	close_source(&client->source);
	release(client->answer);
	release(client);
}

static void take_connection(struct sockets *sockets)
{
	int fd = accept4(sockets->connections.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client = fd < 0 || sockets->client_count >= MOST_CLIENTS ? NULL : claim(sizeof(*client));

	if (!client) {
		if (fd >= 0)
			close(fd);
		return;
	}
	client->source = (struct source){ CLIENT, fd, client };
	client->sockets = sockets;
	client->deadline = now() + CLIENT_TIME;
	client->next = clients;
	clients = client;
	sockets->client_count++;
	watch(&client->source, EPOLL_CTL_ADD, EPOLLIN);
}

/* Takes the query that has been received, if it is whole, else waits for more. */
static void take_message(struct client *client)
{
	size_t length = client->received < 2 ? 0 : get16(client->bytes);

	if (length > LONGEST_QUERY) {
		client->broken = 1;
	} else if (client->received < 2 || client->received < 2 + length) {
		watch(&client->source, EPOLL_CTL_MOD, EPOLLIN);
	} else {
		watch(&client->source, EPOLL_CTL_MOD, 0);
		take(client->sockets, client, NULL, client->bytes + 2, length);
		client->received -= 2 + length;
		memmove(client->bytes, client->bytes + 2 + length, client->received);
	}
}

static void serve_client(struct client *client, uint32_t ready)
{
	ssize_t moved;

	if (client->answer) {
		moved = send(client->source.fd, client->answer + client->sent, client->answer_length - client->sent, MSG_NOSIGNAL);
		client->broken |= moved < 0 && errno != EAGAIN;
		client->sent += moved < 0 ? 0 : moved;
		if (!client->broken && client->sent == client->answer_length) {
			release(client->answer);
			client->answer = NULL;
			take_message(client);
		}
	} else if (client->query) {
		/* Nothing is waited for but the end. */
		client->broken = ready & (EPOLLHUP | EPOLLERR);
	} else {
		moved = recv(client->source.fd, client->bytes + client->received, sizeof(client->bytes) - client->received, 0);
		client->broken = moved == 0 || (moved < 0 && errno != EAGAIN);
		client->received += moved < 0 ? 0 : moved;
		if (!client->broken)
			take_message(client);
	}
	if (client->broken)
		drop_client(client);
}

/* Takes a whole message of a server. */
static void take_answer(struct query *query, uint8_t *bytes, size_t length)
{
	int code;

	if (!is_answer(bytes, length, query->bytes + 2, query->question.end)) {
		/* By UDP it may be a forged one, and the right one still comes. */
		if (query->client)
			go_on(query);
		return;
	}
	code = code_of(bytes);
	/* Another server may know more. */
	if ((code == SERVER_FAILURE || code == REFUSED) && ask_next(query, 1))
		return;
	deliver(query, bytes, length);
}

static void serve_datagram(struct query *query)
{
	ssize_t length = recv(query->source.fd, buffer, sizeof(buffer), 0);

	if (length >= 0)
		take_answer(query, buffer, length);
	else if (errno != EAGAIN)
		go_on(query); /* the port is closed */
}

static void serve_stream(struct query *query)
{
	size_t whole = 2 + query->length;
	ssize_t moved;

	if (!query->answer) {
		moved = send(query->source.fd, query->bytes + query->moved, whole - query->moved, MSG_NOSIGNAL);
		if (moved < 0 && errno != EAGAIN) {
			go_on(query);
			return;
		}
		query->moved += moved < 0 ? 0 : moved;
		if (query->moved < whole)
			return;
		query->moved = 0;
		query->answer = claim(2 + 65535);
		watch(&query->source, EPOLL_CTL_MOD, EPOLLIN);
		if (!query->answer)
			go_on(query);
		return;
	}
	whole = query->moved < 2 ? 2 : 2 + get16(query->answer);
	moved = recv(query->source.fd, query->answer + query->moved, whole - query->moved, 0);
	if (moved == 0 || (moved < 0 && errno != EAGAIN)) {
		go_on(query);
		return;
	}
	query->moved += moved < 0 ? 0 : moved;
	if (query->moved >= 2 && query->moved == 2u + get16(query->answer))
		take_answer(query, query->answer + 2, query->moved - 2);
}

/* Closes all that a container has open, so that nothing keeps its namespace. */
static void leave(struct sockets *sockets)
{
	struct client *next_client;
	struct query *next_query;

	for (struct client *client = clients; client; client = next_client) {
		next_client = client->next;
		if (client->sockets == sockets)
			drop_client(client);
	}
	for (struct query *query = queries; query; query = next_query) {
		next_query = query->next;
		if (query->sockets == sockets)
			end_query(query);
	}
	close_source(&sockets->queries);
	close_source(&sockets->connections);
	close(sockets->namespace);
	release(sockets);
}

static void delete(const char *name)
{
	struct container *container = find_container(name);

	if (!container)
		return;
	if (container->sockets)
		leave(container->sockets);
	forget_container(container);
}

/* The container's namespace; -1 if there is none. By another way than the file, whose mount could not be removed otherwise. */
static int namespace_of(const char *name)
{
	char path[sizeof(NAMESPACES) + NAME_MAX + 1] = NAMESPACES "/";
	int mount, namespace = -1;

	strncat(path, name, NAME_MAX);
	mount = open(path, O_RDONLY | O_CLOEXEC);
	if (setns(mount, CLONE_NEWNET) == 0)
		namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	close(mount);
	go_home();
	return namespace;
}

/* What the file of a container's namespace is; 0: gone. */
static ino_t inode_of(const char *name)
{
	char path[sizeof(NAMESPACES) + NAME_MAX + 1] = NAMESPACES "/";
	struct stat status;

	strncat(path, name, NAME_MAX);
	return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* Opens 127.0.0.11 in the container's namespace. */
static int enter(struct container *container)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(0x7f00000b) };
	const int on = 1;
	struct sockets *sockets = claim(sizeof(*sockets));

	if (!sockets)
		return -1;
	*sockets = (struct sockets){ .container = container, .namespace = namespace_of(container->name), .inode = inode_of(container->name) };
	sockets->queries = (struct source){ QUERIES, socket_in(sockets->namespace, AF_INET, SOCK_DGRAM), sockets };
	sockets->connections = (struct source){ CONNECTIONS, socket_in(sockets->namespace, AF_INET, SOCK_STREAM), sockets };
	/* After a restart of the resolver, connections of before may still be there. */
	setsockopt(sockets->connections.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(sockets->queries.fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    bind(sockets->connections.fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(sockets->connections.fd, 16) != 0) {
		complain(container->name, "no 127.0.0.11 port 53 in its network namespace");
		leave(sockets);
		return -1;
	}
	container->sockets = sockets;
	watch(&sockets->queries, EPOLL_CTL_ADD, EPOLLIN);
	watch(&sockets->connections, EPOLL_CTL_ADD, EPOLLIN);
	return 0;
}

static int add(const char *name)
{
	struct container *container;

	delete(name);
	container = read_container(name);
	return container && !container->serves ? enter(container) : 0;
}

/* Leaves namespaces whose container has ended without a word. */
static void sweep(void)
{
	struct container *next;

	for (struct container *container = containers; container; container = next) {
		struct sockets *sockets = container->sockets;

		next = container->next;
		if (sockets && inode_of(container->name) != sockets->inode)
			delete(container->name);
	}
}

static void take_command(int commands)
{
	char text[NAME_SIZE + 8];
	struct sockaddr_un from;
	socklen_t size = sizeof(from);
	ssize_t length = recvfrom(commands, text, sizeof(text) - 1, 0, (struct sockaddr *)&from, &size);
	char *name;
	int done = -1;

	if (length < 0)
		return;
	text[length] = '\0';
	name = strchr(text, ' ');
	if (name && name[1] != '.' && !strchr(name, '/')) {
		*name++ = '\0';
		if (strcmp(text, "add") == 0)
			done = add(name);
		if (strcmp(text, "delete") == 0)
			delete(name), done = 0;
	}
	sendto(commands, done == 0 ? "" : "!", done != 0, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&from, size);
	sweep();
}

/* Acts on what is late; returns the time until something else will be. */
static int act_on_time(void)
{
	static long next_sweep;
	long time = now(), next = next_sweep;
	struct client *next_client;
	struct query *next_query;

	if (time >= next_sweep) {
		sweep();
		next = next_sweep = time + SWEEP_TIME;
	}
	for (struct query *query = queries; query; query = next_query) {
		next_query = query->next;
		if (time >= query->deadline)
			go_on(query), next = time; /* look again: it may wait for another server */
		else if (query->deadline < next)
			next = query->deadline;
	}
	for (struct client *client = clients; client; client = next_client) {
		next_client = client->next;
		if (client->broken || (!client->query && time >= client->deadline))
			drop_client(client);
		else if (!client->query && client->deadline < next)
			next = client->deadline;
	}
	return next > time ? next - time : 0;
}

static void act_on(struct source *source, uint32_t ready)
{
	struct query *query = source->owner;

	switch (source->kind) {
	case COMMANDS:
		take_command(source->fd);
		break;
	case QUERIES:
		take_datagram(source->owner);
		break;
	case CONNECTIONS:
		take_connection(source->owner);
		break;
	case CLIENT:
		serve_client(source->owner, ready);
		break;
	case SERVER:
		if (query->client)
			serve_stream(query);
		else
			serve_datagram(query);
	}
}

/* Adds the containers that are there. By the system call, since readdir(3) needs malloc(3). */
static void scan(void)
{
	static uint8_t entries[8192] __attribute__((aligned(8)));
	int directory = open(CONTAINERS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long length;

	while ((length = syscall(SYS_getdents64, directory, entries, sizeof(entries))) > 0)
		for (long at = 0; at < length;) {
			struct dirent *entry = (struct dirent *)(entries + at);

			if (entry->d_name[0] != '.')
				add(entry->d_name);
			at += entry->d_reclen;
		}
	close(directory);
}

static const struct sockaddr_un control = { .sun_family = AF_UNIX, .sun_path = CONTROL };

static int serve(void)
{
	struct source commands = { COMMANDS, socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), NULL };
	struct { uint64_t soft, hard; } files;

	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	events = epoll_create1(EPOLL_CLOEXEC);
	unlink(CONTROL);
	umask(0177);
	if (home < 0 || events < 0 || bind(commands.fd, (const struct sockaddr *)&control, sizeof(control)) != 0) {
		complain(CONTROL, "cannot be made");
		return 1;
	}
	/* Not by setrlimit(3), which brings all of musl's threads with it. */
	syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &files);
	files.soft = files.hard;
	syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &files, NULL);
	if (give_up_privileges() != 0) {
		complain("resolver", "cannot give up privileges");
		return 1;
	}
	watch(&commands, EPOLL_CTL_ADD, EPOLLIN);
	scan();
	for (;;) {
		int time = act_on_time();
		struct epoll_event event;

		/* One at a time: what it makes of one may end the source of another. */
		if (epoll_wait(events, &event, 1, time) == 1)
			act_on(event.data.ptr, event.events);
	}
}

/* Tells the service; without it, it will look for itself when it starts. */
static int tell(const char *command, const char *name)
{
	const sa_family_t unnamed = AF_UNIX;
	struct iovec words[] = { { (void *)command, strlen(command) }, { " ", 1 }, { (void *)name, strlen(name) } };
	struct pollfd answer = { .fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), .events = POLLIN };
	int connected = -1;
	char text[2];

	/* The kernel gives it a name, for the answer. */
	bind(answer.fd, (const struct sockaddr *)&unnamed, sizeof(unnamed));
	for (int attempt = 0; connected != 0 && attempt < (*command == 'a' ? 100 : 1); attempt++) {
		if (attempt > 0)
			usleep(20000);
		connected = connect(answer.fd, (const struct sockaddr *)&control, sizeof(control));
	}
	if (connected != 0 || writev(answer.fd, words, 3) < 0) {
		complain("resolver", "the service does not run");
		return 1;
	}
	if (poll(&answer, 1, 5000) != 1) {
		complain("resolver", "the service does not answer");
		return 1;
	}
	return recv(answer.fd, text, sizeof(text), 0) != 0;
}

int main(int argc, char **argv)
{
	return argc == 3 ? tell(argv[1], argv[2]) : serve();
}
