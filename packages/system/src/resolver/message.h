/* Messages of DNS: what a query asks, and an answer to it. Nothing here makes a system call. Source: RFC 1035, section 4; RFC 6891. */
#ifndef MESSAGE_H
#define MESSAGE_H
#include <stddef.h>
#include <stdint.h>

#define HEADER 12
#define NAME_SIZE 256
/* Of an answer by UDP, unless the query takes more. */
#define PLAIN_LIMIT 512
/* What fits a packet of Ethernet, whatever surrounds it. */
#define LONGEST_QUERY 1232

enum type { A = 1, PTR = 12, AAAA = 28 };
enum { IN = 1 };
enum rcode { NO_ERROR = 0, FORMAT_ERROR = 1, SERVER_FAILURE = 2, NOT_IMPLEMENTED = 4, REFUSED = 5, NO_QUERY = -1 };

struct question {
	unsigned type, class;
	size_t end;                /* of the question in the message; HEADER if there is none that can be read */
	size_t limit;              /* bytes that the asker takes by UDP */
	int extended;              /* whether the query has an OPT record */
	char name[NAME_SIZE];      /* lower case, with dots; empty if it cannot be a container's */
};

struct answer {
	uint8_t *bytes;
	size_t length, limit;
};

unsigned get16(const uint8_t *at);
void put16(uint8_t *at, unsigned value);

/* NO_ERROR: `question` is what the query asks. NO_QUERY: the message deserves no answer. Otherwise: the code of the answer. */
enum rcode read_query(const uint8_t *message, size_t length, struct question *question);

/* Begins the answer to a query: its header and question. `answer` has at least PLAIN_LIMIT bytes. */
void start_answer(struct answer *answer, const uint8_t *query, const struct question *question, enum rcode code);
/* Adds a record about the name in question; 0 and marked as truncated when there is no room. */
int add_record(struct answer *answer, enum type type, const void *data, size_t length);
/* Adds what an extended query is owed; the last call. */
void end_answer(struct answer *answer, const struct question *question);
/* `name` as labels; the bytes written, at most NAME_SIZE; 0 if it is no name. */
size_t write_name(uint8_t *to, const char *name);

/* Whether the message from a server answers the query, whose question ends at `end`. */
int is_answer(const uint8_t *message, size_t length, const uint8_t *query, size_t end);
enum rcode code_of(const uint8_t *message);
#endif
