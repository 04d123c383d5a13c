/** An SMTP reply as data. RFC 5321 §4.2, enhanced status codes RFC 3463. */
export type SmtpReply = {
  /** 200…599 */
  readonly code: number
  /** `2.1.5`; absent where RFC 2034 §3 allows none (greeting, EHLO) or a peer sent none */
  readonly enhanced?: string
  /** One entry a line, without code and CRLF, printable ASCII (UTF-8 only after SMTPUTF8) */
  readonly lines: readonly string[]
}

export function smtpReply(code: number, enhanced: string, ...lines: string[]): SmtpReply {
  return { code, enhanced, lines }
}

export function isPositive(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 400
}

export function isTransient(reply: SmtpReply): boolean {
  return reply.code >= 400 && reply.code < 500
}

export function isPermanent(reply: SmtpReply): boolean {
  return reply.code >= 500
}

/** One line for people and logs: `550 5.1.1 No such user`. */
export function printReply(reply: SmtpReply): string {
  const words = reply.lines.join(' ')
  const codes = reply.enhanced ? `${reply.code} ${reply.enhanced}` : `${reply.code}`
  return words === '' ? codes : `${codes} ${words}`
}
