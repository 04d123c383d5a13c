/** IMAP as spoken by hand to a box that is being attacked: hanako has logged in. */
import { hanako, password } from '../scenarios/boxes.ts'
import type { Running } from '../scenarios/running.ts'
import { Wire } from '../scenarios/wire.ts'

export async function openImap(box: Running) {
  const wire = await Wire.open(box.port('imap'))
  await wire.read(/^\* OK.*\r\n/)
  let tag = 0
  const ask = async (command: string) => {
    wire.send(`t${++tag} ${command}`)
    return wire.read(new RegExp(`^t${tag} (?:OK|NO|BAD).*\\r\\n`, 'm'), 30_000)
  }
  await ask(`LOGIN ${hanako} ${password}`)
  return { ask, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() }
}
