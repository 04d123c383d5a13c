/** Stands between server and client: passes everything on, or plants one fault in the dialogue. */
export type Proxy = {
  /** What a client sends, to know what the server answers */
  command(client: string, text: string): void
  /** A whole response of the server without its last CRLF → what the client gets instead */
  response(client: string, text: string): readonly string[]
  /** How often the fault was planted */
  readonly planted: number
}

export const honestProxy: Proxy = { command: () => undefined, response: (_, text) => [text], planted: 0 }
