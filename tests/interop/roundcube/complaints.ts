/** What a server has refused, or said wrongly, in the logs that Roundcube keeps of its dialogues. */
import type { Roundcube } from './roundcube.ts'

const refusals = {
  // an answer, or an untagged word, that is neither OK nor data
  imap: /S: (?:\* |A\d+ )(?:BAD|NO|BYE(?! Logging out))/,
  smtp: /Recv: [45]\d\d/,
  sieve: /S: (?:NO|BYE)/,
} as const

/** One line per complaint; PHP's own among them. */
export function complaints(roundcube: Roundcube): readonly string[] {
  const refused = Object.entries(refusals).flatMap(([name, refusal]) => {
    const lines = roundcube.log(name).split('\n')
    return lines.flatMap((line, at) => (refusal.test(line) ? [`${lines[at - 1] ?? ''}\n${line}`] : []))
  })
  return [...refused, ...['errors', 'php'].flatMap(name => roundcube.log(name).split('\n').filter(Boolean))]
}
