/** Every state an IMAP session can be in, and the way there. */
import { testAddress, testPassword } from '#protocols/imap/imap.testbed.ts'
import type { State, Step } from './hostile-session.ts'

/** In these states a second connection changes the same account meanwhile. */
export type ImapState = State & { readonly disturbed?: boolean }

const ok = (line: string): Step => ({
  send: `${line}\r\n`,
  until: new RegExp(`^${line.split(' ')[0]} OK.*\\r\\n`, 'm'),
})
const ask = (line: string): Step => ({ send: `${line}\r\n`, until: /^\+ .*\r\n/m })
/** Of a command that is not whole yet */
const begin = (octets: string): Step => ({ send: octets })
/** The rest of command p9 */
const rest = (octets: string): Step => ({ send: octets, until: /^p9 OK.*\r\n/m })

const login = ok(`p1 LOGIN ${testAddress} ${testPassword}`)
const select = ok('p3 SELECT INBOX')
const enable = (name: string) => ok(`p2 ENABLE ${name}`)
const letter = `Subject: in a literal\r\n\r\n${'x'.repeat(275)}\r\n`
const literal = `{${letter.length}}`
const withoutAsking = `{${letter.length}+}`
const half = letter.slice(0, 100)
const otherHalf = letter.slice(100)
const notify =
  'p5 NOTIFY SET STATUS (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))'
const annotate =
  'p4 SETMETADATA INBOX (/private/comment "Ours" /shared/comment "Theirs" /private/vendor/example/deep/er "x")'
const contexts = [
  ok('p5 UID SEARCH RETURN (UPDATE COUNT ALL) UNSEEN'),
  ok('p6 SEARCH RETURN (UPDATE (UID FLAGS) CONTEXT ALL) FLAGGED'),
  ok('p7 UID SORT RETURN (UPDATE ALL) (REVERSE SUBJECT) UTF-8 ALL'),
]
const compress: Step = { ...ok('p4 COMPRESS DEFLATE'), thenCompress: true }

const inside = (state: State, more: readonly Step[], finish?: Step): ImapState => ({
  prelude: [...state.prelude, ...more],
  ...(finish && { finish }),
})
const greeted: State = { prelude: [] }
const authenticated = inside(greeted, [login])
const selected = inside(authenticated, [select])
const disturbed = (state: ImapState): ImapState => ({ ...state, disturbed: true })
const notified = inside(selected, [ok(notify)])
const followed = inside(selected, contexts)
const saved = inside(selected, [ok('p4 SEARCH RETURN (SAVE) ALL')], ok('p9 FETCH $ (FLAGS)'))
const annotated = inside(authenticated, [ok(annotate), ok('p6 SETMETADATA "" (/private/comment "Server")')])

export const imapStates: Readonly<Record<string, ImapState>> = {
  greeted,
  'in AUTHENTICATE PLAIN': inside(
    greeted,
    [ask('p9 AUTHENTICATE PLAIN')],
    rest(`${Buffer.from(`\0${testAddress}\0${testPassword}`).toString('base64')}\r\n`),
  ),
  'in AUTHENTICATE SCRAM': inside(greeted, [ask('p9 AUTHENTICATE SCRAM-SHA-256')], {
    send: '*\r\n',
    until: /^p9 BAD.*\r\n/m,
  }),
  'in a name of LOGIN': inside(greeted, [ask('p9 LOGIN {16}')], rest(`${testAddress} ${testPassword}\r\n`)),
  authenticated,
  unauthenticated: inside(selected, [ok('p4 UNAUTHENTICATE')], ok(`p9 LOGIN ${testAddress} ${testPassword}`)),
  'authenticated, CONDSTORE': inside(authenticated, [enable('CONDSTORE')]),
  'authenticated, UTF8=ACCEPT': inside(authenticated, [enable('UTF8=ACCEPT')], ok('p9 CREATE "å件"')),
  'authenticated, IMAP4rev2': inside(authenticated, [enable('IMAP4rev2')]),
  'authenticated, NOTIFY': disturbed(inside(authenticated, [ok(notify)])),
  'authenticated, IDLE': disturbed(inside(authenticated, [ask('p9 IDLE')], rest('DONE\r\n'))),
  'with METADATA': inside(annotated, [], ok('p9 GETMETADATA (DEPTH infinity) INBOX (/private /shared)')),
  'in a value of SETMETADATA': inside(
    annotated,
    [ask(`p9 SETMETADATA INBOX (/private/comment ${literal}`), begin(half)],
    rest(`${otherHalf})\r\n`),
  ),
  'in a binary value of SETMETADATA': inside(
    annotated,
    [ask('p9 SETMETADATA INBOX (/private/comment ~{5}'), begin('\0\x01')],
    rest('abc)\r\n'),
  ),
  selected,
  'selected, disturbed': disturbed(selected),
  examined: inside(authenticated, [ok('p3 EXAMINE INBOX')]),
  'examined, disturbed': disturbed(inside(authenticated, [enable('QRESYNC'), ok('p3 EXAMINE INBOX')])),
  'selected by CONDSTORE': inside(authenticated, [ok('p3 SELECT INBOX (CONDSTORE)')]),
  'selected, QRESYNC': disturbed(inside(authenticated, [enable('QRESYNC'), select])),
  'selected, IMAP4rev2': disturbed(inside(authenticated, [enable('IMAP4rev2'), select])),
  'selected, UTF8=ACCEPT': inside(authenticated, [enable('UTF8=ACCEPT'), select]),
  'selected, UIDONLY': disturbed(inside(authenticated, [enable('UIDONLY'), select])),
  'selected, all enabled': disturbed(
    inside(authenticated, [enable('CONDSTORE QRESYNC IMAP4rev2 UTF8=ACCEPT UIDONLY'), select]),
  ),
  'in IDLE': disturbed(inside(selected, [ask('p9 IDLE')], rest('DONE\r\n'))),
  'in IDLE, UIDONLY': disturbed(inside(authenticated, [enable('UIDONLY'), select, ask('p9 IDLE')], rest('DONE\r\n'))),
  'selected, NOTIFY': disturbed(notified),
  'in IDLE, NOTIFY': disturbed(inside(notified, [ask('p9 IDLE')], rest('DONE\r\n'))),
  'searches followed': disturbed(inside(followed, [], ok('p9 CANCELUPDATE "p5" "p6"'))),
  'searches followed, NOTIFY': disturbed(inside(followed, [ok(notify.replace('p5', 'p8'))])),
  '$ saved': disturbed(saved),
  'in a literal': inside(authenticated, [ask(`p9 APPEND INBOX ${literal}`), begin(half)], rest(`${otherHalf}\r\n`)),
  'in a literal sent ahead': inside(
    selected,
    [begin(`p9 APPEND INBOX ${withoutAsking}\r\n${half}`)],
    rest(`${otherHalf}\r\n`),
  ),
  'in a literal8': inside(selected, [begin(`p9 APPEND INBOX ~${withoutAsking}\r\n${half}`)], rest(`${otherHalf}\r\n`)),
  'in a literal8 of UTF8': inside(
    authenticated,
    [enable('UTF8=ACCEPT'), ask(`p9 APPEND INBOX UTF8 (~${literal}`), begin(half)],
    rest(`${otherHalf})\r\n`),
  ),
  'in a search string': inside(selected, [ask('p9 SEARCH SUBJECT {5}'), begin('se')], rest('eds\r\n')),
  'in CATENATE': inside(
    selected,
    [ask(`p9 APPEND Drafts CATENATE (TEXT ${literal}`), begin(half)],
    // no URL: whatever letter it names, an earlier input may have expunged it
    rest(`${otherHalf} TEXT {3+}\r\nend)\r\n`),
  ),
  'in MULTIAPPEND': inside(
    authenticated,
    [begin(`p9 APPEND INBOX (\\Seen) ${withoutAsking}\r\n${letter} (\\Flagged) ${withoutAsking}\r\n${half}`)],
    rest(`${otherHalf}\r\n`),
  ),
  'between two messages of MULTIAPPEND': inside(
    authenticated,
    [begin(`p9 APPEND INBOX ${withoutAsking}\r\n${letter}`)],
    rest(` ${withoutAsking}\r\n${letter}\r\n`),
  ),
  'in REPLACE': inside(
    selected,
    [ask(`p9 REPLACE * Drafts (\\Seen) ${literal}`), begin(half)],
    rest(`${otherHalf}\r\n`),
  ),
  compressed: disturbed(inside(selected, [compress])),
  'compressed, in a literal': inside(
    selected,
    [compress, ask(`p9 APPEND INBOX ${literal}`), begin(half)],
    rest(`${otherHalf}\r\n`),
  ),
  'compressed, in IDLE': disturbed(inside(selected, [compress, ask('p9 IDLE')], rest('DONE\r\n'))),
}
