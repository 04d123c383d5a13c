/** Who may name messages by number, and what happens to those who may not. RFC 9586 §3.1 */
import type { Client } from './client.ts'
import type { Command, Ground } from './command.ts'
import { complain } from './complaint.ts'

export function usesNumbers({ isUidOnly, watch }: Client): boolean {
  // RFC 5465 §5.3: with SELECTED the meaning of a number can change at any time
  return !isUidOnly && watch?.selected !== 'selected'
}

const refused = [
  'FETCH 1 FLAGS',
  'STORE 1 +FLAGS (walk)',
  'SEARCH ALL',
  'UID SEARCH 1:5',
  'COPY 1 INBOX',
  'MOVE 1 Trash',
]

/** BAD with UIDREQUIRED, and nothing is done. */
export function refusedNumber({ client, random }: Ground): Command | undefined {
  if (!client.isUidOnly || !client.view) return undefined
  const line = random.pick(refused)
  return {
    name: line.split(' ')[0] ?? '',
    parts: [line],
    check: ({ tagged }) => {
      if (!tagged) return
      const code = tagged.code.name === 'other' ? tagged.code.atom : 'no code'
      if (tagged.status !== 'BAD' || code !== 'UIDREQUIRED')
        complain('allowed', `${line} was answered ${tagged.status} with ${code}, though UIDONLY is enabled`)
    },
  }
}
