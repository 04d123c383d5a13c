// Kept connections that something between us has dropped without a word.
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import test, { type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { memorySource } from '#formats/message-source.ts'
import { envelopeTo } from './client.testbed.ts'
import { smtpTransport } from './transport.ts'

/** Takes everything; `dropped` connections hear and say nothing any more, and do not end. */
async function upstream(t: TestContext) {
  const sockets: Socket[] = []
  const dropped = new Set<Socket>()
  const heard: string[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    let inData = false
    socket.on('error', () => undefined)
    socket.write('220 upstream.test ESMTP\r\n')
    socket.on('data', chunk => {
      if (dropped.has(socket)) return
      for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) {
        if (inData && line !== '.') continue
        if (!inData) heard.push(line)
        inData = line === 'DATA'
        socket.write(inData ? '354 Go on\r\n' : '250 2.0.0 OK\r\n')
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const transport = smtpTransport({
    server: { host: '127.0.0.1', port: (server.address() as { port: number }).port },
    helo: 'mail.home.test',
    tls: { mode: 'none' },
    askAfterMs: 50,
    answerMs: 200,
  })
  t.after(() => transport.close())
  const letter = memorySource(Buffer.from('Subject: x\r\n\r\nHello\r\n'))
  const send = async () => {
    const [result] = await transport(
      envelopeTo(['x@internet.test'], { body: '7BIT' }),
      letter,
      AbortSignal.timeout(3000),
    )
    return result?.status
  }
  return { sockets, dropped, heard, send }
}

test('a kept connection that was dropped without a word costs the next letter a moment, not five minutes', async t => {
  const { sockets, dropped, send } = await upstream(t)
  assert.deepEqual(await Promise.all([send(), send(), send()]), Array(3).fill('delivered'))
  assert.equal(sockets.length, 3)
  for (const socket of sockets) dropped.add(socket)
  await pause(60)
  const start = performance.now()
  assert.equal(await send(), 'delivered')
  assert.ok(performance.now() - start < 1500, 'one question, not one for each')
  assert.equal(sockets.length, 4, 'over a new one')
  assert.equal(await send(), 'delivered')
  assert.equal(sockets.length, 4, 'which is used again')
})

test('it is asked only after it was idle', async t => {
  const { heard, sockets, send } = await upstream(t)
  await send()
  await send()
  assert.equal(heard.includes('RSET'), false)
  await pause(60)
  await send()
  assert.equal(heard.filter(line => line === 'RSET').length, 1)
  assert.equal(sockets.length, 1)
})
