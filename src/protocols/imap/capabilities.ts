/** What is advertised, by state. A name may stand here only when it works; part of the contract is transcripts/. */

export type CapabilityFacts = {
  readonly secure: boolean
  readonly canStartTls: boolean
  readonly mayLogIn: boolean
  /** AUTH= names without the prefix */
  readonly mechanisms: readonly string[]
  readonly appendLimitBytes: number
  readonly compressed: boolean
  /** RFC 6785 §2.1: where scripts are kept, empty where they cannot be; undefined: none run */
  readonly sieveUrl?: string | undefined
  /** Switched off by the configuration; upper case */
  readonly off: ReadonlySet<string>
}

/** RFC 9051 Appendix A: rev1 is spoken until IMAP4rev2 is enabled. */
const always = ['IMAP4rev1', 'IMAP4rev2', 'SASL-IR', 'ID', 'ENABLE']

/** RFC 7888 §5 lets a server offer LITERAL- to strangers and LITERAL+ to those it knows. */
const beforeLogin = ['LITERAL-']

/** Not I18NLEVEL=1 (RFC 5255 §4.2): SEARCH folds by another rule than i;unicode-casemap, see order/casemap.test.ts. */
const afterLogin = [
  'LITERAL+',
  'IDLE',
  'NAMESPACE',
  'CHILDREN',
  'UNSELECT',
  'UNAUTHENTICATE',
  'UIDPLUS',
  'MOVE',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'MULTIAPPEND',
  'CATENATE',
  'REPLACE',
  'ESEARCH',
  'SEARCHRES',
  'SORT',
  'SORT=DISPLAY',
  'ESORT',
  'PARTIAL',
  'CONTEXT=SEARCH',
  'CONTEXT=SORT',
  'MULTISEARCH',
  'SEARCH=FUZZY',
  'UIDONLY',
  'INPROGRESS',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  'THREAD=REFS',
  'CONDSTORE',
  'QRESYNC',
  'STATUS=SIZE',
  'OBJECTID',
  'WITHIN',
  'SAVEDATE',
  'PREVIEW',
  'NOTIFY',
  'METADATA',
  'LIST-METADATA',
  'BINARY',
  'UTF8=ACCEPT',
  'QUOTA',
  'QUOTA=RES-STORAGE',
  'QUOTA=RES-MESSAGE',
  'QUOTASET',
]

/** RFC 4978 §3: until it is active */
const compression = 'COMPRESS=DEFLATE'

/** RFC 7889 §3: with the limit that all mailboxes share */
const appendLimit = 'APPENDLIMIT'

/** RFC 6785 §2.1: with the URL of the ManageSieve server */
const imapSieve = 'IMAPSIEVE'

export function capabilityList(state: 'unauthenticated' | 'authenticated', facts: CapabilityFacts): string {
  const names =
    state === 'authenticated'
      ? [
          ...always,
          ...afterLogin,
          ...(facts.compressed ? [] : [compression]),
          `${appendLimit}=${facts.appendLimitBytes}`,
          ...(facts.sieveUrl === undefined ? [] : [`${imapSieve}=${facts.sieveUrl}`]),
        ]
      : [...always, ...beforeLogin, ...loginNames(facts)]
  const stays = (name: string) => name === 'IMAP4rev1' || name === 'LOGINDISABLED' || !isOff(name, facts.off)
  return names.filter(stays).join(' ')
}

function isOff(name: string, off: ReadonlySet<string>): boolean {
  const withValue = [appendLimit, imapSieve].some(known => name.startsWith(`${known}=`) && off.has(known))
  return off.has(name.toUpperCase()) || withValue
}

function loginNames(facts: CapabilityFacts): readonly string[] {
  const names = facts.canStartTls && !facts.secure ? ['STARTTLS'] : []
  if (!facts.mayLogIn) return [...names, 'LOGINDISABLED']
  return [...names, ...facts.mechanisms.map(name => `AUTH=${name}`)]
}
