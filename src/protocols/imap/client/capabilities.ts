/** What the server can, as it last said. RFC 9051 §7.2.2 */
import type { ServerLine } from './response.ts'

export class ServerCapabilities {
  #names: ReadonlySet<string> | undefined

  /** Undefined: it has not said so since the last change (login, STARTTLS) */
  get names(): ReadonlySet<string> | undefined {
    return this.#names
  }
  /** `LITERAL+`, `AUTH=PLAIN`; in upper case */
  has(name: string): boolean {
    return this.#names?.has(name) ?? false
  }
  get mechanisms(): readonly string[] {
    return [...(this.#names ?? [])].filter(name => name.startsWith('AUTH=')).map(name => name.slice('AUTH='.length))
  }

  /** RFC 9051 §6.2.1, §6.2.2: what was known before is not believed any more. */
  forget(): void {
    this.#names = undefined
  }

  note(line: ServerLine): void {
    if (line.kind === 'capability') this.#names = new Set(line.names)
    if ((line.kind === 'status' || line.kind === 'tagged') && line.code?.name === 'CAPABILITY')
      this.#names = new Set(line.code.names)
  }
}
