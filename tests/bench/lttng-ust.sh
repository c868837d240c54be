#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# lttng-ust.sh start|stop NAME DIR CASE PID: a session of LTTng for one program. CASE produce-default: all as LTTng has
# it by default, but that the trace is one file that does not grow for ever. Any other: the program overwrites the
# oldest, as a flight recorder: four parts of 256 KiB for each CPU. A session daemon is started if none runs, and
# stopped then.
set -u
name=$2 dir=$3 case=$4 pid=$5
mkdir -p "$dir" || exit 1
log=$dir/log

start() {
	if ! lttng --no-sessiond list; then
		lttng-sessiond --no-kernel --daemonize --pidfile "$dir/pid" || return
		touch "$dir/ours"
	fi
	case $case in
	produce-default) kind='' options='--tracefile-size 4M --tracefile-count 1' ;;
	*) kind=--snapshot options='--overwrite --subbuf-size 256k --num-subbuf 4' ;;
	esac
	# shellcheck disable=SC2086	# several options, or none
	lttng create "$name" $kind --output "$dir/trace" &&
		lttng enable-channel -s "$name" -u $options bench &&
		lttng track -s "$name" -u --vpid "$pid" &&
		lttng enable-event -s "$name" -u -c bench 'kring_bench:*' &&
		lttng start "$name"
}

case $1 in
start) start >"$log" 2>&1 </dev/null || { tail -n 1 "$log"; exit 1; } ;;
stop)
	lttng --no-sessiond destroy "$name" --no-wait >>"$log" 2>&1
	[ ! -e "$dir/ours" ] || kill "$(cat "$dir/pid")"
	rm -rf "$dir" ;;
esac
