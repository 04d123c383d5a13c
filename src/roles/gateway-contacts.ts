/** Which gateways have spoken to home, and what they call themselves; the names outlive a restart (`data/gateways/`). */
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { HomeReceiver } from '#mail/deliver.ts'
import type { MessageReceiver, SessionFacts } from '#mail/receiving.ts'
import { openSmallFiles, type SmallFiles } from '#store/small-files.ts'

export type GatewayContacts = {
  readonly configured: number
  /** By the name in the configuration, milliseconds since 1970; only since the start */
  readonly lastSpoke: ReadonlyMap<string, number>
  /** By the name in the configuration: what LHLO said, under which they write Authentication-Results too */
  readonly names: ReadonlyMap<string, string>
  note(session: Pick<SessionFacts, 'gateway' | 'helo'>): void
}

type Options = {
  /** The data folder */
  readonly folder: string
  /** Names in the configuration */
  readonly configured: readonly string[]
  readonly clock: Clock
  readonly log: Log
}

const namesFile = 'names.json'

export async function openGatewayContacts({ folder, configured, clock, log }: Options): Promise<GatewayContacts> {
  const files = await openSmallFiles(join(folder, 'gateways'))
  const lastSpoke = new Map<string, number>()
  const names = new Map([...(await readNames(files, log))].filter(([gateway]) => configured.includes(gateway)))
  let writing = Promise.resolve()
  // one after the other: the last one has them all
  const keep = () => {
    writing = writing
      .then(() => files.write(namesFile, JSON.stringify(Object.fromEntries(names))))
      .catch((error: unknown) => log.warn('What a gateway calls itself could not be kept', { error: String(error) }))
  }
  return {
    configured: configured.length,
    lastSpoke,
    names,
    note({ gateway, helo }) {
      if (gateway === undefined) return
      lastSpoke.set(gateway, clock.now())
      if (helo === undefined || names.get(gateway) === helo) return
      names.set(gateway, helo)
      if (configured.includes(gateway)) keep()
    },
  }
}

/** A file that is damaged is like none: gateways speak again. */
async function readNames(files: SmallFiles, log: Log): Promise<ReadonlyMap<string, string>> {
  try {
    const held: unknown = JSON.parse((await files.read(namesFile)) ?? '{}')
    if (typeof held !== 'object' || held === null) return new Map()
    return new Map(Object.entries(held).filter((each): each is [string, string] => typeof each[1] === 'string'))
  } catch (error) {
    log.warn('What gateways call themselves could not be read', { error: String(error) })
    return new Map()
  }
}

/** Each session, letter and greeting of a gateway is noted. */
export function noting(receiver: HomeReceiver, contacts: GatewayContacts): MessageReceiver {
  return {
    begin(session, ...rest) {
      contacts.note(session)
      return receiver.begin(session, ...rest)
    },
    hello(session, ...rest) {
      contacts.note(session)
      return receiver.hello(session, ...rest)
    },
    settled: (session, settled) => receiver.settled(session, settled),
  }
}
