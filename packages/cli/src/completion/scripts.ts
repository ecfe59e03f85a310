export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/* Bash parts words at = : @ and quotation marks by itself: so it is given the line, and only what follows on the last of these is put in. */
const bash = [
  '# bash completion for muster:  source <(muster completion bash)',
  '_muster() {',
  '  local line="${COMP_LINE:0:COMP_POINT}" typed rest before word',
  '  typed="${line##*[[:space:]]}"',
  '  case "$typed" in',
  `    *[\\"\\']*) rest="\${typed##*[\\"\\']}"; before="\${typed%"$rest"}"; before="\${before//[\\"\\']/}" ;;`,
  '    *) rest="${typed##*["$COMP_WORDBREAKS"]}"; before="${typed%"$rest"}" ;;',
  '  esac',
  '  COMPREPLY=()',
  "  while IFS=$'\\t' read -r word _; do",
  '    word="${word#"$before"}"',
  '    case "$word$typed" in *[\\"\\\']*) ;; *[[:space:]]*) printf -v word %q "$word" ;; esac',
  '    COMPREPLY+=("$word")',
  '  done < <("${COMP_WORDS[0]}" __complete --line "$line" 2>/dev/null)',
  '  if [ "${#COMPREPLY[@]}" -eq 1 ]; then',
  '    case "${COMPREPLY[0]}" in *[:=,]) compopt -o nospace 2>/dev/null ;; esac',
  '  fi',
  '}',
  'complete -o bashdefault -o default -F _muster muster',
];

const zsh = [
  '#compdef muster',
  '# zsh completion for muster:  source <(muster completion zsh), after compinit',
  '_muster() {',
  '  local -a found',
  '  found=("${(@f)$(muster __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")',
  '  found=("${(@)found%%$\'\\t\'*}")',
  '  found=("${(@)found:#}")',
  '  if (( $#found )); then compadd -a found; else _files; fi',
  '}',
  'compdef _muster muster',
];

const fish = [
  '# fish completion for muster:  muster completion fish | source',
  'function __muster_complete',
  '  set -l words (commandline -opc) (commandline -ct)',
  '  set -l found (muster __complete -- $words[2..-1] 2>/dev/null)',
  '  if test (count $found) -gt 0',
  "    printf '%s\\n' $found",
  '  else',
  '    __fish_complete_path (commandline -ct)',
  '  end',
  'end',
  "complete -c muster -f -a '(__muster_complete)'",
];

const scripts: Readonly<Record<Shell, readonly string[]>> = { bash, zsh, fish };

/**
 * The text that teaches a shell to complete muster's words. It asks `muster __complete` for them: a word on each line, after a tab what it
 * means. Where there is none, the shell completes file names.
 */
export const completionScript = (shell: Shell): string => `${scripts[shell].join('\n')}\n`;
