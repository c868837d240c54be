# SPDX-License-Identifier: GPL-2.0
# Everything but the read-only, shared, whole mapping is refused, and the ring unharmed.
exec mapping refusals
