#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The completions for bash.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
make_host

# Replacements for functions of the bash-completion package. Only blanks separate words, as with "-n :".
# shellcheck disable=SC2034
_init_completion() {
    words=("${typed[@]}")
    cword=$((${#typed[@]} - 1))
    cur=${words[cword]}
    prev=${words[cword - 1]}
}
__ltrimcolon_completions() { :; }
_filedir() { COMPREPLY=(some-file); }
virsh() { [[ $* == 'list --all --name' ]] && printf '%s\n' guest1 guest2; }
# shellcheck source=tools/completion/gpupass
source "$(dirname "$0")/../../tools/completion/gpupass"

# offers EXPECTED WORD...: compares the completions of the last word.
offers() {
    local expected=$1
    shift
    typed=("$gpupass" "$@")
    COMPREPLY=()
    _gpupass
    printf '%s\n' "${COMPREPLY[*]}" >"$work/out"
    : >"$work/err"
    [[ ${COMPREPLY[*]} == "$expected" ]] || fail "completing '$*': expected '$expected'"
}

offers 'list' li
offers '--json' --js
offers '--start' define --sta
offers '--json' define guest1 --js
offers '0000:60:05.0' --root "$work/root" bind 0000:60:05
offers '0000:60:05.0' bind --root "$work/root" 0000:60:05
offers '0000:60:06.0' --root "$work/root" place --gpu 0000:60:06
offers '0000:60:07.0' --root "$work/root" xml guest1 --device 0000:60:0
offers 'guest1 guest2' xml guest3 --from ''
offers 'windows' xml guest1 --guest w
offers 'some-file' xml guest1 --rom ''
offers 'guest1 guest2' attach ''
offers '0000:60:05.0' --root "$work/root" attach guest1 0000:60:05
offers 'required' place --numa r
offers 'some-file' xml guest1 --base ''
offers '' place --memory ''

# What a guest is called is never run, and the word that is offered is that name.
names=("\$(touch $work/ran)" "\`touch $work/ran\`" 'two words' "it's" 'a "b"' 'back\slash' '*' '~' 'a;b' '$HOME')
virsh() { printf '%s\n' "${names[@]}" ''; }
systemctl() { printf '%s loaded active running\n' 'a\x2db.service' '$(touch${IFS}ran).service'; }
for line in 'define' 'attach' 'xml g --from' 'define g --network'; do
    read -ra typed <<<"$line"
    typed=("$gpupass" "${typed[@]}" '')
    _gpupass
    eval "read_back=(${COMPREPLY[*]})"
    [[ ${read_back[*]@Q} == "${names[*]@Q}" ]] || fail "completing '$line' offers ${COMPREPLY[*]}"
done
[[ ! -e $work/ran ]] || fail 'completion has run a command out of the name of a guest'
offers 'two\ words' attach 'two\ w'
offers '' attach "'two"
offers 'a\\x2db.service' bind --stop a

finish
