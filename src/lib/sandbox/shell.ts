/** What a command comes to on an emulated machine, where nothing runs and no time passes. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
  /** Undefined for one that a signal ended. */
  readonly code: number | undefined
  /** Milliseconds that it would have taken. */
  readonly ms: number
}

/** What a command finds there. */
export interface Machine {
  readonly hostname: string
  readonly stdin?: string
  /** The text of a file; undefined where there is none. */
  read?(path: string): string | undefined
  write?(path: string, text: string): void
}

const nothing: Output = {stdout: '', stderr: '', code: 0, ms: 0}

function says(stdout: string): Output {
  return {...nothing, stdout}
}

function escaped(text: string): string {
  return text.replaceAll(/\\(n|t|\d{3})/g, (_, code: string) =>
    code === 'n' ? '\n' : code === 't' ? '\t' : String.fromCharCode(Number.parseInt(code, 8)),
  )
}

type Program = (words: readonly string[], machine: Machine) => Output

/** The few programs that there are. */
const programs: Readonly<Record<string, Program>> = {
  cat: (files, {stdin = '', read}) => {
    const texts = files.map(file => ({file, text: read?.(file)}))
    const missing = texts.filter(({text}) => text === undefined)
    return {
      stdout: files.length === 0 ? stdin : texts.map(({text = ''}) => text).join(''),
      stderr: missing.map(({file}) => `cat: ${file}: No such file or directory\n`).join(''),
      code: missing.length > 0 ? 1 : 0,
      ms: 0,
    }
  },
  echo: words => says(`${words.join(' ')}\n`),
  exit: ([code = '0']) => ({...nothing, code: Number(code) % 256}),
  false: () => ({...nothing, code: 1}),
  head: ([, count = '0', , ...rest], {stdin = ''}) =>
    says((rest.length > 0 || stdin === '' ? '\0'.repeat(Number(count)) : stdin).slice(0, Number(count))),
  hostname: (_, {hostname}) => says(`${hostname}\n`),
  id: () => says('uid=0(root) gid=0(root) groups=0(root)\n'),
  kill: () => ({...nothing, code: undefined}),
  printenv: () => ({...nothing, code: 1}),
  printf: ([format = '', ...words]) => {
    const rest = [...words]
    return says(escaped(format).replaceAll('%s', () => rest.shift() ?? ''))
  },
  seq: words => {
    const [first, last] = words.length > 1 ? words.map(Number) : [1, Number(words[0])]
    const numbers = Array.from(
      {length: Math.max(0, (last ?? 0) - (first ?? 1) + 1)},
      (_, at) => at + (first ?? 1),
    )
    return says(numbers.map(number => `${number}\n`).join(''))
  },
  sh: (words, machine) => runLine(words[0] === '-c' ? (words[1] ?? '') : (machine.stdin ?? ''), machine),
  sleep: ([seconds = '0']) => ({...nothing, ms: Number(seconds) * 1000}),
  tr: ([from = '', to = ''], {stdin = ''}) => says(stdin.replaceAll(escaped(from), to)),
  true: () => nothing,
  uname: (_, {hostname}) => says(`Linux ${hostname} 6.1.0 x86_64 GNU/Linux\n`),
  uptime: () => says(' 12:00:00 up 1 day,  2:00,  0 user,  load average: 0.10, 0.20, 0.30\n'),
  wc: (_, {stdin = ''}) => says(`${Buffer.byteLength(stdin)}\n`),
}

/** What a program says to its arguments; undefined where there is no such program. */
export function runProgram([name = '', ...words]: readonly string[], machine: Machine): Output | undefined {
  return Object.hasOwn(programs, name) ? programs[name]?.(words, machine) : undefined
}

/** What stands in quotes, or behind a backslash. */
const quoted = String.raw`"(?:\\.|[^"\\])*"|'[^']*'|\\.`

/** The words of a command, without their quotes. */
function wordsOf(command: string): string[] {
  const words = command.match(new RegExp(`(?:${quoted}|[^\\s"'\\\\])+`, 'g')) ?? []
  return words.map(word =>
    word.replaceAll(new RegExp(quoted, 'g'), part => {
      if (part.startsWith("'")) return part.slice(1, -1)
      return part.startsWith('\\') ? part.slice(1) : part.slice(1, -1).replaceAll(/\\(["\\$])/g, '$1')
    }),
  )
}

/** A line cut where one of these signs stands outside of quotes. */
function cutAt(sign: ';' | '|', line: string): string[] {
  const parts = line.match(new RegExp(`(?:${quoted}|[^"'\\\\${sign}])+`, 'g')) ?? []
  return parts.map(part => part.trim()).filter(part => part !== '')
}

function runSimple(command: string, machine: Machine): Output {
  const [, bare = '', target] = /^(.*?)\s*(>&2|>\s*\S+)?$/s.exec(command) ?? []
  const words = wordsOf(bare)
  const output = runProgram(words, machine) ?? {
    ...nothing,
    stderr: `sh: 1: ${words[0]}: not found\n`,
    code: 127,
  }
  if (target === undefined) return output
  if (target === '>&2') return {...output, stdout: '', stderr: output.stderr + output.stdout}
  machine.write?.(target.slice(1).trim(), output.stdout)
  return {...output, stdout: ''}
}

/** A line of shell: commands one after the other, pipes, and output that goes to stderr or into a file. */
export function runLine(line: string, machine: Machine): Output {
  let all = nothing
  for (const pipe of cutAt(';', line)) {
    let stdin = machine.stdin
    let last = nothing
    for (const command of cutAt('|', pipe)) {
      last = runSimple(command, stdin === undefined ? machine : {...machine, stdin})
      stdin = last.stdout
      all = {...all, stderr: all.stderr + last.stderr, ms: all.ms + last.ms}
    }
    all = {...all, stdout: all.stdout + last.stdout, code: last.code}
    if (last.code === undefined || /^exit\b/.test(pipe)) break
  }
  return all
}
