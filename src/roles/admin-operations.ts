/** The one table of everything that can be administered, and how an operation is run. */
import { z } from 'zod'
import { accessOperations } from './admin-access.ts'
import { boxOperations } from './admin-box.ts'
import { directoryOperations } from './admin-directory.ts'
import type { AdminServices, Operation, Refused } from './admin-operation.ts'
import { isRefused } from './admin-operation.ts'
import { dkimOperations } from './admin-dkim.ts'
import { junkOperations } from './admin-junk.ts'
import { searchOperations } from './admin-search.ts'
import { sendingOperations } from './admin-sending.ts'
import { queueOperations } from './admin-queue.ts'
import { sieveOperations } from './admin-sieve.ts'

export type { AdminServices, NamedQueue, Refused } from './admin-operation.ts'

export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    ...boxOperations,
    ...directoryOperations,
    ...accessOperations,
    ...queueOperations,
    ...junkOperations,
    ...searchOperations,
    ...dkimOperations,
    ...sendingOperations,
    ...sieveOperations,
  ].map(item => [item.name, item]),
)

export type Answer = { readonly box: string; readonly result: unknown } | ({ readonly box: string } & Refused)

/** Parses the input and runs the operation. Throws only for faults of ours. */
export async function runOperation(services: AdminServices, name: string, input: unknown): Promise<Answer> {
  const { box } = services
  const found = operations.get(name)
  if (!found)
    return {
      box,
      refused: 'no-such-operation',
      text: { en: `this server knows no ${name}`, ja: `このサーバーは ${name} を知りません` },
    }
  const parsed = found.input.safeParse(input)
  if (!parsed.success) {
    const why = z.prettifyError(parsed.error)
    return { box, refused: 'bad-input', text: { en: `not understood: ${why}`, ja: `入力を理解できません: ${why}` } }
  }
  const result = await found.run(services, parsed.data)
  return isRefused(result) ? { box, refused: result.refused, text: result.text } : { box, result: result ?? {} }
}
