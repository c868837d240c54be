# SPDX-License-Identifier: GPL-2.0
# kring: kernel module, library, tools. "make help" lists the targets.
VERSION := 0.3.0
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
# The kernel to build for: the running one, otherwise the newest whose headers are installed.
KVER ?= $(shell ls -d /lib/modules/$$(uname -r)/build /lib/modules/*/build 2>/dev/null | \
	sort -V | awk -F/ -v r=$$(uname -r) '{ v = $$4; if (v == r) own = v } END { print own ? own : v }')
# Where that kernel was built, or its headers are
KDIR ?= /lib/modules/$(KVER)/build

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))
FLAGS := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -MMD -MP -Iuapi -Ilibring -Ibuild/gen
LIBFLAGS := -fPIC -fvisibility=hidden
SO := build/lib/libring.so
MODULE = build/module$(START)-$(KVER)

lib_objects := $(patsubst %.c,build/obj/%.o,$(wildcard libring/*.c))
tool_sources := $(wildcard tools/*.c)
tool_shared := $(filter-out tools/ringcat% tools/ringctl%,$(tool_sources))
tool_objects = $(patsubst %.c,build/obj/%.o,$(filter tools/$(1)%,$(tool_sources)) $(tool_shared))
# Installed as share/man/manN/NAME.N
man_pages := $(notdir $(wildcard Documentation/man/*.[1-8]))
man_files := $(foreach page,$(man_pages),share/man/man$(subst .,,$(suffix $(page)))/$(page))
guest_programs := $(patsubst tests/vm/guest/%.c,build/vm/bin/%,$(wildcard tests/vm/guest/*.c))

.PHONY: all lib tools module check proof check-debug style fuzz soak bench demo help clean
.PHONY: install install-user install-module uninstall
.PHONY: vm-files vm-modules links deps deps-check
.DELETE_ON_ERROR:
.SECONDARY:

all: lib tools module ## library, tools and module, under build/

lib: $(SO).$(VERSION) build/lib/libring.a ## libring.so and libring.a
tools: build/bin/ringcat build/bin/ringctl ## ringcat and ringctl

deps: ; @tests/deps build
deps-check: ; @tests/deps build check vm

# The system calls of this architecture, as its installed headers have them
build/gen/syscalls.h: Makefile
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)echo '#include <asm/unistd.h>' | $(CC) -dM -E -o $@.all -
	$(Q)awk '/^#define __NR_/ && $$2 !~ /^__NR_(syscalls|arch_specific_syscall)$$/ { name = substr($$2, 6); \
		printf "[__NR_%s] = \"%s\",\n", name, name }' $@.all >$@

build/obj/libring/syscalls.o: build/gen/syscalls.h
build/obj/%.o: %.c Makefile | deps
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS) $(if $(filter libring/%,$<),$(LIBFLAGS)) -DKRING_VERSION='"$(VERSION)"' \
		$(CFLAGS) $(CPPFLAGS) -c -o $@ $<

# The last node of the version script names this version's major and minor number.
$(SO).$(VERSION): $(lib_objects) libring/libring.map
	$(call say,LD,$@)
	@mkdir -p $(@D)
	@node=$$(sed -n 's/^[A-Z]*_\([0-9.]*\) *{.*/\1/p' libring/libring.map | tail -1); \
	case $(VERSION) in "$$node".*) ;; *) echo "libring.map ends with version '$$node', \
	the Makefile says $(VERSION)" >&2; exit 1 ;; esac
	$(Q)$(CC) -shared -Wl,-soname,libring.so.0 -Wl,--version-script,libring/libring.map -Wl,-z,defs \
		$(CFLAGS) $(LDFLAGS) -o $@ $(lib_objects)
	$(Q)ln -sf $(@F) build/lib/libring.so.0 && ln -sf libring.so.0 $(SO)

build/lib/libring.a: $(lib_objects)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

build/bin/ringcat: $(call tool_objects,ringcat)
build/bin/ringctl: $(call tool_objects,ringctl)
build/bin/ringcat build/bin/ringctl: build/lib/libring.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^)

build/vm/bin/%: build/obj/tests/vm/guest/%.o
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -o $@ $^

# What the benchmark does inside a kernel
build/vm/bin/bench: $(patsubst %.c,build/obj/%.o,$(wildcard tests/bench/vm/*.c)) build/lib/libring.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^)

# A program of 32 bits, of which the C library is not there; asm/ serves both
build/vm/bin/hostile_compat: tests/vm/guest/hostile_compat.c $(wildcard uapi/linux/*.h) Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pic -no-pie \
		-nostdlib -static -Iuapi -isystem /usr/include/$(shell $(CC) -print-multiarch) -o $@ $<

# Kbuild writes where the sources lie, so it gets a tree of links to them, one for each kernel.
kbuild = $(call say,KBUILD,"$(1) for $(KVER)")$(newline)	+$(Q)flock $(MODULE) $(MAKE) --no-print-directory \
	$(if $(V),,-s) -C $(KDIR) M=$(CURDIR)/$(MODULE)/$(1) \
	CONFIG_DEBUG_INFO_BTF_MODULES= modules
define newline


endef
links: | deps
	@test -e "$(KDIR)" || { echo "no headers of kernel '$(KVER)': no $(KDIR)" >&2; exit 1; }
	@mkdir -p $(MODULE)/tests/vm && flock $(MODULE) sh -c 'cp -rsf $(CURDIR)/kernel $(CURDIR)/uapi $(MODULE) && \
		cp -rsf $(CURDIR)/tests/vm/modules $(MODULE)/tests/vm && find $(MODULE) -type l \
		\( -xtype l -o -name "*.mod.c" -o ! -name "*.[ch]" ! -name Kbuild \) -delete'

module: links ## kring.ko, for the running kernel or KVER=
	$(call kbuild,kernel)

# Kbuild does not see when the symbols of another module have changed. The tests in the VM also need
# a kring.ko whose positions and sequence numbers can be told where to begin.
vm-modules: module
	+$(Q)$(MAKE) --no-print-directory module START=-start KCFLAGS=-DKRING_START
	$(Q)find $(MODULE)/tests/vm/modules -name Module.symvers ! -newer $(MODULE)/kernel/Module.symvers -delete
	$(call kbuild,tests/vm/modules) KBUILD_EXTRA_SYMBOLS=$(CURDIR)/$(MODULE)/kernel/Module.symvers

vm-files: lib tools vm-modules $(guest_programs) build/vm/bin/bench

check: deps-check ## build and run all tests; the last line is the sum
	+@$(MAKE) --no-print-directory all && tests/run headers man letters bed bench unit vm

proof: ## what shows that the ring is right: memory ordering, models, all schedules, libring's inputs
	@tests/deps build proof fuzz && tests/run letters litmus models sched corpus

check-debug: deps-check ## the module's tests on kernels with sanitizers, and with faults injected
	+@$(MAKE) --no-print-directory all && tests/run uml-bed uml kcsan

style: ## what sparse, checkpatch, coccicheck, analyzers and shellcheck say of the code
	@tests/run style

soak: deps-check ## the long tests; SOAK_SECONDS=300 for each flood, SOAK_BYTES=64 an event
	+@$(MAKE) --no-print-directory all && tests/run soak

fuzz: ## libFuzzer on all that libring reads; TIME=30 seconds for each harness
	+@FUZZ_SECONDS=$(TIME) tests/run fuzz

bench: ## kring beside its peers, into build/bench/; QUICK=1: the main table, in under 3 minutes
	@tests/deps build bench vm debug
	+$(Q)$(MAKE) --no-print-directory -k -C tests/bench $(if $(V),,-s) || echo "bench: some contenders are missing" >&2
	@tests/bench/run $(if $(QUICK),--quick)

demo: tools ## process events and a full-rate load, here or in a VM
	@tests/demo

install: install-user install-module ## everything, under PREFIX and DESTDIR, and the module

install-user: lib tools
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin include/linux include/libring lib/pkgconfig)
	install -m 755 build/bin/ringcat build/bin/ringctl $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard uapi/linux/*.h) $(DESTDIR)$(PREFIX)/include/linux
	install -m 644 libring/ring.h $(DESTDIR)$(PREFIX)/include/libring
	install -m 644 build/lib/libring.a $(DESTDIR)$(PREFIX)/lib
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' libring/libring.pc.in \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/libring.pc
	set -e; for page in $(man_files); do \
		install -D -m 644 Documentation/man/$${page##*/} $(DESTDIR)$(PREFIX)/$$page; done
	install -m 755 $(SO).$(VERSION) $(DESTDIR)$(PREFIX)/lib
	cp -P $(SO) $(SO).0 $(DESTDIR)$(PREFIX)/lib
	$(if $(DESTDIR),,ldconfig)

install-module: module
	install -D -m 644 $(MODULE)/kernel/kring.ko $(DESTDIR)/lib/modules/$(KVER)/extra/kring.ko
	$(if $(DESTDIR),,depmod $(KVER))

uninstall: ## what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/ringcat bin/ringctl $(patsubst uapi/%,include/%,$(wildcard \
		uapi/linux/*.h)) include/libring/ring.h lib/pkgconfig/libring.pc lib/libring.a lib/libring.so \
		lib/libring.so.0 lib/libring.so.$(VERSION) $(man_files)) $(DESTDIR)/lib/modules/$(KVER)/extra/kring.ko
	-rmdir $(DESTDIR)$(PREFIX)/include/libring
	$(if $(DESTDIR),,depmod $(KVER) && ldconfig)

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
	@echo "  V=1 shows the commands; PREFIX=$(PREFIX), DESTDIR=$(DESTDIR), KVER=$(KVER)"

-include $(shell find build/obj -name '*.d' 2>/dev/null)
