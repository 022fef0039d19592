# fish completion for gpupass(8)
# SPDX-License-Identifier: GPL-2.0-or-later

# gpupass itself knows what may stand where; see tools/gpupass/completion.hpp.
function __gpupass_candidates
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($before[1] __complete $before[2..-1] "$current" 2>/dev/null)
    set -l option (string match -r '^--[a-z-]+=' -- "$current")
    if test "$lines[1]" = files
        __fish_complete_path (string replace -r '^--[a-z-]+=' '' -- "$current")
    else
        printf '%s\n' "$option"$lines[2..-1]
    end
end
complete -c gpupass -f -a '(__gpupass_candidates)'
