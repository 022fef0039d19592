# SPDX-License-Identifier: LGPL-2.1-or-later
# For run.sh and long.sh: steps with a title, a result and a time.

failed=
run() {
  title=$1
  shift
  printf '\n== %s\n' "$title"
  start=$(date +%s)
  if "$@"; then result=passed; else result=FAILED failed="$failed, $title"; fi
  printf '== %s: %s in %d s\n' "$title" "$result" "$(($(date +%s) - start))"
}

# The last line, and the exit status.
conclude() {
  if [ -n "$failed" ]; then
    echo "failed: ${failed#, }"
    exit 1
  fi
  echo "all passed"
}
