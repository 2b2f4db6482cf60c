/* What the files of running containers say: their networks, addresses and names. */
#ifndef CONTAINERS_H
#define CONTAINERS_H
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* Tests have the files elsewhere. */
#ifndef RUN
#define RUN "/run"
#endif
#define CONTAINERS RUN "/container-os/containers"
#define MOST_ADDRESSES 512
/* Source: resolv.conf(5), MAXNS. */
#define MOST_SERVERS 3

struct container {
	struct container *next;
	char *name;
	char *networks; /* lines: NETWORK ADDRESS[ ADDRESS6] */
	char *names;    /* words NETWORK:NAME; NULL: its own name, in each network */
	char *links;    /* words ALIAS:CONTAINER */
	int serves;     /* it publishes port 53, so that the port is its own program's */
	void *sockets;
};

struct addresses {
	int count;
	size_t size; /* bytes of each */
	uint8_t bytes[MOST_ADDRESSES][16];
};

union server {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* All that have been read. */
extern struct container *containers;

/* Reads the files of a container, which must not be there yet; NULL unless it has networks. */
struct container *read_container(const char *name);
void forget_container(struct container *container);
struct container *find_container(const char *name);

/* Whether `asker` may know `name`; its addresses of a family, which are none if it has only others. */
int find_addresses(const struct container *asker, const char *name, int family, struct addresses *found);
/* The name of the address d.c.b.a.in-addr.arpa, as CONTAINER.NETWORK, if `asker` may know it. */
int find_name(const struct container *asker, const char *reverse, char *name, size_t size);
/* The servers for all other names; how many. */
int read_servers(const struct container *container, union server *servers);
#endif
