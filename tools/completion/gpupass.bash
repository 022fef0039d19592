# bash completion for gpupass(8)                                  -*- shell-script -*-
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

# gpupass itself knows what may stand where; see tools/gpupass/completion.hpp.
_gpupass() {
    local cur prev words cword split kind candidate word
    _init_completion -s -n : || return
    COMPREPLY=()
    # What is before the "=" of "--gpu=65:00.0" is the previous word here, as it is in "--gpu 65:00.0".
    local -a before=("${words[@]:1:cword-1}")
    [[ $split == true ]] && before+=("$prev")
    local program=${words[0]/#\~\//$HOME/}
    {
        read -r kind
        if [[ $kind == files ]]; then _filedir; return; fi
        # A guest may have any name: "compgen -W" would run the commands in it. A candidate is offered as a word that
        # the shell reads as that name.
        while IFS=$'\t' read -r candidate _; do
            printf -v word %q "$candidate"
            [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
        done
    } < <("$program" __complete "${before[@]}" "$cur" 2>/dev/null)
    __ltrim_colon_completions "$cur"
}
complete -F _gpupass gpupass
