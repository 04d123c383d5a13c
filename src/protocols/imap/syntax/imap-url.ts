/**
 * IMAP URLs that name a message or a part of one, as CATENATE takes them: RFC 4469 §3, RFC 5092 §5 to §7.
 *
 *     /Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.MIME     from the top
 *     ;UID=20/;SECTION=1.2                                      in the selected mailbox
 *     imap://hanako@imap.home.test/INBOX/;UID=20                with a server, which the caller has to know
 */
import { utf8 } from '#base/bytes.ts'
import { expectSection } from './parse-fetch.ts'
import { Reader, Unparsable } from './reader.ts'
import type { Partial, Section } from './request.ts'

export type ImapUrl = {
  /** Undefined for a relative URL */
  readonly server: ImapUrlServer | undefined
  /** Decoded; see `mailboxAt` for those that are relative to the selected one. Undefined: the selected one itself */
  readonly mailbox: { readonly path: string; readonly fromTop: boolean } | undefined
  readonly uidValidity: number | undefined
  readonly uid: number
  readonly section: Section
  /** `;PARTIAL=offset.count` as `<offset.count>` of FETCH; without a count to the end */
  readonly partial: Partial | undefined
}

export type ImapUrlServer = {
  readonly user: string | undefined
  /** Lower case */
  readonly host: string
  readonly port: number | undefined
}

/** A whole message, or its part. `/;UID=`, or `;UID=` where nothing is before it. No URLAUTH, no search, no fragment: they mean something else. */
const messagePath =
  /^(.*?)(?:;UIDVALIDITY=([1-9][0-9]{0,9}))?(?:\/|(?<!.));UID=([1-9][0-9]{0,9})(?:\/;SECTION=(.+?))?(?:\/;PARTIAL=([0-9]{1,10})(?:\.([1-9][0-9]{0,9}))?)?$/i
/** RFC 5092 §3; `;AUTH=` says how to log in, which has been done. */
const authority = /^(?:([^@;/?#]*)(?:;AUTH=[^@;/?#]*)?@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?$/i

const whole: Section = { part: [], text: { kind: 'ALL' } }

/** Undefined when it is no URL of a message. Never throws. */
export function parseImapUrl(text: string): ImapUrl | undefined {
  if (!/^[\x21-\x7e]+$/.test(text) || /[?#]/.test(text)) return undefined
  const [, scheme, host, rest] = /^(?:(imap):)?(?:\/\/([^/]*))?(.*)$/i.exec(text) ?? []
  if (rest === undefined || (scheme !== undefined && host === undefined)) return undefined
  const server = host === undefined ? undefined : parseServer(host)
  if (host !== undefined && !server) return undefined
  const [, path = '', uidValidity, uid, section, offset, count] = messagePath.exec(rest) ?? []
  const mailbox = parseMailbox(path, rest)
  const parsedSection = section === undefined ? whole : parseSection(section)
  if (uid === undefined || mailbox === 'none' || !parsedSection || (server && !rest.startsWith('/'))) return undefined
  return {
    server,
    mailbox,
    uidValidity: uidValidity === undefined ? undefined : Number(uidValidity),
    uid: Number(uid),
    section: parsedSection,
    partial: offset === undefined ? undefined : { offset: Number(offset), count: Number(count ?? 0xffff_ffff) },
  }
}

function parseServer(text: string): ImapUrlServer | undefined {
  const [, user, host, port] = authority.exec(text) ?? []
  const decoded = user === undefined || user === '' ? undefined : decode(user)
  if (host === undefined || (decoded === undefined && user)) return undefined
  return { user: decoded, host: host.toLowerCase(), port: port === undefined ? undefined : Number(port) }
}

function parseMailbox(path: string, whole: string): ImapUrl['mailbox'] | 'none' {
  if (path === '' && whole.startsWith(';')) return undefined
  const fromTop = path.startsWith('/')
  const encoded = (fromTop ? path.slice(1) : path).replace(/\/$/, '')
  // RFC 3986 §5.2.4 would go up with them; no mailbox is named so
  if (encoded === '' || encoded.split('/').some(level => level === '.' || level === '..' || level.includes(';')))
    return 'none'
  // RFC 3986 §4.2: what stands before a colon would be a scheme
  if (!fromTop && encoded.split('/')[0]?.includes(':')) return 'none'
  const decoded = decode(encoded)
  return decoded === undefined ? 'none' : { path: decoded, fromTop }
}

function parseSection(encoded: string): Section | undefined {
  const text = decode(encoded)
  if (text === undefined) return undefined
  const reader = new Reader({ segments: [{ line: utf8(text), literal: undefined }] })
  try {
    const section = expectSection(reader)
    return reader.atEnd ? section : undefined
  } catch (error) {
    if (error instanceof Unparsable) return undefined
    throw error
  }
}

/** Percent-encoded UTF-8 (RFC 5092 §8); undefined when it is not, or holds a control. */
function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text)
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    return /[\u0000-\u001f\u007f]/.test(decoded) ? undefined : decoded
  } catch {
    return undefined
  }
}

/** RFC 3986 §5.2.3: a path that does not begin at the top takes the place of the selected mailbox's last level. */
export function mailboxAt({ mailbox }: ImapUrl, selected: string | undefined): string | undefined {
  if (!mailbox) return selected
  if (mailbox.fromTop || selected === undefined) return mailbox.path
  return selected.slice(0, selected.lastIndexOf('/') + 1) + mailbox.path
}

/** As BADURL repeats it: RFC 4469 §5 url-resp-text, without what could end the response code. */
export function printUrl(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes)
    text +=
      byte > 0x20 && byte < 0x7f && byte !== 0x5d
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return text
}
