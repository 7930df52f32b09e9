# bash completion for recado. Install it as
# /usr/local/share/bash-completion/completions/recado, or source it.

_recado() {
	local cur=${COMP_WORDS[COMP_CWORD]} word
	local -a words=("${COMP_WORDS[@]:0:COMP_CWORD}")
	COMPREPLY=()
	for word in "${words[@]}"; do
		[[ $word != -- ]] || return 0 # behind it there are files and names only
	done
	# recado is asked what fits. The words go to it as they stand: nothing that is
	# half typed is run.
	[[ $cur != -* ]] || words+=("-")
	mapfile -t COMPREPLY < <(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur")
}

complete -o bashdefault -o default -F _recado recado
