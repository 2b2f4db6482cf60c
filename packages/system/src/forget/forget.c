/*
 * forget ADDRESS…
 *
 * Ends the connections that the kernel tracks to and from these IPv4 addresses: their entries in the table of connections, with
 * the translation of addresses and ports that they stand for. Otherwise a peer that goes on sending from the same port, as UDP
 * clients do, would be led to the address of a container that has ended, for as long as it sends.
 *
 * See Linux include/uapi/linux/netfilter/nfnetlink_conntrack.h. BusyBox and nft cannot do this.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From linux/netlink.h, netfilter/nfnetlink.h and netfilter/nfnetlink_conntrack.h, which musl does not have. */
#define NETLINK_NETFILTER 12
#define NFNL_SUBSYS_CTNETLINK 1
enum { CT_GET = 1, CT_DELETE = 2 };
enum { CTA_TUPLE_ORIG = 1, CTA_TUPLE_REPLY = 2, CTA_ID = 12, CTA_ZONE = 18 };
enum { CTA_TUPLE_IP = 1 };
enum { CTA_IP_V4_SRC = 1, CTA_IP_V4_DST = 2 };
enum { FLAG_REQUEST = 1, FLAG_DUMP = 0x300 };
enum { MESSAGE_ERROR = 2, MESSAGE_DONE = 3 };

struct message {
	uint32_t length;
	uint16_t type, flags;
	uint32_t sequence, port;
	uint8_t family, version;
	uint16_t resource;
};

struct attribute {
	uint16_t length, type;
};

#define TYPE_MASK 0x3fff
#define ALIGN(length) (((length) + 3u) & ~3u)
#define BODY(attribute) ((void *)((attribute) + 1))

struct request {
	struct message header;
	char attributes[256];
};

/* The attribute `type` among those of `length` bytes at `first`; NULL without one. */
static struct attribute *find(struct attribute *first, size_t length, int type)
{
	while (length >= sizeof(*first) && first->length >= sizeof(*first) && first->length <= length) {
		size_t step = ALIGN(first->length);

		if ((first->type & TYPE_MASK) == type)
			return first;
		length -= step < length ? step : length;
		first = (struct attribute *)((char *)first + step);
	}
	return NULL;
}

static struct attribute *within(struct attribute *outer, int type)
{
	return outer ? find(BODY(outer), outer->length - sizeof(*outer), type) : NULL;
}

static int is_of(struct attribute *tuple, int type, in_addr_t address)
{
	struct attribute *ip = within(within(tuple, CTA_TUPLE_IP), type);

	return ip && memcmp(BODY(ip), &address, sizeof(address)) == 0;
}

/* Sends the command with copies of `attributes`, each of which may be NULL. */
static int ask(int netlink, int command, int flags, struct attribute **attributes, int count)
{
	struct request request = {
		.header = { .type = NFNL_SUBSYS_CTNETLINK << 8 | command, .flags = FLAG_REQUEST | flags, .family = AF_INET },
	};
	size_t used = 0;

	for (int index = 0; index < count; index++) {
		size_t length = attributes[index] ? attributes[index]->length : 0;

		if (used + ALIGN(length) > sizeof(request.attributes))
			return -1;
		if (length > 0)
			memcpy(request.attributes + used, attributes[index], length);
		used += ALIGN(length);
	}
	request.header.length = sizeof(request.header) + used;
	return send(netlink, &request, request.header.length, 0);
}

/* Deletes the entry that `message` shows if one of its four addresses is `address`. */
static void judge(int netlink, struct message *message, in_addr_t address)
{
	struct attribute *first = BODY(message);
	size_t length = message->length < sizeof(*message) ? 0 : message->length - sizeof(*message);
	struct attribute *original = find(first, length, CTA_TUPLE_ORIG), *reply = find(first, length, CTA_TUPLE_REPLY);
	struct attribute *entry[] = { original, find(first, length, CTA_ZONE), find(first, length, CTA_ID) };

	if (is_of(original, CTA_IP_V4_SRC, address) || is_of(original, CTA_IP_V4_DST, address) || is_of(reply, CTA_IP_V4_SRC, address) ||
	    is_of(reply, CTA_IP_V4_DST, address))
		/* The answer, an error if the entry has just ended by itself, is not read. */
		ask(netlink, CT_DELETE, 0, entry, 3);
}

static int forget(in_addr_t address)
{
	static char answer[32768] __attribute__((aligned(8)));
	int list = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int deletion = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int code = -1;

	if (list < 0 || deletion < 0 || ask(list, CT_GET, FLAG_DUMP, NULL, 0) < 0)
		return 1;
	while (code < 0) {
		ssize_t left = recv(list, answer, sizeof(answer), 0);
		struct message *message = (struct message *)answer;

		if (left <= 0)
			code = 1;
		while (code < 0 && left >= 16 && message->length >= 16 && message->length <= left) {
			if (message->type == MESSAGE_DONE || message->type == MESSAGE_ERROR)
				code = message->type == MESSAGE_ERROR;
			else
				judge(deletion, message, address);
			left -= ALIGN(message->length);
			message = (struct message *)((char *)message + ALIGN(message->length));
		}
	}
	close(list);
	close(deletion);
	return code;
}

int main(int argc, char **argv)
{
	int code = 0;

	for (int index = 1; index < argc; index++) {
		in_addr_t address = inet_addr(argv[index]);

		code |= address == INADDR_NONE || forget(address);
	}
	return code;
}
