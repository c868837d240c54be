#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# lttng-ust.sh start|stop NAME DIR: a session of LTTng in which programs of user space overwrite the oldest, as a
# flight recorder: four parts of 256 KiB for each CPU. A session daemon is started if none runs, and stopped then.
set -u
name=$2 dir=$3
mkdir -p "$dir" || exit 1
log=$dir/log

start() {
	if ! lttng --no-sessiond list; then
		lttng-sessiond --no-kernel --daemonize --pidfile "$dir/pid" || return
		touch "$dir/ours"
	fi
	lttng create "$name" --snapshot --output "$dir/trace" &&
		lttng enable-channel -s "$name" -u --overwrite --subbuf-size 256k --num-subbuf 4 bench &&
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
