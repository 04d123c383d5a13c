import type { ContentVerdict } from '../judging.ts'
import type { Verdicts } from '../verdicts.ts'

/** Whether a message goes to Junk unless the account's script decides otherwise. */
export function isJunkBy(verdicts: Verdicts | undefined, content: ContentVerdict | undefined): boolean {
  if (content?.verdict === 'junk' || content?.verdict === 'reject') return true
  return verdicts?.authenticity?.dmarc.disposition === 'quarantine'
}
