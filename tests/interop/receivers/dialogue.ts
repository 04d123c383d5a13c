/** Who says what in an SMTP connection that a proxy looks at: which reply belongs to which command, and what is a letter. */

export type Stage = 'greeting' | 'EHLO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'body' | 'end' | 'other'

export class Dialogue {
  /** Stages whose replies have not come */
  readonly #owed: Stage[] = ['greeting']
  #fromClient = Buffer.alloc(0)
  #fromServer = Buffer.alloc(0)
  /** Octets of a chunk that are to come; Infinity: up to the dot */
  #body = 0
  #tail = ''
  #encrypted = false
  #bodyBegun = false

  /** Something of a letter has come */
  get bodyBegun(): boolean {
    return this.#bodyBegun
  }

  owes(stage: Stage): boolean {
    return this.#owed.includes(stage)
  }

  /** What may be passed on now; `hear` is told of each command. */
  fromClient(chunk: Buffer, hear: (command: string) => void): Buffer {
    if (this.#encrypted) return chunk
    this.#fromClient = Buffer.concat([this.#fromClient, chunk])
    const passed: Buffer[] = []
    for (let piece = this.#piece(hear); piece; piece = this.#piece(hear)) passed.push(piece)
    return Buffer.concat(passed)
  }

  #piece(hear: (command: string) => void): Buffer | undefined {
    if (this.#fromClient.length === 0) return undefined
    if (this.#body > 0) return this.#pieceOfBody()
    const end = this.#fromClient.indexOf('\r\n')
    if (end < 0) return undefined
    const line = this.#take(end + 2)
    const command = line.subarray(0, -2).toString()
    this.#owed.push(stageOf(command))
    const chunk = /^BDAT (\d+)/i.exec(command)?.[1]
    if (chunk !== undefined) this.#body = Number(chunk)
    hear(command)
    return line
  }

  #pieceOfBody(): Buffer {
    this.#bodyBegun = true
    if (Number.isFinite(this.#body)) {
      const piece = this.#take(Math.min(this.#body, this.#fromClient.length))
      this.#body -= piece.length
      return piece
    }
    const piece = this.#take(this.#fromClient.length)
    this.#tail = (this.#tail + piece.subarray(-5).toString('latin1')).slice(-5)
    // nothing is pipelined behind the dot by a client that waits for the reply
    if (this.#tail === '\r\n.\r\n') {
      this.#body = 0
      this.#tail = ''
      this.#owed.push('end')
    }
    return piece
  }

  #take(count: number): Buffer {
    const piece = this.#fromClient.subarray(0, count)
    this.#fromClient = this.#fromClient.subarray(count)
    return piece
  }

  /** Whole replies, each with what it answers. After STARTTLS was taken: octets of no stage. */
  *fromServer(chunk: Buffer): Generator<{ readonly stage: Stage; readonly reply: Buffer }> {
    if (this.#encrypted) return yield { stage: 'other', reply: chunk }
    this.#fromServer = Buffer.concat([this.#fromServer, chunk])
    for (;;) {
      const length = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#fromServer.toString('latin1'))?.[0].length
      if (length === undefined) return undefined
      const reply = this.#fromServer.subarray(0, length)
      this.#fromServer = this.#fromServer.subarray(length)
      const stage = this.#owed.shift() ?? 'other'
      if (stage === 'DATA' && reply.toString('latin1').startsWith('354')) this.#body = Infinity
      if (stage === 'STARTTLS' && reply.toString('latin1').startsWith('220')) this.#encrypted = true
      yield { stage, reply }
    }
  }
}

function stageOf(command: string): Stage {
  const verb = /^\w+/.exec(command)?.[0].toUpperCase() ?? ''
  if (verb === 'BDAT') return 'end'
  if (verb === 'HELO') return 'EHLO'
  return (['EHLO', 'STARTTLS', 'MAIL', 'RCPT', 'DATA'] as const).find(stage => stage === verb) ?? 'other'
}
