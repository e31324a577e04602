#!/bin/sh
# Takes out of a virtual environment what no process of an image reads: trim.sh /app/.venv [PATH IN SITE-PACKAGES…]
#
# Tests of the libraries, what only compilers and type checkers read, and parts that nothing here imports; of one image alone
# what is named. tests/stack/test_images.py holds what is left to its size, and every container runs on it.
set -eu

cd "$1"/lib/python3.*/site-packages
shift

# uv's lock, which anybody could write to.
rm -f ../../../.lock
find . -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find . -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' -o -name '*.map' \) -delete

# The same library once more, for programs in C: its Python module links none of it. And what makes graphs of other frameworks.
rm -rf onnxruntime/capi/libonnxruntime.* onnxruntime/backend onnxruntime/datasets onnxruntime/transformers
# Arrow's remote procedure calls.
rm -rf pyarrow/libarrow_flight.* pyarrow/libarrow_python_flight.* pyarrow/_flight.*
# For compilers and testers.
rm -rf pyarrow/include sqlalchemy/testing

for path in "$@"; do
    [ -e "$path" ] || { echo "trim.sh: there is no $path" >&2; exit 1; }
    rm -rf "$path"
done
