/** RFC 8620 §4 */
import type { Method } from '../../method.ts'
import { coreCapability } from '../../wire.ts'

export const echo: Method = {
  capability: coreCapability,
  run: async given => given,
}
