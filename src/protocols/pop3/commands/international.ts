import type { Command } from '../command.ts'
import type { Authorization, Transaction } from '../session.ts'
import { languageChanged, languages, lookUpLanguage, texts } from '../texts.ts'

/**
 * RFC 6856 §2.1. Letters go out as they are in either mode: a client that has not asked gets what IMAP gives too, rather than a
 * changed letter or none.
 */
export const utf8 = {
  states: ['authorization'],
  run(_request, _session, peer) {
    peer.utf8 = true
    peer.ok(texts.utf8Mode)
    return undefined
  },
} satisfies Command<'utf8', Authorization>

/** RFC 6856 §3: the tag, then the words in that language. */
export const lang = {
  states: ['authorization', 'transaction'],
  run({ range }, _session, peer) {
    if (range === undefined) {
      peer.ok(texts.languagesFollow)
      peer.write(`${languages.map(({ tag, name }) => `${tag} ${name}\r\n`).join('')}.\r\n`)
      return undefined
    }
    const found = lookUpLanguage(range === '*' ? peer.preferredLanguage : range)
    if (!found) {
      peer.err(texts.languageUnknown, undefined, peer.languageTag)
      return undefined
    }
    peer.languageTag = found.tag
    peer.ok(languageChanged(found.tag))
    return undefined
  },
} satisfies Command<'lang', Authorization | Transaction>
