/**
 * What the administrator gives to the scripts of everybody: scripts that run before and after, those of `include :global`, and lists.
 * Everything is read at once and then lies in memory; a change is read at SIGHUP.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Text } from '#base/text.ts'
import { checkScript } from '#formats/sieve/check.ts'
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import { scriptName } from '../account-scripts.ts'
import { type ListMembers, readList } from './list-file.ts'
import type { SieveScript } from './ports.ts'
import { readText, unreadable } from './text-file.ts'

export type AdministratorFiles = {
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly globalFolder?: string | undefined
  readonly lists: readonly { readonly name: string; readonly file: string }[]
}

export type AdministratorScript = SieveScript & { readonly file: string; readonly problems: readonly SieveProblem[] }

export type AdministratorList = {
  readonly file: string
  readonly members: ListMembers
  readonly problems: readonly SieveProblem[]
}

export type Administrator = {
  /** Broken ones too, which do not run */
  readonly before: readonly AdministratorScript[]
  readonly after: readonly AdministratorScript[]
  /** By name */
  readonly global: ReadonlyMap<string, AdministratorScript>
  /** By URI, as written */
  readonly lists: ReadonlyMap<string, AdministratorList>
  readonly problems: readonly FileProblem[]
}

export type FileProblem = SieveProblem & { readonly file: string }

/** Where no folder of so many scripts is by accident */
const maxGlobalScripts = 1000
const suffix = '.sieve'

/** Never rejects: what cannot be read is a problem. */
export async function readAdministrator(files: AdministratorFiles): Promise<Administrator> {
  const [before, after, global, lists] = await Promise.all([
    Promise.all(files.before.map(file => readScript(file))),
    Promise.all(files.after.map(file => readScript(file))),
    readGlobal(files.globalFolder),
    Promise.all(files.lists.map(async ({ file, name }) => ({ name, file, ...(await readList(file)) }))),
  ])
  const problems = [...before, ...after, ...global.scripts].flatMap(({ file, problems: own }) =>
    own.map(problem => ({ file, ...problem })),
  )
  return {
    before,
    after,
    global: new Map(global.scripts.map(script => [script.name, script])),
    lists: new Map(lists.map(({ name, ...list }) => [name, list])),
    problems: [
      ...problems,
      ...global.problems,
      ...lists.flatMap(({ file, problems: own }) => own.map(problem => ({ file, ...problem }))),
    ],
  }
}

/** `file:line:column: what is wrong` */
export function printFileProblem({ column, file, line, text }: FileProblem, language: keyof Text): string {
  return `${file}:${line}:${column}: ${text[language]}`
}

async function readScript(file: string): Promise<AdministratorScript> {
  const name = basename(file).replace(/\.sieve$/, '')
  const found = await readText(file, maxScriptBytesEver)
  if (typeof found !== 'string') return { name, file, text: '', problems: [{ line: 1, column: 1, text: found }] }
  return { name, file, text: found, problems: checkScript(found, { maxScriptBytes: maxScriptBytesEver }) }
}

async function readGlobal(
  folder: string | undefined,
): Promise<{ readonly scripts: readonly AdministratorScript[]; readonly problems: readonly FileProblem[] }> {
  if (folder === undefined) return { scripts: [], problems: [] }
  const problem = (text: Text) => ({ scripts: [], problems: [{ file: folder, line: 1, column: 1, text }] })
  let names: string[]
  try {
    names = (await readdir(folder)).filter(name => name.endsWith(suffix) && !name.startsWith('.')).toSorted()
  } catch (error) {
    return problem(unreadable(error))
  }
  if (names.length > maxGlobalScripts)
    return problem({
      en: `the folder has ${names.length} scripts; ${maxGlobalScripts} are allowed`,
      ja: `スクリプトが ${names.length} 個あり、上限の ${maxGlobalScripts} 個を超えています`,
    })
  const scripts = await Promise.all(
    names.map(async name => {
      const script = await readScript(join(folder, name))
      return { ...script, name: scriptName(script.name) ?? script.name }
    }),
  )
  return { scripts, problems: [] }
}
