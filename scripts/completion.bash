# SPDX-License-Identifier: GPL-2.0-or-later
# Bash completion for leat: asks the command itself (leat complete WORD...), which reads its table of commands.
# Installed as $PREFIX/share/bash-completion/completions/leat; or: source scripts/completion.bash

_leat() {
	local -a words
	local current prefix
	# Split at spaces only: bash itself would also split at the colons of addresses.
	read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
	current=${words[-1]}
	mapfile -t COMPREPLY < <("${words[0]}" complete "${words[@]:1}" 2> /dev/null)
	# What stands before the last colon or equals sign is a word of its own to bash and must not come again.
	prefix=${current%"${current##*[:=]}"}
	COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
}
complete -o default -F _leat leat
