/** Stands between server and client: passes everything on, or plants faults in what the server says. */
export type Proxy = {
  /** What a client sends, to know what the server answers → what the server gets instead */
  command(client: string, text: string): string
  /** A whole response of the server without its last CRLF → what the client gets instead */
  response(client: string, text: string): readonly string[]
  /** How many faults were planted */
  readonly planted: number
}

export const honestProxy: Proxy = { command: (_, text) => text, response: (_, text) => [text], planted: 0 }

/** What passed on a connection before */
export type Dialogue = {
  /** The first line of the command that is being answered */
  readonly command: string
  /** FLAGS as told last, by message number */
  readonly flags: ReadonlyMap<string, string>
  /** In lower case */
  readonly enabled: ReadonlySet<string>
}

/** Gives the false response, or undefined where there is nothing to falsify */
export type Falsify = (text: string, dialogue: Dialogue) => string | readonly string[] | undefined

/** As if the server had read another command; undefined where there is nothing to change */
export type Rewrite = (line: string, dialogue: Dialogue) => string | undefined

export type Planted = {
  readonly falsify?: Falsify
  readonly rewrite?: Rewrite
  /** Planted at the first occasion, and at each n-th after it: some heal before anybody can notice. Default 4; less where occasions are rare */
  readonly every?: number
}

export function plant({ falsify, rewrite, every = 4 }: Planted): Proxy {
  const dialogues = new Map<string, Wiretap>()
  let occasions = 0
  let planted = 0
  const of = (client: string) => {
    const dialogue = dialogues.get(client) ?? new Wiretap()
    dialogues.set(client, dialogue)
    return dialogue
  }
  return {
    get planted() {
      return planted
    },
    command(client, text) {
      const wiretap = of(client)
      const rewritten = rewrite?.(text, wiretap.dialogue)
      wiretap.command(text)
      if (rewritten === undefined || occasions++ % every > 0) return text
      planted++
      return rewritten
    },
    response(client, text) {
      const wiretap = of(client)
      const falsified = falsify?.(text, wiretap.dialogue)
      wiretap.response(text)
      if (falsified === undefined || occasions++ % every > 0) return [text]
      planted++
      return typeof falsified === 'string' ? [falsified] : falsified
    },
  }
}

class Wiretap {
  #commands: { readonly tag: string; readonly line: string }[] = []
  readonly #flags = new Map<string, string>()
  readonly #enabled = new Set<string>()

  get dialogue(): Dialogue {
    return { command: this.#commands[0]?.line ?? '', flags: this.#flags, enabled: this.#enabled }
  }

  command(text: string): void {
    const [line = '', tag] = /^([a-z]\d+) [^\r\n]*/.exec(text) ?? []
    if (tag !== undefined) this.#commands.push({ tag, line })
    if (!line.includes(' LOGIN ')) return
    this.#commands = [{ tag: tag ?? '', line }]
    this.#enabled.clear()
  }

  response(text: string): void {
    const [, number, flags] = /^\* (\d+) FETCH .*(FLAGS \([^)]*\))/.exec(text) ?? []
    if (number !== undefined && flags !== undefined) this.#flags.set(number, flags)
    const [, enabled] = /^\* ENABLED (.*)$/.exec(text) ?? []
    for (const name of enabled?.split(' ') ?? []) this.#enabled.add(name.toLowerCase())
    // numbers are others now
    if (/^\* (\d+ EXPUNGE|VANISHED|OK \[CLOSED\])/.test(text)) this.#flags.clear()
    if (text.startsWith(`${this.#commands[0]?.tag} `)) this.#commands.shift()
  }
}
