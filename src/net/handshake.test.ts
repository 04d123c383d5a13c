import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Connection } from './connection.ts'
import { secureAsClient, secureAsServer } from './handshake.ts'
import { openLocalCa } from './tls/local-ca.ts'

const folder = await mkdtemp(join(tmpdir(), 'hikyaku-handshake-'))
const ca = await openLocalCa(folder)
const pair = await ca.issueServer(['home.test'])
await rm(folder, { recursive: true, force: true, maxRetries: 10 })

// The peer may answer within the very call that writes our word, or some turns later while we are still busy. (It never begins
// after us here: over streams in memory the whole handshake would then run inside Node's `tls.connect`, which misses its end.)
for (const turns of [0, 1, 2, 4])
  test(`STARTTLS: a peer that begins TLS ${turns} turns after our word is heard`, { timeout: 5_000 }, async () => {
    const [peer, stream] = duplexPair()
    const connection = new Connection(stream)
    peer.write('STARTTLS\r\nSLIPPED IN\r\n')
    const secured = new Promise<string>((resolve, reject) => {
      peer.once('data', () => void begin().catch(reject))
      async function begin() {
        for (let turn = 0; turn < turns; turn += 1) await setImmediate()
        const client = new Connection(peer)
        await secureAsClient(client, { serverName: 'home.test', verify: true, ca: ca.certificatePem }, 2000)
        client.write('hello\r\n')
        await client.flush()
        const line = await client.line(100, 2000)
        resolve(line?.kind === 'line' ? Buffer.from(line.bytes).toString() : 'nothing')
      }
    })
    assert.equal((await connection.line(100, 1000))?.kind, 'line')
    connection.prepareUpgrade()
    connection.write('OK\r\n')
    await connection.flush()
    for (let turn = 0; turn < 6; turn += 1) await setImmediate()
    await secureAsServer(connection, pair, 2000)
    const line = await connection.line(100, 1000)
    assert.ok(line?.kind === 'line')
    assert.equal(Buffer.from(line.bytes).toString(), 'hello', 'what was slipped in is gone')
    connection.write('well\r\n')
    await connection.flush()
    assert.equal(await secured, 'well')
    connection.destroy()
  })

// A port scan or a health check connects and leaves; each would have kept its connection for the whole deadline, and a restart
// would have waited for it.
for (const leave of ['end', 'destroy'] as const)
  test(`a peer that leaves before TLS has begun (${leave}) is let go at once`, { timeout: 5_000 }, async () => {
    await using server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const peer = connect(port, '127.0.0.1')
    const [socket] = await accepted
    const connection = new Connection(socket)
    const handshake = secureAsServer(connection, pair, 60_000)
    peer[leave]()
    await assert.rejects(handshake, /left during the TLS handshake/)
    connection.destroy()
    socket.destroy()
  })
