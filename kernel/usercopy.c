// SPDX-License-Identifier: GPL-2.0
/* Structures from and to user space that start with their own size. */
#include <linux/uaccess.h>
#include <internal.h>

/* Says why a request is refused, to whoever asked; returns error */
int kring_refuse(struct kring_request *req, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(req->message, sizeof(req->message), format, args);
	va_end(args);
	return error;
}

/* 0, -EFAULT, -EINVAL (size is nonsense), -E2BIG (asks for what we don't know) */
int kring_copy_in(void *to, size_t known, const void __user *from)
{
	u32 size;
	int ret;

	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size < sizeof(size) || size > PAGE_SIZE)
		return -EINVAL;
	ret = copy_struct_from_user(to, known, from, size);
	/* The caller may have changed it meanwhile */
	*(u32 *)to = size;
	return ret;
}

/* `to` is as large as the size that `from` begins with says */
int kring_copy_out(void __user *to, const void *from, size_t known)
{
	u32 size = *(const u32 *)from;

	if (size > known) {
		if (clear_user(to + known, size - known))
			return -EFAULT;
		size = known;
	}
	return copy_to_user(to, from, size) ? -EFAULT : 0;
}
