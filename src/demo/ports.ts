/** The demo's ports: the standard ones plus an offset, on loopback; the pretend internet stands 10000 above. */

export const defaultOffset = 10_000
export const maxOffset = 20_000

const standard = {
  mx: 25,
  lmtp: 2525,
  submission: 587,
  submissions: 465,
  imap: 143,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  managesieve: 4190,
  http: 80,
  https: 443,
} as const

export type DemoPorts = Readonly<Record<keyof typeof standard, number>> & {
  /** Where the gateway finds home: the near end of the cable */
  readonly link: number
  /** From the webmail of one person to that of the other (switch.ts) */
  readonly switch: number
  readonly internet: { readonly mx: number; readonly dns: number; readonly relay: number }
}

export function portsAt(offset: number): DemoPorts {
  const at = (port: number) => port + offset
  return {
    mx: at(standard.mx),
    lmtp: at(standard.lmtp),
    submission: at(standard.submission),
    submissions: at(standard.submissions),
    imap: at(standard.imap),
    imaps: at(standard.imaps),
    pop3: at(standard.pop3),
    pop3s: at(standard.pop3s),
    managesieve: at(standard.managesieve),
    http: at(standard.http),
    https: at(standard.https),
    link: at(2526),
    switch: at(8081),
    internet: { mx: at(10_025), dns: at(10_053), relay: at(10_587) },
  }
}
