// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_speculation MODULE FUNCTION...: each of these functions limits the number that a program
 * gave it also where the processor only guesses (array_index_nospec()), as the module's own
 * instructions show.
 */
#include <elf.h>
#include <sys/stat.h>
#include "guest.h"

/*
 * The mask that array_index_nospec() makes: on x86 "sbb reg, reg"; where the architecture has no
 * way of its own (user-mode Linux), a shift of the difference's sign over all bits, "sar $63, reg".
 */
static bool masks(const unsigned char *code, size_t size)
{
	for (size_t i = 0; i + 4 <= size; i++) {
		if ((code[i] & 0xf8) != 0x48)
			continue;
		if ((code[i + 1] == 0x19 || code[i + 1] == 0x1b) && code[i + 2] >= 0xc0 &&
		    (code[i + 2] & 7) == (code[i + 2] >> 3 & 7))
			return true;
		if (code[i + 1] == 0xc1 && (code[i + 2] & 0xf8) == 0xf8 && code[i + 3] == 63)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	int fd = open(argc > 2 ? argv[1] : "", O_RDONLY);
	const unsigned char *file;
	const Elf64_Shdr *sections;
	const Elf64_Ehdr *head;
	struct stat about;

	must(fd >= 0 && !fstat(fd, &about));
	file = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	must(file != MAP_FAILED);
	head = (const void *)file;
	must(!memcmp(head->e_ident, ELFMAG, SELFMAG) && head->e_machine == EM_X86_64);
	sections = (const void *)(file + head->e_shoff);
	for (int arg = 2; arg < argc; arg++) {
		bool found = false;

		for (int s = 0; s < head->e_shnum; s++) {
			if (sections[s].sh_type != SHT_SYMTAB)
				continue;

			const Elf64_Sym *symbols = (const void *)(file + sections[s].sh_offset);
			const char *names =
				(const char *)file + sections[sections[s].sh_link].sh_offset;

			for (size_t i = 0; i < sections[s].sh_size / sizeof(*symbols); i++) {
				const Elf64_Sym *at = &symbols[i];

				if (strcmp(names + at->st_name, argv[arg]) || !at->st_size)
					continue;
				found = true;
				check(masks(file + sections[at->st_shndx].sh_offset + at->st_value,
					    at->st_size),
				      "%s uses a number as it is", argv[arg]);
			}
		}
		check(found, "no function %s", argv[arg]);
	}
	return !!failures;
}
