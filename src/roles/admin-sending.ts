/** Whose outgoing mail is paused. */
import { z } from 'zod'
import { notRunning, operation, type Operation, type Refused } from './admin-operation.ts'

const address = z.strictObject({ address: z.string().min(1).max(320) })
const noSuchUser: Refused = {
  refused: 'no-such-user',
  text: { en: 'there is no such user', ja: 'その利用者はいません' },
}
const alreadyPaused: Refused = {
  refused: 'already-paused',
  text: { en: 'the outgoing mail of this user is paused already', ja: 'この利用者の送信は既に一時停止中です' },
}
const notPaused: Refused = {
  refused: 'not-paused',
  text: { en: 'the outgoing mail of this user is not paused', ja: 'この利用者の送信は一時停止していません' },
}

export const sendingOperations: readonly Operation[] = [
  operation('user.paused', z.strictObject({}), ({ watch }) => Promise.resolve(watch?.paused() ?? notRunning)),
  operation('user.pause', address, async ({ watch, directory }, input) => {
    if (!watch || !directory) return notRunning
    const user = await directory.user(input.address)
    if (!user) return noSuchUser
    return (await watch.pause(user.account, user.address)) ? {} : alreadyPaused
  }),
  operation('user.resume', address, async ({ watch, directory }, input) => {
    if (!watch || !directory) return notRunning
    const user = await directory.user(input.address)
    if (!user) return noSuchUser
    const released = await watch.resume(user.account, user.address)
    return released === undefined ? notPaused : { released }
  }),
]
