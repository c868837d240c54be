/* SPDX-License-Identifier: GPL-2.0 */
/* For fuzz_calls.c: any call on files and mappings */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include <setjmp.h>
#include <sys/epoll.h>
#include "fuzz_ioctls.h"

/* Files */

static void call_open(void)
{
	static const int modes[] = { O_RDONLY, O_RDWR, O_RDWR, O_WRONLY };
	struct file *file = &files[below(FILES)];
	char name[KRING_NAME_MAX], path[64];

	if (file->fd >= 0)
		return;
	file->mode = modes[below(4)];
	file->control = below(3) == 0;
	any_channel_name(name);
	snprintf(path, sizeof(path), "/dev/kring/%s", file->control ? "control" : name);
	file->fd = call(open(path, file->mode | O_CLOEXEC | (below(2) ? O_NONBLOCK : 0)),
			ENOENT, ENODEV, EINVAL, ENOMEM);
}

static void call_close(struct file *file)
{
	must(!close(file->fd));
	file->fd = -1;
}

static void call_write(struct file *file)
{
	size_t size = any_number(64) % 70000;

	if (size > PAGE)
		call(write(file->fd, args, size), EBADF, EINVAL, ENODEV, EMSGSIZE, EFAULT, ENOBUFS);
	else
		call(write(file->fd, args + PAGE - size, size), EBADF, EINVAL, ENODEV, EMSGSIZE,
		     ENOBUFS);
	call(read(file->fd, args, 64), EBADF, EINVAL);
	call(lseek(file->fd, below(100), SEEK_SET), ESPIPE);
}

static void call_poll(struct file *file)
{
	struct pollfd poll_fd = { .fd = file->fd, .events = below(0x10000) };
	struct epoll_event event = {
		.events = random64() & (EPOLLIN | EPOLLOUT | EPOLLET | EPOLLONESHOT),
	};

	switch (below(4)) {
	case 0:
		call(poll(&poll_fd, 1, below(4)), EINTR);
		break;
	case 1:
		call(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, file->fd, &event), EEXIST, EPERM);
		break;
	case 2:
		call(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, file->fd, NULL), ENOENT, EPERM);
		break;
	default:
		call(epoll_wait(epoll_fd, &event, 1, below(4)), EINTR);
	}
}

/* Mappings */

static sigjmp_buf caught;

static void catch(int signal)
{
	(void)signal;
	siglongjmp(caught, 1);
}

/* Whether the access came through */
static bool load_byte(const volatile unsigned char *at)
{
	if (sigsetjmp(caught, 1))
		return false;
	(void)*at;
	return true;
}

static bool store_word(volatile uint64_t *at, uint64_t value)
{
	if (sigsetjmp(caught, 1))
		return false;
	*at = value;
	return true;
}

static struct map *free_map(void)
{
	for (struct map *map = maps; map < maps + MAPS; map++)
		if (!map->at)
			return map;
	return NULL;
}

static void call_mmap(struct file *file)
{
	static const int prots[] = { PROT_READ, PROT_READ, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_NONE, PROT_READ | PROT_EXEC };
	struct map *map = free_map();
	uint64_t size = PAGE, offset = 0;
	int prot = prots[below(6)], flags = below(8) ? MAP_SHARED : MAP_PRIVATE;
	struct kring_info info = { .size = sizeof(info) };
	long ret;

	if (!map)
		return;
	map->writable = false;
	if (!file->control && !ioctl(file->fd, KRING_IOC_INFO, &info)) {
		map->writable = below(4) == 0;
		size = map->writable ? info.hold_size : below(4) ? info.map_size : info.data_offset;
		offset = map->writable ? info.hold_offset :
					 below(info.nr_rings + 1) * info.ring_stride;
		if (map->writable)
			prot = PROT_READ | PROT_WRITE;
	}
	if (below(4) == 0) {
		size = any_number(size) % (1ULL << 40);
		offset = any_number(offset);
	}
	ret = call(mmap(NULL, size, prot, flags | (below(8) ? 0 : MAP_POPULATE), file->fd, offset),
		   EACCES, EINVAL, ENXIO, ENODEV, ENOMEM, EOVERFLOW, EPERM);
	if (ret < 0 && ret > -4096)
		return;
	map->writable = info.hold_size && offset == info.hold_offset;
	certain(flags == MAP_SHARED && (map->writable || !(prot & (PROT_WRITE | PROT_EXEC))),
		"mapped with prot %d and flags %d", prot, flags);
	__atomic_add_fetch(&common->maps, 1, __ATOMIC_RELAXED);
	map->at = (void *)ret;
	map->size = (size + PAGE - 1) & ~(PAGE - 1);
	map->changed = prot == PROT_NONE;
}

static void call_on_map(struct map *map)
{
	size_t part = below(map->size / PAGE) * PAGE;
	int prot = below(8);
	uint64_t size;
	long ret;

	switch (below(8)) {
	case 0:
		if (below(4)) {
			ret = call(munmap(map->at, map->size), EINVAL);
			certain(!ret, "a mapping stays");
			map->at = NULL;
		} else if (part) {
			ret = call(munmap(map->at, part), EINVAL);
			certain(ret, "a mapping was split");
		}
		break;
	case 1:
		if (part && !map->changed)
			certain(call(mprotect(map->at, part, PROT_NONE), EINVAL), "split");
		ret = call(mprotect(map->at, map->size, prot), EACCES, EINVAL, ENOMEM);
		/* A child has none that was not to be inherited */
		certain(ret != -ENOMEM || map->changed, "mprotect() finds no mapping");
		certain(ret || map->writable || !(prot & PROT_WRITE), "mprotect() made it writable");
		certain(ret || !(prot & PROT_EXEC), "mprotect() made it executable");
		map->changed |= !ret;
		break;
	case 2:
	case 3:
		size = below(2) ? map->size : any_number(map->size) % (1ULL << 40);
		ret = call(mremap(map->at, map->size, size,
				  below(2) * MREMAP_MAYMOVE | below(8) / 7 * MREMAP_DONTUNMAP),
			   EFAULT, EINVAL, ENOMEM, EAGAIN);
		if (ret < 0 && ret > -4096)
			break;
		certain((size + PAGE - 1) / PAGE == map->size / PAGE, "mremap() to another size");
		map->at = (void *)ret;
		break;
	case 4:
		/* What it may do to such pages is the memory manager's; not to a part */
		ret = madvise(map->at, map->size, below(26));
		map->changed = true;
		break;
	case 5:
		certain(load_byte(map->at + below(map->size)) || map->changed, "it cannot be read");
		break;
	case 6:
		if (!map->writable)
			certain(!store_word((uint64_t *)map->at, 1), "it was written to");
		break;
	default:
		if (map->writable)
			store_word((uint64_t *)map->at + below(map->size / 64) * 8,
				   any_number(KRING_RING_SIZE_MIN));
	}
}

static void calls_any(void);

static void call_fork(void)
{
	unsigned int calls = below(20);
	pid_t parent = getpid(), child;

	if (depth)
		return;
	fflush(stdout);
	child = fork();
	must(child >= 0);
	if (child) {
		child_end(child);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);		/* it was killed meanwhile */
	depth++;
	seed += 2;
	while (calls--)
		calls_any();
	fflush(stdout);
	_exit(!!failures);
}

static void calls_start(void)
{
	struct sigaction action = { .sa_handler = catch };

	for (int i = 0; i < FILES; i++)
		files[i].fd = -1;
	args = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(args != MAP_FAILED && !mprotect(args + PAGE, PAGE, PROT_NONE));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	must(epoll_fd >= 0);
	must(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
}

static void calls_any(void)
{
	struct file *file = &files[below(FILES)];
	struct map *map = &maps[below(MAPS)];
	unsigned int what = below(100);

	if (file->fd < 0)
		call_open();
	else if (what < 50)
		call_ioctl(file);
	else if (what < 60)
		call_mmap(file);
	else if (what < 65)
		call_close(file);
	else if (what < 70)
		call_write(file);
	else if (what < 75)
		call_poll(file);
	else if (what < 76)
		call_fork();
	else if (map->at)
		call_on_map(map);
}

#endif /* FUZZ_CALLS_H */
