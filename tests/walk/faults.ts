/** Faults of a server, planted in what it says. Each names the complaint by which the walk must find it. */
import type { Extension } from './commands-session.ts'
import type { ComplaintKind } from './complaint.ts'
import { laterFaults } from './later-faults.ts'
import type { Planted } from './proxy.ts'
import { replaced } from './replaced.ts'

export type Fault = Planted & {
  readonly name: string
  /** It shows only with this: every client uses it, so that it is found soon */
  readonly needs?: Extension
  /** Any of these is the right word for it */
  readonly kinds: readonly ComplaintKind[]
}

const firstFaults: readonly Fault[] = [
  {
    name: 'an EXPUNGE is lost',
    kinds: ['exists', 'uid', 'sequence', 'expunge', 'flags', 'notify'],
    falsify: text => (/^\* \d+ EXPUNGE$/.test(text) ? [] : undefined),
  },
  {
    name: 'an EXPUNGE comes in the answer to FETCH by number',
    kinds: ['expunge'],
    falsify: (text, { command }) =>
      /^\S+ FETCH /.test(command) && text.startsWith('* 1 FETCH') ? ['* 1 EXPUNGE', text] : undefined,
  },
  {
    name: 'a flag is left out',
    kinds: ['flags', 'notify'],
    falsify: text => replaced(text, /(\* \d+ FETCH .*FLAGS \([^)]*?)(\\Seen | ?\\Seen(?=\)))/, '$1'),
  },
  {
    name: 'EXISTS is one too low',
    kinds: ['exists', 'sequence', 'notify'],
    falsify: text => replaced(text, /^\* (\d+) EXISTS$/, (_, count) => `* ${Math.max(0, Number(count) - 1)} EXISTS`),
  },
  {
    name: 'a UID is that of the first message',
    kinds: ['uid'],
    falsify: (text, { flags }) => {
      const number = /^\* (\d+) FETCH /.exec(text)?.[1] ?? '1'
      return number !== '1' && flags.has('1') && flags.has(number) ? replaced(text, /\bUID \d+/, 'UID 1') : undefined
    },
  },
  {
    name: 'COPYUID is off by one',
    // 'uid': another command of the round was told that UID
    kinds: ['copyuid', 'uid'],
    falsify: text => replaced(text, /(\[COPYUID \d+ [\d:,]+ )(\d+)\]/, (_, head, uid) => `${head}${Number(uid) + 1}]`),
  },
  {
    name: 'APPENDUID is off by one',
    kinds: ['appenduid', 'uid'],
    falsify: text => replaced(text, /(\[APPENDUID \d+ )(\d+)\]/, (_, head, uid) => `${head}${Number(uid) + 1}]`),
  },
  {
    name: 'SEARCH misses one',
    kinds: ['search'],
    falsify: text => replaced(text, /^(\* SEARCH(?: \d+)*) \d+$/, '$1'),
  },
  {
    name: 'COUNT of ESEARCH is one too high',
    kinds: ['search'],
    falsify: text => replaced(text, /^(\* ESEARCH .*COUNT )(\d+)/, (_, head, count) => `${head}${Number(count) + 1}`),
  },
  {
    name: 'STORE tells the flags from before',
    kinds: ['flags', 'notify'],
    falsify: (text, { command, flags }) => {
      const [, number = '', now] = /^\* (\d+) FETCH .*(FLAGS \([^)]*\))/.exec(text) ?? []
      const before = flags.get(number)
      const isStore = /^\S+ (UID )?STORE \S+ [+-]?FLAGS \(/.test(command)
      return isStore && now && before && before !== now ? text.replace(now, () => before) : undefined
    },
  },
  {
    name: 'the news of a flag is lost',
    kinds: ['flags', 'notify'],
    falsify: (text, { command }) =>
      /^\S+ (NOOP|CHECK|IDLE)/.test(command) && /^\* \d+ FETCH .*FLAGS/.test(text) ? [] : undefined,
  },
  {
    name: 'one octet of a body is another',
    kinds: ['body'],
    // not in what stands after the literal
    falsify: text => replaced(text, /(BODY\[(?:TEXT|1)?\](?:<\d+>)? \{\d{3,}\}\r\n[^)]*?)[ay](?=[a-z ])/, '$1#'),
  },
  {
    name: 'a partial body is one octet short',
    kinds: ['body'],
    falsify: text =>
      replaced(text, /(BODY\[\w*\]<\d+> )\{(\d{2,})\}\r\n[^]/, (_, head, size) => `${head}{${Number(size) - 1}}\r\n`),
  },
  {
    name: 'RFC822.SIZE is one too low',
    kinds: ['size'],
    falsify: text => replaced(text, /(RFC822\.SIZE )(\d+)/, (_, head, size) => `${head}${Number(size) - 1}`),
  },
  {
    name: 'INTERNALDATE is a day late',
    kinds: ['date'],
    falsify: text => replaced(text, /(INTERNALDATE ")([ \d]\d)/, (_, head, day) => head + (day === ' 9' ? '10' : ' 9')),
  },
  {
    name: 'HIGHESTMODSEQ goes back',
    kinds: ['modseq'],
    falsify: text =>
      replaced(text, /(\[HIGHESTMODSEQ )(\d+)\]/, (whole, head, n) =>
        Number(n) > 20 ? `${head}${Number(n) - 15}]` : whole,
      ),
  },
  {
    name: 'a mod-sequence changes without a change',
    kinds: ['modseq'],
    falsify: (text, { command }) =>
      /^\S+ (UID )?FETCH/.test(command)
        ? replaced(text, /(FETCH .*FLAGS .*MODSEQ \()(\d+)/, (_, head, n) => `${head}${Number(n) - 1}`)
        : undefined,
  },
  {
    name: 'VANISHED leaves one out',
    kinds: ['exists', 'uid', 'sequence', 'vanished', 'expunge', 'flags', 'notify'],
    falsify: text => (/^\* VANISHED \d+$/.test(text) ? [] : undefined),
  },
  {
    name: 'UIDVALIDITY changes',
    // whichever is told second
    kinds: ['uidvalidity', 'appenduid', 'copyuid'],
    falsify: text => replaced(text, /(\[UIDVALIDITY )(\d+)\]/, (_, head, n) => `${head}${Number(n) + 1}]`),
  },
  {
    name: 'UIDNEXT goes back',
    kinds: ['uidnext'],
    falsify: text =>
      replaced(text, /(\[UIDNEXT )(\d+)\]/, (whole, head, n) => (Number(n) > 1 ? `${head}${Number(n) - 1}]` : whole)),
  },
  {
    name: 'STATUS counts one too many',
    kinds: ['status'],
    falsify: text => replaced(text, /^(\* STATUS .*MESSAGES )(\d+)/, (_, head, n) => `${head}${Number(n) + 1}`),
  },
  {
    name: 'a mailbox is missing in LIST',
    kinds: ['list'],
    falsify: text => (/^\* LIST .* Trash$/.test(text) ? [] : undefined),
  },
  {
    name: 'two spaces stand where the grammar has one',
    kinds: ['syntax'],
    falsify: text => replaced(text, /^(\* \d+ FETCH) \(/, '$1  ('),
  },
  {
    name: 'a STORE is allowed in a mailbox that was opened by EXAMINE',
    kinds: ['allowed'],
    falsify: (text, { command }) =>
      /^\S+ (UID )?STORE /.test(command)
        ? replaced(text, /^(\S+) NO (?=The mailbox is selected read-only)/, '$1 OK ')
        : undefined,
  },
]

// 'notify': who asked to be told (RFC 5465) finds news that are wrong, too
export const faults: readonly Fault[] = [...firstFaults, ...laterFaults]
