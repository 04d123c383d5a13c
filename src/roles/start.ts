/** Starts the roles of a configuration in this process: what is opened first is closed last. */
import type { LevelLog } from '#base/log.ts'
import type { Config } from '#config/schema.ts'
import { inProcessDownstream } from '#mail/deliver/in-process.ts'
import type { StatusReport } from '#mail/status.ts'
import { type RunningGateway, startGateway } from './gateway.ts'
import { type RunningHome, startHome } from './home.ts'
import { type OpenListener, openListeners } from './listeners.ts'
import { statusOf } from './status.ts'
import { openSurroundings, type Surroundings } from './surroundings.ts'
import { openWeb } from './web.ts'

export type RunningRoles = {
  readonly around: Surroundings
  readonly gateway: RunningGateway | undefined
  readonly home: RunningHome | undefined
  /** The health pages join when administration starts */
  readonly listeners: OpenListener[]
  status(): Promise<StatusReport>
  [Symbol.asyncDispose](): Promise<void>
}

/** Rejects with what could not be opened; then nothing is left open. */
export async function startRoles(config: Config, log: LevelLog): Promise<RunningRoles> {
  await using scope = new AsyncDisposableStack()
  const around = await openSurroundings(config, log, scope)
  const home = config.role.includes('home') ? await startHome(around, scope) : undefined
  const gateway = config.role.includes('gateway')
    ? await startGateway(around, home && inProcessDownstream(home.receiver), scope)
    : undefined
  const listeners: OpenListener[] = []
  const status = () => statusOf({ around, gateway, home, listeners })
  const web = await openWeb(around, home, status, scope)
  listeners.push(
    ...(await openListeners(
      around,
      listener => gateway?.services(listener) ?? web(listener) ?? home?.services(listener),
      scope,
    )),
  )
  const owned = scope.move()
  return { around, gateway, home, listeners, status, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
