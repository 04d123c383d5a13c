import type { Text } from '#base/text.ts'
import type { Place } from '#formats/sieve/syntax.ts'

/** Ends the run; the message is kept in the inbox and the owner is told. RFC 5228 §2.10.6 */
export class SieveFault extends Error {
  readonly text: Text
  /** Set by the statement that it came through first */
  at: Place | undefined
  script: string | undefined

  constructor(text: Text, at?: Place, script?: string) {
    super(text.en)
    this.text = text
    this.at = at
    this.script = script
  }
}
