/** Faults in what clients enable or ask for: `$`, IMAP4rev2, UIDONLY; and RENAME of the inbox. */
import type { Fault } from './faults.ts'
import { replaced } from './replaced.ts'

export const laterFaults: readonly Fault[] = [
  {
    name: 'a message of $ is left out',
    kinds: ['missing'],
    falsify: (text, { command }) =>
      /^\S+ UID FETCH \$ /.test(command) && /^\* \d+ (UID)?FETCH/.test(text) ? [] : undefined,
  },
  {
    name: 'the result of a search is not saved, and $ is the one from before',
    every: 1,
    kinds: ['missing', 'search', 'flags', 'copyuid', 'expunge', 'allowed', 'modseq'],
    rewrite: line => replaced(line, /( SEARCH RETURN \()SAVE (?=\w)/, '$1'),
  },
  {
    name: 'a search that only saves tells its result',
    kinds: ['unexpected'],
    rewrite: line => replaced(line, /( SEARCH RETURN \(SAVE)\)/, '$1 COUNT)'),
  },
  {
    name: 'RECENT is told under IMAP4rev2',
    needs: 'IMAP4rev2',
    kinds: ['unexpected'],
    falsify: (text, { enabled }) =>
      enabled.has('imap4rev2') && /^\* \d+ EXISTS/.test(text) ? [text, '* 0 RECENT'] : undefined,
  },
  {
    name: 'SEARCH instead of ESEARCH under IMAP4rev2',
    needs: 'IMAP4rev2',
    kinds: ['search'],
    falsify: (text, { enabled }) =>
      enabled.has('imap4rev2')
        ? replaced(text, /^\* ESEARCH \(TAG "\w+"\)(?: UID)? ALL (\d+)$/, '* SEARCH $1')
        : undefined,
  },
  {
    name: 'SELECT under IMAP4rev2 tells no LIST',
    needs: 'IMAP4rev2',
    kinds: ['missing'],
    falsify: (text, { enabled, command }) =>
      enabled.has('imap4rev2') && / (SELECT|EXAMINE) /.test(command) && text.startsWith('* LIST') ? [] : undefined,
  },
  {
    name: 'a mailbox is left without CLOSED',
    needs: 'IMAP4rev2',
    kinds: ['missing'],
    falsify: text => (text.startsWith('* OK [CLOSED]') ? [] : undefined),
  },
  {
    name: 'a name is in modified UTF-7 under IMAP4rev2',
    every: 1,
    needs: 'IMAP4rev2',
    kinds: ['list', 'missing'],
    falsify: (text, { enabled }) =>
      enabled.has('imap4rev2') ? replaced(text, /^(\* (?:LIST|STATUS) .*)\xe5\xb7\x9d/, '$1&Xd0-') : undefined,
  },
  {
    name: 'FETCH instead of UIDFETCH under UIDONLY',
    needs: 'UIDONLY',
    kinds: ['unexpected'],
    falsify: text => replaced(text, /^\* \d+ UIDFETCH \(/, '* 1 FETCH ('),
  },
  {
    name: 'EXPUNGE instead of VANISHED under UIDONLY',
    needs: 'UIDONLY',
    kinds: ['vanished'],
    falsify: (text, { enabled }) =>
      enabled.has('uidonly') ? replaced(text, /^\* VANISHED \d+$/, '* 1 EXPUNGE') : undefined,
  },
  {
    name: 'a message number is taken under UIDONLY',
    needs: 'UIDONLY',
    kinds: ['allowed'],
    falsify: text => replaced(text, /^(\S+) BAD \[UIDREQUIRED\]/, '$1 OK'),
  },
  {
    name: 'UIDFETCH tells of another message',
    needs: 'UIDONLY',
    kinds: ['flags', 'missing', 'size', 'date', 'body', 'envelope', 'modseq', 'uid'],
    falsify: text =>
      replaced(text, /^\* (\d+) (UIDFETCH .*FLAGS)/, (_, uid, rest) => `* ${Number(uid) - 1 || 1} ${rest}`),
  },
  {
    name: 'NOTIFY does not tell that another mailbox has changed',
    every: 1,
    needs: 'NOTIFY',
    kinds: ['notify'],
    falsify: (text, { command }) => (command === '' && text.startsWith('* STATUS') ? [] : undefined),
  },
  {
    name: 'NOTIFY counts one message too many in another mailbox',
    every: 1,
    needs: 'NOTIFY',
    kinds: ['notify'],
    falsify: (text, { command }) =>
      command === ''
        ? replaced(text, /^(\* STATUS .*MESSAGES )(\d+)/, (_, head, count) => `${head}${Number(count) + 1}`)
        : undefined,
  },
  {
    name: 'NOTIFY does not tell of a new message',
    needs: 'NOTIFY',
    kinds: ['notify', 'exists', 'uid', 'sequence'],
    falsify: (text, { command }) => (command === '' && /^\* \d+ EXISTS/.test(text) ? [] : undefined),
  },
  {
    name: 'NOTIFY does not tell that a mailbox came or went',
    every: 1,
    needs: 'NOTIFY',
    kinds: ['notify'],
    falsify: (text, { command }) => (command === '' && text.startsWith('* LIST') ? [] : undefined),
  },
  {
    name: 'NOTIFY tells flags without UID',
    needs: 'NOTIFY',
    kinds: ['notify'],
    falsify: (text, { command }) => (command === '' ? replaced(text, /^(\* \d+ FETCH \()UID \d+ /, '$1') : undefined),
  },
  {
    name: 'with selected-delayed an EXPUNGE comes at any time',
    every: 1,
    needs: 'NOTIFY',
    // where another message has taken the number, its flags are what looks wrong first
    kinds: ['expunge', 'flags'],
    rewrite: line => replaced(line, /selected-delayed/, 'selected'),
  },
  {
    name: 'NOTIFY SET STATUS leaves a mailbox out',
    needs: 'NOTIFY',
    kinds: ['missing'],
    falsify: (text, { command }) =>
      command.includes(' NOTIFY SET STATUS') && /^\* STATUS (Trash|Junk|Drafts) /.test(text) ? [] : undefined,
  },
  {
    name: 'RENAME of the inbox leaves the messages behind',
    kinds: ['lost', 'expunge', 'exists'],
    rewrite: line => replaced(line, / RENAME INBOX /, ' CREATE '),
  },
]
