#!/bin/sh
# acm-schedule SECONDS COMMAND...: run "acm-etl COMMAND..." now and then every SECONDS, until SIGTERM or Ctrl-C.
# acm-schedule --check: for the health check of the container: fail if the last success is older than two intervals.
set -eu
state="${ACM_SCHEDULE_STATE:-/var/lib/acm/schedule}"

if [ "$1" = --check ]; then
    # A container that runs a single command has no schedule, and is healthy while it runs.
    [ -e "$state/interval" ] || exit 0
    age=$(($(date +%s) - $(date -r "$state/success" +%s)))
    # One interval for the run itself: the first backfill of a long history takes hours.
    [ "$age" -le $((2 * $(cat "$state/interval"))) ] || {
        echo "the last successful run was $age s ago"
        exit 1
    }
    exit 0
fi

interval=$1
shift
mkdir -p "$state"
echo "$interval" >"$state/interval"
# The start counts as a success: a container is not ill before it had the time to run.
touch "$state/success"
# As process 1 of the container, the shell has to hand on signals itself, and to wait until the batch is published.
stop() {
    trap - TERM INT
    # $!, not a variable of our own: a signal may come right after a process was started.
    if [ -n "${!:-}" ]; then
        # Until it runs its program it is a copy of this shell, command line included, which would take the signal for
        # one to be trapped, and forget it. One signal only: acm-etl takes a second one as an order to stop at once.
        while cmp -s "/proc/$!/cmdline" "/proc/$$/cmdline"; do sleep 0.1; done
        kill -TERM "$!" 2>/dev/null || true
        wait "$!" || true
    fi
    exit 143
}
trap stop TERM INT
while :; do
    acm-etl "$@" &
    # Exit code 1 means that some machines failed, 3 that the server is unreachable: the next run tries again.
    if wait "$!"; then touch "$state/success"; fi
    sleep "$interval" &
    wait "$!" || true
done
