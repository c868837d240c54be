/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of ringcat */
#ifndef RINGCAT_H
#define RINGCAT_H

#include <stdbool.h>

#include "parse.h"
#include "ring.h"

struct options {
	const char *channel;
	bool json;
	bool quiet;
	bool verify;
	bool snapshot;
	bool oldest;
	bool stats_json;
	uint64_t count;		/* events; 0: no bound */
	uint64_t duration;	/* ns; 0: no bound */
	struct cpu_list cpus;	/* count 0: all */
	const char **where;	/* conditions */
	size_t nr_where;
	bool hold;
	char name[KRING_NAME_MAX];	/* of the hold, or "" */
	uint64_t keep;		/* ns */
	const char *state;	/* path, or NULL */
	uint64_t busy;		/* ns */
};

/*
 * Returns -1 to go on with the stream; or an exit code, after it said what was
 * wrong or did what was asked for (-h, -V, --list).
 */
int options_parse(struct options *options, int argc, char **argv);

/* Each record is one line on stdout; errors stay in ferror() */
void print_record_text(const struct ring *ring, const struct ring_record *record);
void print_record_json(const struct ring *ring, const struct ring_record *record);

void print_bytes(const void *bytes, size_t size);
void print_number(uint64_t number);
void print_hex(const void *bytes, size_t size);

/*
 * Looks at the character that text begins with and says how many bytes it has.
 * Returns -1 if it can be printed as it is; else the number to print instead,
 * of a control character (ASCII's or Unicode's) or of a byte that is not UTF-8.
 */
int char_escape(const unsigned char *text, size_t size, size_t *length);

/* In double quotes; escape: printf()'s format for those numbers */
void print_quoted(const unsigned char *text, size_t size, const char *escape);

/* Each text of a KRING_KIND_ARGV */
void print_argv(const struct ring_value *argv, char separator,
		void (*print)(const unsigned char *text, size_t size));

/*
 * From here on INT and TERM end the stream, a second one of them kills at once;
 * USR1 asks for statistics; a closed pipe is an error of write(), not a signal.
 * duration: ns after which the stream ends too, or 0.
 */
void signals_start(struct ring *ring, uint64_t duration);
void signals_stop(void);	/* before ring_close() */
bool signals_ended(void);
bool signals_asked(void);	/* for statistics, since the last call */

/*
 * Where the stream ended: from its file to the options of ring_open(), which then
 * own memory, and back. Both return exit codes, after they said what was wrong.
 */
int state_load(const char *path, struct ring_opts *opts);
int state_save(const char *path, struct ring *ring);

#define REVOKED \
	"the hold was revoked while events were in use: the last one printed may be torn"

/* CLOCK_MONOTONIC, ns */
uint64_t stats_now(void);

/*
 * ring_stats(), tried for so many ms while producers are too fast for it;
 * stats->left is STATS_UNKNOWN if that did not help.
 */
#define STATS_UNKNOWN	UINT64_MAX
void stats_take(struct ring *ring, unsigned int ms, struct ring_stats *stats);

/*
 * The line of statistics on stderr; filtered: events that --where left out;
 * since: when the stream began
 */
void stats_print(const struct ring_stats *stats, uint64_t filtered, uint64_t since,
		 bool json);

#endif
