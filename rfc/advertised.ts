// All capabilities that IMAP can advertise.
import { capabilityList, type CapabilityFacts } from '../src/protocols/imap/capabilities.ts'
import { offeredMechanisms } from '../src/protocols/sasl/mechanisms.ts'

export function advertisedCapabilities(): ReadonlySet<string> {
  const channelBinding = { 'tls-exporter': new Uint8Array(1) }
  const facts: CapabilityFacts = {
    secure: false,
    canStartTls: true,
    mayLogIn: true,
    mechanisms: offeredMechanisms({ tls: true, scramReady: () => true, channelBinding }),
    appendLimitBytes: 1,
    compressed: false,
    sieveUrl: '',
    off: new Set(),
  }
  const lists = [
    capabilityList('unauthenticated', facts),
    capabilityList('unauthenticated', { ...facts, mayLogIn: false }),
    capabilityList('authenticated', facts),
  ]
  return new Set(lists.flatMap(list => list.split(' ')).map(name => name.replace(/^(APPENDLIMIT|IMAPSIEVE)=.*$/, '$1')))
}
