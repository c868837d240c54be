# SPDX-License-Identifier: GPL-2.0
# Debuggers read a ring and cannot write it: /proc/PID/mem, ptrace, process_vm_writev.
exec hostile_force force
