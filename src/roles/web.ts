/** The web listeners: in this part the status page. */
import type { StatusReport } from '#mail/status.ts'
import { serveHttp } from '#protocols/http/server.ts'
import type { OpenListener } from './listeners.ts'
import type { Surroundings } from './surroundings.ts'

export async function openWeb(
  { config, live, log }: Pick<Surroundings, 'config' | 'live' | 'log'>,
  report: () => Promise<StatusReport>,
  scope: AsyncDisposableStack,
): Promise<readonly OpenListener[]> {
  const opened: OpenListener[] = []
  for (const listener of config.listen) {
    // NOTE: https joins when there is something to sign in to (part 4); the status page shows no mail content but does show addresses
    if (listener.service !== 'http') continue
    const host = listener.address === '*' ? '::' : listener.address
    const server = scope.use(
      await serveHttp({
        host,
        port: listener.port,
        report,
        language: () => live.current.language,
        log: log.with({ protocol: 'http' }),
      }),
    )
    opened.push({
      service: 'http',
      address: listener.address,
      port: server.port,
      connections: () => 0,
      isOpen: () => server.isOpen,
    })
  }
  return opened
}
