# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For scripts: progress TITLE LOG COMMAND... runs the command with its output in LOG. Every five seconds it prints how long
# that takes already, and the last line of the output. If the command fails, it prints the end of the output.
progress() {
  # shellcheck disable=SC3043  # Every shell of Debian has it.
  local title="$1" log="$2" ticker status=0
  shift 2
  : >"$log"
  (
    seconds=0
    while sleep 5 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
      seconds=$((seconds + 5))
      printf '  %s, %d s: %s\n' "$title" "$seconds" "$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-90)"
    done
  ) &
  ticker=$!
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null || true
  [ $status = 0 ] || tail -n 20 "$log" >&2
  return $status
}
