/**
 * ENVELOPE, BODY and BODYSTRUCTURE of the corpus as Dovecot gives them, compared item by item. Taken as equal: letters in upper
 * and lower case, a quoted string and a literal, a lone language tag and a list of one (RFC 9051 body-fld-lang allows both), and
 * Dovecot's placeholders for a missing mailbox or domain and our empty strings.
 */
import { readFileSync } from 'node:fs'
import { describeMessage } from '#formats/message/describe.ts'
import { type Suite, check, corpus } from './suite.ts'

type Answers = { readonly envelope: string; readonly body: string; readonly bodyStructure: string }
type Item = string | null | Item[]

export const dovecot: Suite = {
  name: 'dovecot',
  run() {
    const path = new URL('dovecot/structures.json', corpus)
    const answers = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Answers>
    return Object.entries(answers).map(([file, want]) =>
      check(`dovecot ${file.replace('mail-parser/resources/eml/', '')}`, differs => {
        const crlf = readFileSync(new URL(file, corpus), 'latin1').replaceAll(/\r?\n/g, '\r\n')
        const got = describeMessage(Buffer.from(crlf, 'latin1'))
        for (const key of ['envelope', 'body', 'bodyStructure'] as const)
          differs(key, readItems(Buffer.from(got[key]).toString('latin1'))[0], readItems(`(${want[key]})`)[0])
      }),
    )
  },
}

const token = /\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r?\n|([^\s()"{]+))/y

/** IMAP data as nested lists; everything else as lower-case text. */
function readItems(text: string): Item[] {
  const stack: Item[][] = [[]]
  token.lastIndex = 0
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [, open, close, quoted, size, atom] = found
    if (open !== undefined) stack.push([])
    else if (close !== undefined) {
      const list = stack.pop() ?? []
      stack.at(-1)?.push(list.length === 1 && isTag(list[0]) ? (list[0] ?? null) : list)
    } else if (size !== undefined) {
      stack.at(-1)?.push(normal(text.slice(token.lastIndex, token.lastIndex + Number(size))))
      token.lastIndex += Number(size)
    } else stack.at(-1)?.push(quoted === undefined ? atomValue(atom ?? '') : normal(quoted.replace(/\\(.)/g, '$1')))
  }
  return stack[0] ?? []
}

function isTag(item: Item | undefined): boolean {
  return typeof item === 'string' && /^[a-z]{2}(?:-[a-z]{2})?$/.test(item)
}

function atomValue(atom: string): Item {
  return atom === 'NIL' ? null : atom
}

function normal(text: string): string {
  const lower = text.toLowerCase()
  return lower === 'missing_domain' || lower === 'missing_mailbox' ? '' : lower
}
