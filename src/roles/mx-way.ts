/** Straight to the recipients' mail servers, with MTA-STS: from home, or from a gateway that relays for it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openStsPolicies } from '#mail/mta-sts/policies.ts'
import type { Transport } from '#mail/transport.ts'
import { KeptConnections } from '#protocols/smtp/mx-kept.ts'
import { mxTransport } from '#protocols/smtp/mx-transport.ts'
import { ourselves } from './ourselves.ts'
import { stsFetch } from './sts-fetch.ts'
import type { Surroundings } from './surroundings.ts'

/** `alsoNamed`: what our other boxes call themselves. */
export async function openMxWay(
  around: Surroundings,
  scope: AsyncDisposableStack,
  alsoNamed?: () => Iterable<string>,
): Promise<Transport> {
  const { config, live, log, clock, folder } = around
  const { mtaSts } = config.outbound
  const ca = mtaSts.ca === undefined ? undefined : await readFile(mtaSts.ca, 'utf8')
  const policies = scope.use(
    await openStsPolicies({
      folder: join(folder.path, 'mta-sts'),
      txt: around.resolver.txt,
      fetch: stsFetch({ resolver: around.resolver, port: mtaSts.port, ca }),
      clock,
      log,
    }),
  )
  return mxTransport({
    resolver: around.resolver,
    helo: config.hostname,
    port: config.outbound.mxPort,
    policies,
    kept: scope.use(new KeptConnections()),
    isOurs: place => ourselves(live.current, alsoNamed)(place),
    ...(ca !== undefined && { ca }),
    onTls: ({ domain, host, result, reason, policy: { mode } }) =>
      result === 'verified'
        ? log.debug('MTA-STS: a host was verified', { domain, host })
        : log.warn('MTA-STS: a host does not keep its domain’s policy', { domain, host, mode, result, reason }),
  })
}
