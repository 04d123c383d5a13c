/**
 * What is found out about a message where it enters, plain data that travels with it (in DeliveryFacts) from gateway to home: home
 * judges by it, shows it, and never asks the network again. Each check adds its own finding; none decides alone.
 */

/** RFC 8601 §2.7 */
export type AuthenticationResult =
  | 'none'
  | 'neutral'
  | 'pass'
  | 'fail'
  | 'softfail'
  | 'policy'
  | 'temperror'
  | 'permerror'

export type Verdicts = {
  readonly authenticity?: Authenticity
  readonly connection?: ConnectionFindings
}

/** SPF, DKIM, DMARC and ARC of one message. Domains are in A-labels, lower case. */
export type Authenticity = {
  /** Of the From field; undefined when there is none, several, or it cannot be read */
  readonly fromDomain: string | undefined
  readonly spf: SpfFinding
  /** In the order of the fields; at most as many as are looked at */
  readonly dkim: readonly DkimFinding[]
  readonly dmarc: DmarcFinding
  readonly arc: ArcFinding
}

/** RFC 7208 §2.6; `domain` of the reverse-path, or of HELO when that was null */
export type SpfFinding = {
  readonly result: AuthenticationResult
  readonly scope: 'mailfrom' | 'helo'
  readonly domain: string
  readonly reason?: string
}

/** RFC 6376 §3.9 */
export type DkimFinding = {
  readonly result: AuthenticationResult
  /** d=, s=, a= */
  readonly domain: string
  readonly selector: string
  readonly algorithm: string
  readonly reason?: string
}

/** RFC 7489 §6.6, RFC 9989 */
export type DmarcFinding = {
  readonly result: AuthenticationResult
  /** Where the policy was found */
  readonly domain: string | undefined
  readonly policy: 'none' | 'quarantine' | 'reject' | undefined
  readonly alignedBy: readonly ('spf' | 'dkim')[]
  /** What the domain's owner asks for with this message; `none` when it passes, is in test mode, or has no policy */
  readonly disposition: 'none' | 'quarantine' | 'reject'
  readonly reason?: string
}

/** RFC 8617 §5.2 */
export type ArcFinding = {
  readonly result: 'none' | 'pass' | 'fail'
  /** d= of the seals, the oldest first */
  readonly sealers: readonly string[]
  readonly reason?: string
}

/** What the connection and its commands showed. */
export type ConnectionFindings = {
  /** RFC 8601 §2.7.3: a name of the address that leads back to it */
  readonly reverse: { readonly result: AuthenticationResult; readonly name?: string }
  /** Lists that answered, RFC 5782; `answers` are addresses such as 127.0.0.2 */
  readonly lists: readonly {
    readonly zone: string
    readonly kind: 'deny' | 'allow'
    readonly answers: readonly string[]
    /** As the owner weighs the list; positive speaks for junk */
    readonly points?: number
  }[]
  /** Everything else that was seen: `early-talker`, `helo-is-us`, `helo-not-a-name`, `greylist-passed` …; texts by code in mail/checks */
  readonly remarks: readonly string[]
}
