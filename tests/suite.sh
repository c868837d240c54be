# SPDX-License-Identifier: GPL-2.0
# For suites that are a list of checks; sourced. suite NAME begins: build/NAME is new and empty, and
# results go to build/results/NAME. The suite ends with "exit $status".
# shellcheck shell=bash
suite() {
	dir=$PWD/build/$1 stage=$PWD/build/$1/stage status=0
	rm -rf "$dir" && mkdir -p "$stage" build/results && exec {record}>"build/results/$1" || exit 1
}

# check NAME COMMAND...
check() {
	local name=$1
	shift
	if "$@" >"$dir/said" 2>&1; then
		echo "ok $name" >&"$record"
	else
		echo "not ok $name ($*)" >&"$record"
		cat "$dir/said"
		# shellcheck disable=SC2034	# read by who sources this
		status=1
	fi
}
