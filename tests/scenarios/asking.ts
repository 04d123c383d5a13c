/** A running box asked over its admin socket, as the command line does, without a process for each question. */
import type { Language } from '../../src/base/text.ts'
import { connectAdmin } from '../../src/cli/admin-client.ts'
import { printTrace } from '../../src/cli/trace.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { StoredEvent } from '../../src/mail/events.ts'
import type { StatusReport } from '../../src/mail/status.ts'
import type { Running } from './running.ts'

/** The result of one operation; throws when it is refused. */
export async function ask<Result>(
  { file }: Pick<Running, 'file'>,
  operation: string,
  input: object = {},
): Promise<Result> {
  const loaded = loadConfig(file, {})
  if (!('config' in loaded)) throw new Error(`${file} cannot be read`)
  await using client = await connectAdmin(loaded.config)
  const answer = await client.call(operation, input)
  if (!('result' in answer)) throw new Error(`${operation}: ${JSON.stringify(answer)}`)
  return answer.result as Result
}

/** As `hikyaku trace` prints it. */
export async function traceOf(box: Pick<Running, 'file'>, about: string, language: Language = 'en'): Promise<string> {
  let text = ''
  printTrace(await ask<readonly StoredEvent[]>(box, 'trace', { about }), {
    language,
    out: more => void (text += more),
  })
  return text
}

/** One line of `hikyaku status`, as `well: …` in both languages. */
export async function legOf(
  box: Pick<Running, 'file'>,
  id: string,
): Promise<{ readonly en: string; readonly ja: string }> {
  const leg = (await ask<StatusReport>(box, 'status')).legs.find(one => one.id === id)
  return { en: `${leg?.health}: ${leg?.says.en}`, ja: `${leg?.health}: ${leg?.says.ja}` }
}
