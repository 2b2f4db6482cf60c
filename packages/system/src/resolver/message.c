#include "message.h"
#include <ctype.h>
#include <string.h>

enum { RESPONSE = 0x8000, OPERATION = 0x7800, TRUNCATED = 0x200, RECURSION_DESIRED = 0x100, RECURSION_AVAILABLE = 0x80, CODE = 0xf };
enum { OPT = 41, OPT_SIZE = 11 };
enum { FLAGS_AT = 2, QUESTIONS_AT = 4, ANSWERS_AT = 6, AUTHORITIES_AT = 8, ADDITIONALS_AT = 10 };

/* Seconds. Short: a container that starts anew may have another address. */
#define TIME_TO_LIVE 10
/* A name that points to the question's. */
#define SAME_NAME (0xc000 | HEADER)

unsigned get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

void put16(uint8_t *at, unsigned value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* Reads the name of the question; where it ends, or 0 if it is malformed. A name that is compressed is: nothing comes before it. */
static size_t read_name(const uint8_t *message, size_t length, char *name)
{
	size_t at = HEADER, used = 0;
	int strange = 0;

	for (;;) {
		size_t left;

		if (at >= length)
			return 0;
		left = message[at++];
		if (left == 0)
			break;
		if (left > 63 || left > length - at || used + left + 1 >= NAME_SIZE)
			return 0;
		for (; left > 0; left--, at++) {
			strange |= message[at] == '.' || message[at] == '\0';
			name[used++] = tolower(message[at]);
		}
		name[used++] = '.';
	}
	name[strange || used == 0 ? 0 : used - 1] = '\0';
	return at;
}

enum rcode read_query(const uint8_t *message, size_t length, struct question *question)
{
	const uint8_t *extension;
	size_t end;

	if (length < HEADER || get16(message + FLAGS_AT) & RESPONSE)
		return NO_QUERY;
	*question = (struct question){ .end = HEADER, .limit = PLAIN_LIMIT };
	if (get16(message + FLAGS_AT) & OPERATION)
		return NOT_IMPLEMENTED;
	if (get16(message + QUESTIONS_AT) != 1)
		return FORMAT_ERROR;
	end = read_name(message, length, question->name);
	if (end == 0 || length - end < 4)
		return FORMAT_ERROR;
	question->type = get16(message + end);
	question->class = get16(message + end + 2);
	question->end = end += 4;
	extension = message + end;
	if (get16(message + ANSWERS_AT) == 0 && get16(message + AUTHORITIES_AT) == 0 && get16(message + ADDITIONALS_AT) > 0 &&
	    length - end >= OPT_SIZE && extension[0] == 0 && get16(extension + 1) == OPT) {
		question->extended = 1;
		if (get16(extension + 3) > question->limit)
			question->limit = get16(extension + 3);
	}
	return NO_ERROR;
}

void start_answer(struct answer *answer, const uint8_t *query, const struct question *question, enum rcode code)
{
	unsigned asked = get16(query + FLAGS_AT);

	memcpy(answer->bytes, query, question->end);
	put16(answer->bytes + FLAGS_AT, RESPONSE | (asked & (OPERATION | RECURSION_DESIRED)) | RECURSION_AVAILABLE | code);
	put16(answer->bytes + QUESTIONS_AT, question->end > HEADER);
	memset(answer->bytes + ANSWERS_AT, 0, HEADER - ANSWERS_AT);
	answer->length = question->end;
	if (question->extended)
		answer->limit -= OPT_SIZE;
}

int add_record(struct answer *answer, enum type type, const void *data, size_t length)
{
	uint8_t *record = answer->bytes + answer->length;

	if (12 + length > answer->limit - answer->length) {
		put16(answer->bytes + FLAGS_AT, get16(answer->bytes + FLAGS_AT) | TRUNCATED);
		return 0;
	}
	put16(record, SAME_NAME);
	put16(record + 2, type);
	put16(record + 4, IN);
	put16(record + 6, 0);
	put16(record + 8, TIME_TO_LIVE);
	put16(record + 10, length);
	memcpy(record + 12, data, length);
	answer->length += 12 + length;
	put16(answer->bytes + ANSWERS_AT, get16(answer->bytes + ANSWERS_AT) + 1);
	return 1;
}

void end_answer(struct answer *answer, const struct question *question)
{
	uint8_t *record = answer->bytes + answer->length;

	if (!question->extended)
		return;
	memset(record, 0, OPT_SIZE);
	put16(record + 1, OPT);
	put16(record + 3, LONGEST_QUERY);
	put16(answer->bytes + ADDITIONALS_AT, 1);
	answer->length += OPT_SIZE;
	answer->limit += OPT_SIZE;
}

size_t write_name(uint8_t *to, const char *name)
{
	size_t used = 0;

	for (;;) {
		size_t label = strcspn(name, ".");

		if (label == 0 || label > 63 || used + label + 2 > NAME_SIZE - 1)
			return 0;
		to[used++] = label;
		memcpy(to + used, name, label);
		used += label;
		name += label;
		if (*name++ == '\0')
			break;
	}
	to[used++] = 0;
	return used;
}

int is_answer(const uint8_t *message, size_t length, const uint8_t *query, size_t end)
{
	if (length < HEADER || get16(message) != get16(query) || !(get16(message + FLAGS_AT) & RESPONSE))
		return 0;
	/* A server that did not understand the query may not repeat it. */
	if (get16(message + QUESTIONS_AT) == 0)
		return code_of(message) != NO_ERROR;
	if (get16(message + QUESTIONS_AT) != 1 || length < end)
		return 0;
	for (size_t at = HEADER; at < end; at++)
		if (tolower(message[at]) != tolower(query[at]))
			return 0;
	return 1;
}

enum rcode code_of(const uint8_t *message)
{
	return get16(message + FLAGS_AT) & CODE;
}
