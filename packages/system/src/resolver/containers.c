#define _GNU_SOURCE
#include "containers.h"
#include "memory.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_FILE (1 << 20)

struct container *containers;

/* A part of a text. */
struct word {
	const char *text;
	size_t length;
};

/* Takes the next word off `rest`: what ends at one of `separators` or at the end; 0 if there is none. */
static int next_word(struct word *rest, const char *separators, struct word *word)
{
	while (rest->length > 0 && strchr(separators, *rest->text))
		rest->text++, rest->length--;
	*word = (struct word){ rest->text, 0 };
	while (rest->length > 0 && !strchr(separators, *rest->text))
		rest->text++, rest->length--, word->length++;
	return word->length > 0;
}

static struct word whole(const char *text)
{
	return (struct word){ text, text ? strlen(text) : 0 };
}

static int equals(struct word one, struct word other)
{
	return one.length == other.length && strncasecmp(one.text, other.text, one.length) == 0;
}

/* Splits `word` at its first colon. */
static int split(struct word word, struct word *before, struct word *after)
{
	const char *colon = memchr(word.text, ':', word.length);

	if (!colon)
		return 0;
	*before = (struct word){ word.text, colon - word.text };
	*after = (struct word){ colon + 1, word.length - before->length - 1 };
	return 1;
}

/* A file as text; NULL if it cannot be read. */
static char *read_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	char *text = NULL;

	if (descriptor < 0)
		return NULL;
	if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= LARGEST_FILE && (text = claim(status.st_size + 1))) {
		ssize_t length = read(descriptor, text, status.st_size);

		text[length < 0 ? 0 : length] = '\0';
	}
	close(descriptor);
	return text;
}

/* A file of a container's state. */
static char *read_state(const char *container, const char *file)
{
	char path[sizeof(CONTAINERS) + NAME_MAX + 20];

	if (strlen(container) > NAME_MAX)
		return NULL;
	stpcpy(stpcpy(stpcpy(stpcpy(path, CONTAINERS "/"), container), "/"), file);
	return read_file(path);
}

/* The value of a variable of shell, which is between quotes and has none in it; without text if it is not there. */
static struct word variable(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text) {
		if (strncmp(text, name, length) == 0 && text[length] == '=' && text[length + 1] == '\'')
			return (struct word){ text + length + 2, strcspn(text + length + 2, "'") };
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return (struct word){ NULL, 0 };
}

/* Copies a text to `*at`, which it moves on; NULL for none. */
static char *keep(char **at, struct word text)
{
	char *kept = text.text ? *at : NULL;

	if (kept)
		*at = (char *)mempcpy(kept, text.text, text.length) + 1;
	return kept;
}

struct container *read_container(const char *name)
{
	char *networks = read_state(name, "networks"), *service = read_state(name, "bundle/service");
	struct word names = variable(service, "names"), links = variable(service, "links");
	size_t size = strlen(name) + whole(networks).length + names.length + links.length + 4;
	struct container *container = networks ? claim(sizeof(*container) + size) : NULL;
	char *at = (char *)(container + 1);

	if (container) {
		container->name = keep(&at, whole(name));
		container->networks = keep(&at, whole(networks));
		container->names = keep(&at, names);
		container->links = keep(&at, links);
		container->serves = service && strstr(service, "\"containerPort\":53,");
		container->next = containers;
		containers = container;
	}
	release(networks);
	release(service);
	return container;
}

void forget_container(struct container *container)
{
	struct container **link = &containers;

	while (*link != container)
		link = &(*link)->next;
	*link = container->next;
	release(container);
}

struct container *find_container(const char *name)
{
	struct container *container = containers;

	while (container && strcmp(container->name, name) != 0)
		container = container->next;
	return container;
}

static int has_name(const struct container *container, struct word network, struct word name)
{
	struct word rest = whole(container->names), word, its_network, its_name;

	if (!container->names)
		return equals(whole(container->name), name);
	while (next_word(&rest, " ", &word))
		if (split(word, &its_network, &its_name) && equals(its_network, network) && equals(its_name, name))
			return 1;
	return 0;
}

static int has_address(const struct addresses *found, const uint8_t *address)
{
	for (int index = 0; index < found->count; index++)
		if (memcmp(found->bytes[index], address, found->size) == 0)
			return 1;
	return 0;
}

static int parse(struct word word, int family, uint8_t *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (word.length >= sizeof(text))
		return 0;
	memcpy(text, word.text, word.length);
	return inet_pton(family, text, address) == 1;
}

/* Whether the container is in the network; adds its addresses there. */
static int is_in(const struct container *container, struct word network, int family, struct addresses *found)
{
	struct word rest = whole(container->networks), line, word;

	while (next_word(&rest, "\n", &line)) {
		uint8_t address[16];

		if (!next_word(&line, " ", &word) || !equals(word, network))
			continue;
		while (found && next_word(&line, " ", &word))
			if (found->count < MOST_ADDRESSES && parse(word, family, address) && !has_address(found, address))
				memcpy(found->bytes[found->count++], address, found->size);
		return 1;
	}
	return 0;
}

/* The first of the asker's networks that knows the name says which addresses it has. `only`: that network, unless it is empty. */
static int find_by_name(const struct container *asker, struct word name, struct word only, int family, struct addresses *found)
{
	struct word lines = whole(asker->networks), line, network;
	int known = 0;

	while (!known && next_word(&lines, "\n", &line)) {
		if (!next_word(&line, " ", &network) || (only.length > 0 && !equals(network, only)))
			continue;
		for (struct container *one = containers; one; one = one->next)
			known |= has_name(one, network, name) && is_in(one, network, family, found);
	}
	return known;
}

/* The same for a name that `asker` alone gives another container. */
static int find_by_link(const struct container *asker, struct word name, int family, struct addresses *found)
{
	struct word links = whole(asker->links), word, alias, target;

	while (next_word(&links, " ", &word)) {
		struct word lines = whole(asker->networks), line, network;

		if (!split(word, &alias, &target) || !equals(alias, name))
			continue;
		while (next_word(&lines, "\n", &line) && next_word(&line, " ", &network)) {
			int known = 0;

			for (struct container *one = containers; one; one = one->next)
				known |= equals(whole(one->name), target) && is_in(one, network, family, found);
			if (known)
				return 1;
		}
	}
	return 0;
}

int find_addresses(const struct container *asker, const char *name, int family, struct addresses *found)
{
	const struct word any = { "", 0 };
	const char *dot = strrchr(name, '.');

	found->count = 0;
	found->size = family == AF_INET ? 4 : 16;
	return find_by_link(asker, whole(name), family, found) || find_by_name(asker, whole(name), any, family, found) ||
	       (dot && find_by_name(asker, (struct word){ name, dot - name }, whole(dot + 1), family, found));
}

int find_name(const struct container *asker, const char *reverse, char *name, size_t size)
{
	struct word rest = whole(reverse), part, lines = whole(asker->networks), line, network;
	uint8_t address[4];

	for (int index = 3; index >= 0; index--) {
		char digits[4] = "";

		if (!next_word(&rest, ".", &part) || part.length > 3 || strspn(part.text, "0123456789") < part.length)
			return 0;
		memcpy(digits, part.text, part.length);
		address[index] = atoi(digits);
	}
	if (!equals(rest, whole(".in-addr.arpa")))
		return 0;
	while (next_word(&lines, "\n", &line) && next_word(&line, " ", &network))
		for (struct container *one = containers; one; one = one->next) {
			struct addresses found = { .size = 4 };

			if (!is_in(one, network, AF_INET, &found) || !has_address(&found, address) || strlen(one->name) + network.length + 2 > size)
				continue;
			stpncpy(stpcpy(stpcpy(name, one->name), "."), network.text, network.length)[0] = '\0';
			return 1;
		}
	return 0;
}

/* Adds the lines `nameserver ADDRESS` of a text, without the resolver itself. */
static int servers_of(const char *text, union server *servers)
{
	struct word rest = whole(text), line, word;
	int count = 0;

	while (count < MOST_SERVERS && next_word(&rest, "\n", &line)) {
		union server *server = &servers[count];

		if (!next_word(&line, " \t", &word) || !equals(word, whole("nameserver")) || !next_word(&line, " \t", &word))
			continue;
		memset(server, 0, sizeof(*server));
		if (parse(word, AF_INET, (uint8_t *)&server->four.sin_addr))
			server->four.sin_family = AF_INET, server->four.sin_port = htons(53);
		else if (parse(word, AF_INET6, (uint8_t *)&server->six.sin6_addr))
			server->six.sin6_family = AF_INET6, server->six.sin6_port = htons(53);
		else
			continue;
		count += server->any.sa_family != AF_INET || server->four.sin_addr.s_addr != htonl(0x7f00000b);
	}
	return count;
}

int read_servers(const struct container *container, union server *servers)
{
	char *text = read_state(container->name, "dns");
	int count = servers_of(text, servers);

	release(text);
	if (count > 0)
		return count;
	text = read_file(RUN "/resolv.conf");
	count = servers_of(text, servers);
	release(text);
	return count;
}
