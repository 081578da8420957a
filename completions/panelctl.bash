# bash completion for panelctl
_panelctl() {
  local line
  COMPREPLY=()
  line=$(panelctl __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  if [[ $? -eq 10 ]]; then
    compopt -o default 2>/dev/null
    return 0
  fi
  local IFS=$'\n' reply
  while read -r reply; do
    [[ -n $reply ]] && COMPREPLY+=("$reply")
  done <<<"$line"
}
complete -F _panelctl panelctl
