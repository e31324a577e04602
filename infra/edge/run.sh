#!/bin/sh
# Runs the edge in front of a service: run.sh NAME PORT
#
# It is two nginx. The first keeps the clients (clients.conf); the second (workers.conf) is renewed every few seconds, and
# lets its last generation go after some more. Three things come of it that nginx has no directive for:
# - the addresses of the service are looked up again: a container made anew, or one more of them, has another;
# - a body has a deadline: who sends a byte a second is cut off with the generation that reads it;
# - connections to the workers are dealt out anew, so that one that was started after a crash gets its share.
# Until the name is known the edge is there all the same, and says 503.
set -eu

name=$1
port=$2
servers=/tmp/servers.conf
# With worker_shutdown_timeout of workers.conf: at most ten for a body, and never fewer than six for an answer.
generation_seconds=4

# A resolver that hangs must not hold up the next generation.
addresses() {
    timeout 2 getent ahostsv4 "$name" | while read -r address kind _; do
        if [ "$kind" = STREAM ]; then echo "$address"; fi
    done | sort -u
}

# Each address once, left out for two seconds where it does not answer: of several, the others are asked meanwhile. And all
# of them again, never left out, for when there is no other. nginx asks a line once for a request: a worker that dies
# may leave a process as many dead connections as it keeps (16, workers.conf), and then three lines must be left.
write_servers() {
    {
        for address in $1; do echo "server $address:$port max_fails=1 fail_timeout=2s;"; done
        for _ in $(seq 19); do
            for address in $1; do echo "server $address:$port max_fails=0 backup;"; done
        done
    } >"$servers.new"
    mv "$servers.new" "$servers"
}

start() {
    nginx -e stderr -c "/etc/edge/$1" -g 'daemon off;' &
}

is_running() {
    kill -0 "$1" 2>/dev/null
}

stop() {
    is_stopping=yes
    kill -QUIT "$clients" 2>/dev/null || true
}

rm -f /tmp/*.sock /tmp/*.pid
# Nobody listens there, which is found out at once.
echo "server 127.0.0.1:9 max_fails=0;" >"$servers"
start workers.conf
workers=$!
until [ -S /tmp/workers.sock ]; do
    is_running "$workers" || exit 1
    sleep 0.1
done
start clients.conf
clients=$!
is_stopping=no
trap stop TERM INT QUIT

while [ "$is_stopping" = no ] && is_running "$clients" && is_running "$workers"; do
    # Of a name that is not known the last addresses are kept: who was there may come back.
    found=$(addresses)
    if [ -n "$found" ]; then write_servers "$found"; fi
    # Before it has written its number it would die of the signal.
    if [ -s /tmp/workers.pid ]; then kill -HUP "$workers"; fi
    sleep "$generation_seconds" &
    wait $! || true
done

# The clients' last answers come from the workers: these stop last.
kill -QUIT "$clients" 2>/dev/null || true
wait "$clients" || true
kill -QUIT "$workers" 2>/dev/null || true
wait "$workers" || true
[ "$is_stopping" = yes ]
