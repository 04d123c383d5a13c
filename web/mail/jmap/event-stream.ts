/** Server-sent events as text arrives: the fields of whole events. HTML Living Standard §9.2.6 */

export type ServerEvent = { readonly name: string; readonly data: string; readonly id: string | undefined }

/** What a stream without line ends may collect */
const maxPendingCharacters = 1024 * 1024

export class EventParser {
  #pending = ''
  #name = ''
  #data: string[] = []
  #id: string | undefined

  /** Events that this piece of text ends. */
  take(text: string): ServerEvent[] {
    this.#pending += text
    if (this.#pending.length > maxPendingCharacters) throw new Error('An event is too long')
    const events: ServerEvent[] = []
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.#pending)
      if (!end) return events
      const line = this.#pending.slice(0, end.index)
      this.#pending = this.#pending.slice(end.index + end[0].length)
      const event = this.#line(line)
      if (event) events.push(event)
    }
  }

  #line(line: string): ServerEvent | undefined {
    if (line === '') return this.#end()
    if (line.startsWith(':')) return undefined
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === 'event') this.#name = value
    if (field === 'data') this.#data.push(value)
    if (field === 'id' && !value.includes('\0')) this.#id = value
    return undefined
  }

  #end(): ServerEvent | undefined {
    const event = { name: this.#name || 'message', data: this.#data.join('\n'), id: this.#id }
    const isEmpty = this.#data.length === 0
    this.#name = ''
    this.#data = []
    return isEmpty ? undefined : event
  }
}
