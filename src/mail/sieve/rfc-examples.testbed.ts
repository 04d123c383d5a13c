/** What the tests of the RFCs' examples share: an example, the letters that several are about, and how each is played. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { fileLetter, type Letter, summary, type Surroundings } from './sieve.testbed.ts'

export type Example = {
  readonly rfc: string
  readonly script: string
  /** Header lines and body, or more */
  readonly letter?: string | Partial<Letter>
  readonly around?: Surroundings
  readonly result: readonly string[]
}

/** RFC 5228 §1.2: messages A and B */
export const messageA = `Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)
From: coyote@desert.example.org
To: roadrunner@acme.example.com
Subject: I have a present for you

Look, I'm sorry about the whole anvil thing, and I really
didn't mean to try and drop it on you from the top of the
cliff.  I want to try to make it up to you.
`
export const messageB = `From: youcouldberich!@reply-by-postal-mail.invalid
Sender: b1ff@de.res.example.com
To: rube@landru.example.com
Date:  Mon, 31 Mar 1997 18:26:10 -0800
Subject: $$$ YOU, TOO, CAN BE A MILLIONAIRE! $$$

YOU MAY HAVE ALREADY WON TEN MILLION DOLLARS, BUT I DOUBT
IT!
`
export const large = `From: a@example.com\nSubject: large\n\n${'words and words\n'.repeat(40_000)}`
export const toHanako = 'From: boss@example.edu\nTo: hanako@home.test\nMessage-ID: <q@example.edu>\n'

/** Each with what it does to its letter, message A unless it has one of its own. */
export function play(examples: readonly Example[]): void {
  for (const { rfc, script, letter = messageA, around, result } of examples)
    test(`RFC ${rfc}`, async () => {
      const mail = typeof letter === 'string' ? { text: letter } : { text: messageA, ...letter }
      assert.deepEqual(summary(await fileLetter(script, mail, around)), result)
    })
}
