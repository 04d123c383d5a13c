import assert from 'node:assert/strict'
import test from 'node:test'
import type { Config } from '#config/schema.ts'
import { type Interfaces, ourselves } from './ourselves.ts'

type Parts = Parameters<typeof ourselves>[0]
const mx = (address: string, port = 25) => ({ service: 'mx', address, port, proxy: [] }) as const
const parts = (listen: readonly object[], gateway?: object): Parts => ({
  hostname: 'Mail.home.test',
  listen: listen as Config['listen'],
  outbound: { mxPort: 25, gateway } as Config['outbound'],
})
const interfaces: Interfaces = () => [
  { address: '127.0.0.1', internal: true },
  { address: '203.0.113.25', internal: false },
  { address: '2001:db8::25', internal: false },
]

for (const [what, isOurs, yes, no] of [
  [
    'home: its own name, and what its gateways are called',
    ourselves(parts([{ service: 'lmtp' }]), () => ['mx.Home.test'], interfaces),
    ['mail.home.test', 'MAIL.HOME.TEST.', 'mx.home.test'],
    ['home.test', 'mx.internet.test', '203.0.113.25', '127.0.0.1'],
  ],
  [
    'home that sends through its gateway: by the name in its certificate',
    ourselves(
      parts([], { url: { kind: 'tcp', host: 'relay.home.test', port: 2525 }, serverName: 'mx.home.test' }),
      undefined,
      interfaces,
    ),
    ['mx.home.test', 'relay.home.test'],
    ['internet.test'],
  ],
  [
    'gateway on every address: all of this machine’s',
    ourselves(parts([mx('*')]), undefined, interfaces),
    ['203.0.113.25', '2001:DB8::25', '::ffff:203.0.113.25', '127.0.0.9', '::1'],
    ['203.0.113.26', 'mx.internet.test'],
  ],
  [
    'gateway on one address: others may serve the rest',
    ourselves(parts([mx('203.0.113.25')]), undefined, interfaces),
    ['203.0.113.25'],
    ['2001:db8::25', '127.0.0.1'],
  ],
  [
    'another port of loopback is somebody else',
    ourselves(parts([mx('127.0.0.1', 10025), mx('*', 10026)]), undefined, interfaces),
    ['203.0.113.25'],
    ['127.0.0.1', '127.0.0.2', '::1'],
  ],
] as const)
  test(what, () => {
    for (const place of yes) assert.equal(isOurs(place), true, place)
    for (const place of no) assert.equal(isOurs(place), false, place)
  })
