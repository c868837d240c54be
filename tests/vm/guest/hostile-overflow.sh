# SPDX-License-Identifier: GPL-2.0
# Offsets and lengths that overflow, together in every way: only whole rings and metadata pages come.
exec hostile_vma overflow
