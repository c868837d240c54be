# SPDX-License-Identifier: GPL-2.0
# Two processes that map a ring see the same physical pages.
exec mapping
