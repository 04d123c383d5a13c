/**
 * For a home that writes no list (a stand-in): which recipients it said yes to. While it is away, mail for these is held; for others
 * nothing can be told, and the sender comes again.
 */
import { canonicalAddress } from '#formats/address/address.ts'
import { isPermanent, isPositive, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Downstream } from '#mail/downstream.ts'

/** About 100 octets each; the one that was asked for longest ago is forgotten. */
const maxLearned = 20_000

export class LearnedRecipients {
  readonly #known = new Set<string>()

  has(address: string): boolean {
    const canonical = canonicalAddress(address)
    return canonical !== undefined && this.#known.has(canonical)
  }

  /** Home's own word at RCPT. */
  heard(address: string, reply: SmtpReply): void {
    const canonical = canonicalAddress(address)
    if (canonical === undefined) return
    if (isPositive(reply) || isPermanent(reply)) this.#known.delete(canonical)
    if (!isPositive(reply)) return
    this.#known.add(canonical)
    const [oldest] = this.#known
    if (this.#known.size > maxLearned && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** The same way home, listened to. */
export function listenedTo(downstream: Downstream, learned: LearnedRecipients): Downstream {
  return {
    async open(...about) {
      const home = await downstream.open(...about)
      if (!home) return undefined
      return {
        async recipient(recipient, signal) {
          const reply = await home.recipient(recipient, signal)
          if (reply) learned.heard(recipient.address, reply)
          return reply
        },
        message: (...message) => home.message(...message),
        close: () => home.close(),
      }
    },
    settle: settled => downstream.settle(settled),
  }
}
