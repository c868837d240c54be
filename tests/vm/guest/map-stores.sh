# SPDX-License-Identifier: GPL-2.0
# A store into any page of a ring is a SIGSEGV; other ways to write fail too.
exec mapping stores
