/** Examines messages, which are hostile, and weighs them with what accounts have learnt. Holds nothing that would be lost with it. */
import { join } from 'node:path'
import type { Examination } from '#formats/content/evidence.ts'
import { examine } from '#formats/content/examine.ts'
import type { Database } from '../sqlite.ts'
import { serveEach } from '../serve-each.ts'
import type { ThreadCall } from '../thread.ts'
import { threadData } from '../thread-port.ts'
import { openJunkForReading, readableState } from './junk-file.ts'
import { keptExaminations, openJudgedFiles } from './limits.ts'
import type { Judged, JudgeInput, JudgeOperations } from './operations.ts'
import { unknownSender, weighSender, weighTokens } from './weigh.ts'

const { folder, seed } = threadData as { readonly folder: string; readonly seed: number }
/** Both: the least recently used first */
const files = new Map<string, Database>()
const examined = new Map<string, Examination>()
let shorteners: ReadonlySet<string> = new Set()
let shortenersList: readonly string[] = []

serveEach(operate, () => {
  for (const account of files.keys()) close(account)
})

function operate({ operation, input }: ThreadCall): unknown {
  switch (operation as keyof JudgeOperations) {
    case 'ready':
      return {}
    case 'judge':
      return judge(input as JudgeInput)
    case 'close':
      close((input as { readonly account: string }).account)
      return {}
  }
}

function judge(input: JudgeInput): Judged {
  const examination = examinationOf(input)
  if (!examination) return { missing: true }
  const { evidence, from, bulk } = examination
  const unknown = { missing: false, evidence, from, bulk, learnt: undefined, sender: unknownSender } as const
  const junk = fileOf(input.account)
  const state = junk && readableState(junk)
  // hashed by another seed: of another installation, and soon built anew
  if (!junk || state?.seed !== seed) return unknown
  try {
    return junk.read(() => ({
      ...unknown,
      learnt: weighTokens(junk, state, examination),
      sender: weighSender(junk, state, examination),
    }))
  } catch {
    // what cannot be read is as if it were not there; whoever writes it will find out too
    close(input.account)
    return unknown
  }
}

function examinationOf({ key, message }: JudgeInput): Examination | undefined {
  let examination = examined.get(key)
  if (examination) examined.delete(key)
  else if (message)
    examination = examine(message.bytes, {
      receivedAt: message.receivedAt,
      shorteners: asSet(message.shorteners),
      seed,
    })
  if (!examination) return undefined
  examined.set(key, examination)
  const [oldest] = examined.keys()
  if (examined.size > keptExaminations && oldest !== undefined) examined.delete(oldest)
  return examination
}

function asSet(list: readonly string[]): ReadonlySet<string> {
  if (list.length !== shortenersList.length || list.some((host, index) => host !== shortenersList[index])) {
    shorteners = new Set(list)
    shortenersList = list
  }
  return shorteners
}

function fileOf(account: string): Database | undefined {
  let file = files.get(account)
  if (file) files.delete(account)
  else file = openJunkForReading(join(folder, account))
  if (!file) return undefined
  files.set(account, file)
  const [oldest] = files.keys()
  if (files.size > openJudgedFiles && oldest !== undefined) close(oldest)
  return file
}

function close(account: string): void {
  files.get(account)?.close()
  files.delete(account)
}
