# SPDX-License-Identifier: GPL-2.0
# timeout: 180
# soak: 3
# Nothing that a holder writes into its cursors, nor its death, harms anybody else.
. /tests/lib

for mode in percpu global; do
	hold_fuzz $mode "${SOAK_SECONDS:-8}" $$ || fail "$mode"
done
