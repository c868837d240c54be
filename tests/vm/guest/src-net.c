// SPDX-License-Identifier: GPL-2.0
/*
 * Connections for src-net.sh. Each command prints what it did as variables of a
 * shell, so that the test knows what must be shown.
 *
 *	src-net tcp ADDRESS SEND BACK	connect to itself, send bytes both ways, close
 *	src-net refused ADDRESS		connect where nobody listens
 *	src-net udp ADDRESS SEND BACK	connect, send bytes both ways, close
 *	src-net udp-again ADDRESS	connect, undo it, and go
 *	src-net unheard ADDRESS		send a packet to where nobody listens
 *	src-net held ADDRESS		connect by UDP, and wait to be killed
 *	src-net many COUNT		so many TCP connections one after another
 */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "guest.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* "::ffff:127.0.0.1" is an IPv4 address on an IPv6 socket */
static socklen_t address_of(const char *text, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->in.sin_addr) == 1) {
		address->any.sa_family = AF_INET;
		return sizeof(address->in);
	}
	must(inet_pton(AF_INET6, text, &address->in6.sin6_addr) == 1);
	address->any.sa_family = AF_INET6;
	return sizeof(address->in6);
}

static unsigned int port_of(const union address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->in.sin_port :
		     address->in6.sin6_port);
}

static unsigned int local_port(int fd)
{
	union address address;
	socklen_t size = sizeof(address);

	must(!getsockname(fd, &address.any, &size));
	return port_of(&address);
}

static int new_socket(const union address *address, int type)
{
	int fd = socket(address->any.sa_family, type, 0);

	must(fd >= 0);
	return fd;
}

/* Bound to a port of its own; *address is where that is */
static int bound(const char *text, union address *address, socklen_t *size, int type)
{
	int fd;

	*size = address_of(text, address);
	fd = new_socket(address, type);
	must(!bind(fd, &address->any, *size));
	must(!getsockname(fd, &address->any, size));
	return fd;
}

static void send_all(int fd, size_t size)
{
	char *bytes = calloc(1, size + 1);
	size_t done = 0;

	must(bytes);
	while (done < size) {
		ssize_t ret = send(fd, bytes + done, size - done, 0);

		must(ret > 0);
		done += ret;
	}
	free(bytes);
}

static void receive_all(int fd, size_t size)
{
	char bytes[4096];

	while (size) {
		ssize_t ret = recv(fd, bytes, size < sizeof(bytes) ? size : sizeof(bytes), 0);

		must(ret > 0);
		size -= ret;
	}
}

static void serve(int listener, size_t receive, size_t back)
{
	char byte;
	int fd = accept(listener, NULL, NULL);

	must(fd >= 0);
	receive_all(fd, receive);
	send_all(fd, back);
	/* The client closes first */
	must(recv(fd, &byte, 1, 0) == 0);
	exit(0);
}

static void do_tcp(const char *text, size_t size, size_t back)
{
	union address address;
	socklen_t length;
	int listener = bound(text, &address, &length, SOCK_STREAM);
	int fd = new_socket(&address, SOCK_STREAM), status;
	pid_t child;

	must(!listen(listener, 1));
	child = fork();
	must(child >= 0);
	if (!child) {
		close(fd);
		serve(listener, size, back);
	}
	must(!connect(fd, &address.any, length));
	printf("client=%d server=%d client_port=%u server_port=%u\n", getpid(), child,
	       local_port(fd), port_of(&address));
	send_all(fd, size);
	receive_all(fd, back);
	close(fd);
	must(waitpid(child, &status, 0) == child && !status);
}

/* A port that was just given back: nobody listens there */
static void do_refused(const char *text)
{
	union address address;
	socklen_t length;
	int holder = bound(text, &address, &length, SOCK_STREAM);
	int fd = new_socket(&address, SOCK_STREAM);

	refused(connect(fd, &address.any, length), ECONNREFUSED);
	printf("client=%d server_port=%u\n", getpid(), port_of(&address));
	close(holder);
}

static void do_udp(const char *text, size_t size, size_t back)
{
	union address address, from;
	socklen_t length, from_length = sizeof(from);
	int other = bound(text, &address, &length, SOCK_DGRAM);
	int fd = new_socket(&address, SOCK_DGRAM);
	char bytes[8192] = "";

	must(!connect(fd, &address.any, length));
	printf("client=%d client_port=%u server_port=%u\n", getpid(), local_port(fd),
	       port_of(&address));
	must(send(fd, bytes, size, 0) == (ssize_t)size);
	must(recvfrom(other, bytes, sizeof(bytes), 0, &from.any, &from_length) == (ssize_t)size);
	must(sendto(other, bytes, back, 0, &from.any, from_length) == (ssize_t)back);
	/* To look is not to take */
	must(recv(fd, bytes, sizeof(bytes), MSG_PEEK) == (ssize_t)back);
	must(recv(fd, bytes, sizeof(bytes), 0) == (ssize_t)back);
	close(fd);
}

static void do_udp_again(const char *text)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	union address address;
	socklen_t length;
	int other = bound(text, &address, &length, SOCK_DGRAM);
	int fd = new_socket(&address, SOCK_DGRAM);

	must(!connect(fd, &address.any, length));
	printf("client=%d client_port=%u server_port=%u\n", getpid(), local_port(fd),
	       port_of(&address));
	must(!connect(fd, &nowhere, sizeof(nowhere)));
	close(fd);
	close(other);
}

static void do_held(const char *text)
{
	union address address;
	socklen_t length;
	int other = bound(text, &address, &length, SOCK_DGRAM);
	int fd = new_socket(&address, SOCK_DGRAM);

	must(!connect(fd, &address.any, length));
	printf("client=%d client_port=%u server_port=%u\n", getpid(), local_port(fd),
	       port_of(&address));
	fflush(stdout);
	pause();
	close(other);
}

static void do_unheard(const char *text)
{
	union address address, own;
	socklen_t length, own_length;
	int holder = bound(text, &address, &length, SOCK_DGRAM);
	int fd = bound(text, &own, &own_length, SOCK_DGRAM);

	close(holder);
	printf("client_port=%u server_port=%u\n", port_of(&own), port_of(&address));
	must(sendto(fd, "hello", 5, 0, &address.any, length) == 5);
}

/* In one process: the kernel makes the connection before accept() */
static void do_many(unsigned int count)
{
	union address address;
	socklen_t length;
	int listener = bound("127.0.0.1", &address, &length, SOCK_STREAM);
	struct linger reset = { .l_onoff = 1 };

	must(!listen(listener, 16));
	while (count--) {
		int fd = new_socket(&address, SOCK_STREAM), peer;

		/* No TIME_WAIT: ports would run out */
		must(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)));
		must(!connect(fd, &address.any, length));
		peer = accept(listener, NULL, NULL);
		must(peer >= 0);
		close(fd);
		close(peer);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "tcp") && argc == 5)
		do_tcp(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (!strcmp(what, "refused"))
		do_refused(argv[2]);
	else if (!strcmp(what, "udp") && argc == 5)
		do_udp(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (!strcmp(what, "udp-again"))
		do_udp_again(argv[2]);
	else if (!strcmp(what, "unheard"))
		do_unheard(argv[2]);
	else if (!strcmp(what, "held"))
		do_held(argv[2]);
	else if (!strcmp(what, "many"))
		do_many(strtoul(argv[2], NULL, 10));
	else
		check(!"unknown command");
	return failures != 0;
}
