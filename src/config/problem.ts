import { type Language, say, type Text } from '#base/text.ts'

/** Stable names; doctor, the documentation and the translations use them. */
export type ProblemCode =
  /** Not YAML, an unknown key, or a value of the wrong shape */
  | 'CONF-PARSE'
  /** `$NAME`, `${…}` or `{{…}}` that nobody expands */
  | 'CONF-UNEXPANDED'
  /** A required key or environment variable is absent */
  | 'CONF-MISSING'
  /** Two settings that cannot both hold */
  | 'CONF-CONFLICT'
  /** No configuration file: the program never runs on defaults */
  | 'CONF-DEFAULT'
  /** The data folder would vanish with the container or at a restart */
  | 'CONF-EPHEMERAL'
  /** A file that is named is missing or may not be read */
  | 'CONF-UNREADABLE'
  /** A secret written into the configuration */
  | 'SECRET-LITERAL'
  /** A secret that others on this machine can read */
  | 'SECRET-PERM'
  /** LMTP that strangers could reach */
  | 'LMTP-EXPOSED'
  /** SMTP where LMTP is spoken */
  | 'LMTP-PROTO'

export type Problem = {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** 1-based */
  readonly line: number
  /** 1-based */
  readonly column: number
  /** `listen.1.port`; empty for the file as a whole */
  readonly key: string
  readonly text: Text
}

/** `hikyaku.yaml:5:11: CONF-PARSE listen.1.port: …` */
export function printProblem(problem: Problem, language: Language): string {
  const { file, line, column, code, key, text } = problem
  return `${file}:${line}:${column}: ${code} ${key === '' ? '' : `${key}: `}${say(text, language)}`
}

/** In the order of the file, errors and warnings mixed. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
}
