/** How the box itself is: status, ports, certificates, configuration, a test message. */
import { z } from 'zod'
import { effectiveConfig } from '#config/show.ts'
import { notRunning, operation, type Operation } from './admin-operation.ts'

const nothing = z.strictObject({})

export const boxOperations: readonly Operation[] = [
  operation('status', nothing, async ({ status }) => (status ? status() : notRunning)),
  operation('ports', nothing, async ({ status }) => (status ? (await status()).listeners : notRunning)),
  operation('tls', nothing, ({ certificates }) => Promise.resolve(certificates ? certificates() : notRunning)),
  operation('config', nothing, ({ config }) =>
    Promise.resolve({ source: config.source, effective: effectiveConfig(config) }),
  ),
  operation(
    'test',
    z.strictObject({ direction: z.enum(['in', 'out']), address: z.string().min(3).max(320) }),
    ({ sendTest }, input) => (sendTest ? sendTest(input.direction, input.address) : Promise.resolve(notRunning)),
  ),
]
