_partnersim() {
    local typed="${COMP_LINE:0:$COMP_POINT}"
    local word="${typed##* }"
    local -a earlier
    read -ra earlier <<< "${typed%"$word"}"
    local IFS=$'\n'
    COMPREPLY=($(partnersim completion suggest "$word" "${earlier[@]:1}" 2>/dev/null))
    # Bash replaces only what stands behind the last "=".
    if [[ "$COMP_WORDBREAKS" == *=* && "$word" == *=* ]]; then
        local before="${word%"${word##*=}"}"
        COMPREPLY=("${COMPREPLY[@]#"$before"}")
    fi
    if [[ "${#COMPREPLY[@]}" -eq 1 && "${COMPREPLY[0]}" != *[=./] ]]; then
        COMPREPLY=("${COMPREPLY[0]} ")
    fi
}
complete -o nospace -F _partnersim partnersim
