/** `user import`: a passwd-file's plan and what came of it, line by line. */
import { utf8 } from '#base/bytes.ts'
import type { Text } from '#base/text.ts'
import { directoryRefusalText } from '#mail/directory-texts.ts'
import type { Directory } from '#mail/directory.ts'
import {
  applyPasswdImport,
  type PasswdAct,
  type PasswdImportOptions,
  type PasswdProblem,
  type PasswdReport,
  type PasswdResult,
  passwdProblemText,
  planPasswdImport,
} from '#mail/directory/passwd-import.ts'
import type { Refused } from './admin-operation.ts'

export type ImportedLine = {
  /** 1-based */
  readonly line: number
  /** Empty where the line names none */
  readonly address: string
  readonly outcome: 'added' | 'would-add' | 'replaced' | 'would-replace' | 'exists' | 'problem' | 'notice'
  readonly text?: Text
}

export type PasswdFileImport = PasswdImportOptions & { readonly text: string; readonly dryRun: boolean }

const noUsers: Refused = {
  refused: 'AUTH-NOUSERS',
  text: {
    en: 'no user in this file: is it the right one?',
    ja: 'このファイルに利用者が1件もありません。正しいファイルですか?',
  },
}

/** Notices first, then the lines in their order. A dry run changes nothing. */
export async function importPasswdFile(
  directory: Directory,
  { text, dryRun, ...options }: PasswdFileImport,
): Promise<readonly ImportedLine[] | Refused> {
  const report = await planPasswdImport(utf8(text), directory, options)
  if (report.found === 0 && report.cannot.every(({ code }) => code === 'empty')) return noUsers
  const results = dryRun ? undefined : await applyPasswdImport(report, directory)
  const told = [...acts(report, results), ...[...report.cannot, ...report.needsDecision].map(left)]
  return [...report.noticed.map(noticed), ...told.sort((a, b) => a.line - b.line)]
}

function acts(report: PasswdReport, results: readonly PasswdResult[] | undefined): ImportedLine[] {
  return report.willDo.map(({ line, address, act }, index) => {
    const refused = results?.[index]?.refused
    if (refused) return { line, address, outcome: 'problem', text: directoryRefusalText(refused) }
    return { line, address, outcome: outcomes[act][results ? 'done' : 'planned'] }
  })
}

const outcomes = {
  add: { done: 'added', planned: 'would-add' },
  'replace-password': { done: 'replaced', planned: 'would-replace' },
} as const satisfies Readonly<Record<PasswdAct['act'], unknown>>

function left(problem: PasswdProblem): ImportedLine {
  const outcome = problem.code === 'exists' ? 'exists' : 'problem'
  return { line: problem.line, address: problem.address ?? '', outcome, text: passwdProblemText(problem) }
}

function noticed(problem: PasswdProblem): ImportedLine {
  return { line: problem.line, address: problem.address ?? '', outcome: 'notice', text: passwdProblemText(problem) }
}
