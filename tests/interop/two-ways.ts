/** An account and a folder of maildirs with changes on both sides, what must be on both afterwards, and the look whether it is. */
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImapFlow } from 'imapflow'
import { farSide, fileOf, flagsOf, nearSide, uidOf } from './both-sides.ts'
import type { TestLetter } from './letters.ts'

export type TwoWays = {
  /** Puts a letter there; flags as a maildir has them (DFRST) */
  addFar(mailbox: string, letter: TestLetter, flags?: string): Promise<TestLetter>
  addNear(mailbox: string, letter: TestLetter, flags?: string): TestLetter
  /** What both sides shall hold of it; undefined: nothing */
  expect(mailbox: string, letter: TestLetter, flags: string | undefined): void
  flagFar(mailbox: string, letter: TestLetter, flags: string): Promise<void>
  flagNear(mailbox: string, letter: TestLetter, flags: string): void
  flagsNear(mailbox: string, letter: TestLetter): string
  removeFar(mailbox: string, letter: TestLetter): Promise<void>
  removeNear(mailbox: string, letter: TestLetter): void
  /** Every copy on both sides, with its flags */
  mustBeEqual(): Promise<void>
}

export function twoWays(far: ImapFlow, maildir: (mailbox: string) => string, mailboxes: readonly string[]): TwoWays {
  const expected = new Map<string, Map<string, string>>(mailboxes.map(name => [name, new Map()]))
  const expect: TwoWays['expect'] = (mailbox, { mark }, flags) => {
    if (flags === undefined) expected.get(mailbox)?.delete(mark)
    else expected.get(mailbox)?.set(mark, flags)
  }
  return {
    expect,
    async addFar(mailbox, letter, flags = '') {
      await far.append(mailbox, letter.bytes, namesOf(flags))
      expect(mailbox, letter, flags)
      return letter
    },
    addNear(mailbox, letter, flags = '') {
      const folder = maildir(mailbox)
      for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, part), { recursive: true })
      const text = letter.bytes.toString('latin1').replaceAll('\r\n', '\n')
      writeFileSync(join(folder, 'cur', `1.${letter.mark}.here:2,${flags}`), Buffer.from(text, 'latin1'))
      expect(mailbox, letter, flags)
      return letter
    },
    async flagFar(mailbox, letter, flags) {
      await far.mailboxOpen(mailbox)
      await far.messageFlagsSet(await uidOf(far, letter), namesOf(flags), { uid: true })
    },
    flagNear(mailbox, letter, flags) {
      const file = fileOf(maildir(mailbox), letter)
      renameSync(file, `${file.replace('/new/', '/cur/').replace(/:2,\w*$/, '')}:2,${flags}`)
    },
    flagsNear: (mailbox, letter) => flagsOf(fileOf(maildir(mailbox), letter)),
    async removeFar(mailbox, letter) {
      await far.mailboxOpen(mailbox)
      await far.messageDelete(await uidOf(far, letter), { uid: true })
    },
    removeNear: (mailbox, letter) => rmSync(fileOf(maildir(mailbox), letter)),
    async mustBeEqual() {
      const wanted = Object.fromEntries(
        [...expected].map(([name, marks]) => [name, [...marks].map(([mark, flags]) => `${mark} ${flags}`).sort()]),
      )
      assert.deepEqual(nearSide(maildir, mailboxes), wanted, 'near')
      assert.deepEqual(await farSide(far, mailboxes), wanted, 'far')
    },
  }
}

/** Of a maildir's letters, as IMAP has them */
function namesOf(flags: string): string[] {
  return flags.split('').map(flag => named[flag] ?? '')
}

const named: Readonly<Record<string, string>> = {
  D: '\\Draft',
  F: '\\Flagged',
  R: '\\Answered',
  S: '\\Seen',
  T: '\\Deleted',
}
