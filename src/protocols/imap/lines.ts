/** Ten thousand short responses in a row: joined to pieces of some KiB, with room for others every so often. */
import { lineCheck, linesPieceChars } from './limits.ts'
import type { Output } from './peer.ts'

export class Lines {
  readonly #output: Output
  #text = ''
  #count = 0
  #hadOctets = false

  constructor(output: Output) {
    this.#output = output
  }

  /** ASCII, with its CRLF unless it goes on */
  add(line: string): void {
    this.#text += line
    if (this.#text.length >= linesPieceChars) this.end()
  }

  /** A line that has octets as they are within, those of `octets` from `start` to `end`: goes on with `add`. */
  addOctets(text: string, octets: Uint8Array, start: number, end: number): void {
    this.#text += text
    this.end()
    this.#output.writeRange(octets, start, end)
    this.#hadOctets = true
  }

  /** Also counts what needed no line: to be asked for each message. Then wait for `room`. */
  get isFull(): boolean {
    this.#count += 1
    const isDue = this.#hadOctets || this.#count % lineCheck === 0
    this.#hadOctets = false
    return isDue && this.#output.isFull
  }

  async room(): Promise<void> {
    this.end()
    await this.#output.room()
  }

  /** Hands over what is left. */
  end(): void {
    if (this.#text !== '') this.#output.write(this.#text)
    this.#text = ''
  }
}
