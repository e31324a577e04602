#!/bin/bash
# Whether both sides of the edge answer. Not whether the service does: then the edge is there to say so.
for side in clients workers; do
    exec 3<>/dev/tcp/127.0.0.1/8001 || exit 1
    printf 'GET /%s HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n' "$side" >&3
    read -r -t 2 _ status _ <&3
    exec 3>&-
    [ "$status" = 200 ] || exit 1
done
