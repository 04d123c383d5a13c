/** The content stage of home, as the configuration has it: a reload changes everything but passwords. */
import { join } from 'node:path'
import type { Config } from '#config/schema.ts'
import { parseDaemonAddress } from '#config/sections/content.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import { type Content, type ContentOptions, openContent } from '#mail/content.ts'
import type { ContentSettings } from '#mail/content/settings.ts'
import { openRefusedMail, type RefusedMail } from '#mail/refused.ts'
import type { DialTarget } from '#net/dial.ts'
import { clamdScanner } from '#protocols/clamd/client.ts'
import { rspamdScanner } from '#protocols/rspamd/client.ts'
import { readSecret, type Surroundings } from './surroundings.ts'

type ContentSection = Config['home']['content']

export async function openHomeContent(
  { config, live, log, clock, events, folder }: Surroundings,
  { isContact, mayWrite }: Pick<ContentOptions, 'isContact' | 'mayWrite'>,
  scope: AsyncDisposableStack,
): Promise<Content> {
  const now = () => live.current.home.content
  const passwordFile = config.home.content.rspamd?.passwordFile
  const password = passwordFile === undefined ? undefined : await readSecret(passwordFile)
  const rspamd = scope.use(
    rspamdScanner(() => ({ target: targetOf(now().rspamd?.address), password, hostname: config.hostname })),
  )
  const clamav = clamdScanner(() => ({
    target: targetOf(now().clamav?.address),
    maxBytes: now().clamav?.maxSize ?? 0,
    deadlineMs: now().clamav?.deadline ?? 0,
  }))
  return scope.use(
    openContent({
      folder: join(folder.path, 'accounts'),
      key: folder.deriveKey('junk'),
      settings: settingsFrom(now),
      scanners: [
        { scanner: clamav, settings: () => askedBy(now().clamav) },
        { scanner: rspamd, settings: () => askedBy(now().rspamd) },
      ],
      log,
      clock,
      events,
      isContact,
      mayWrite,
    }),
  )
}

/** Mail that was refused for its content, in a folder of its own. */
export function openHomeRefused(
  { live, log, clock, folder }: Surroundings,
  { accounts, content }: { readonly accounts: OpenAccounts; readonly content: Content },
): Promise<RefusedMail> {
  return openRefusedMail({
    folder: join(folder.path, 'refused'),
    key: folder.deriveKey('refused'),
    limits() {
      const { keepFor, maxSize } = live.current.home.content.refused
      return { keepForMs: keepFor, maxBytes: maxSize }
    },
    deliveries: () => accounts,
    know: (account, address) => content.learning.know(account, address),
    clock,
    log,
  })
}

/** One object for each reading of the configuration: asked for at every message. */
function settingsFrom(now: () => ContentSection): () => ContentSettings {
  let from: ContentSection | undefined
  let settings: ContentSettings | undefined
  return () => {
    const section = now()
    if (settings && from === section) return settings
    from = section
    const { filter, junkFrom, rejectFrom, shorteners, clamav, rspamd } = section
    settings = {
      filter,
      junkFrom,
      rejectFrom,
      shorteners,
      virus: clamav?.onVirus ?? 'reject',
      scannerReject: rspamd?.onReject ?? 'junk',
    }
    return settings
  }
}

function askedBy(section: ContentSection['rspamd'] | ContentSection['clamav']) {
  if (!section) return undefined
  const { deadline: deadlineMs, atOnce, whenAbsent } = section
  return { deadlineMs, atOnce, whenAbsent }
}

/** The configuration has been checked: an address stands there. */
function targetOf(address: string | undefined): DialTarget {
  const target = address === undefined ? undefined : parseDaemonAddress(address)
  if (!target) throw new Error('The scanner has no address')
  return target
}
