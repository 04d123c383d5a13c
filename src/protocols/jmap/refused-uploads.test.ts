import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import test from 'node:test'
import { authorization, type JmapBed, withJmap } from './jmap.testbed.ts'

const mebibyte = Buffer.alloc(1024 * 1024, 'x')
const json = 'Content-Type: application/json\r\n'

test('who sends 50 MB that are refused gets the answer, even if nothing is read before all is sent; who is unknown, after 1 MB', async () => {
  await withJmap(
    async bed => {
      const upload = `/jmap/upload/${bed.accountId}/`
      const known = `Authorization: ${authorization}\r\n`
      const cases: [path: string, headers: string, status: number, mebibytes?: number][] = [
        [upload, '', 401, 1],
        [upload, known, 413],
        ['/jmap/upload/A999/', known, 404],
        ['/jmap/api', json, 401, 1],
        ['/jmap/api', `${known}${json}`, 413],
        ['/jmap/api', known, 400],
        // what may never be done is refused before anybody is asked who he is
        ['/jmap/session', known, 405, 1],
      ]
      for (const [path, headers, status, mebibytes = 48] of cases)
        for (const chunked of [false, true]) {
          const { sent, error, answer } = await sendThenRead(bed, { path, headers, chunked, mebibytes })
          assert.equal(error, undefined, `${path} ${status} ${chunked}`)
          assert.equal(sent, true)
          assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
          assert.match(answer, /\r\nconnection: close\r\n/i)
          assert.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).status, status)
        }
    },
    { maxSizeUpload: 5_000_000 },
  )
})

test('what is thrown away is bounded: by octets, and by time', async () => {
  await withJmap(async bed => {
    const known = `Authorization: ${authorization}\r\n`
    for (const [headers, mebibytes] of [
      [`${known}${json}`, 2_000],
      // what lies in the buffers of both sockets comes on top of it
      [json, 40],
      [`Authorization: Basic eXVraTp3cm9uZw==\r\n${json}`, 40],
    ] as const) {
      const endless = await sendThenRead(bed, { path: '/jmap/api', headers, chunked: true, mebibytes })
      assert.equal(endless.sent, false, `it was let send all of ${mebibytes} MiB`)
    }
    const socket = connect(bed.port, '127.0.0.1')
    socket.on('error', () => undefined)
    const before = performance.now()
    socket.write(`POST /jmap/api HTTP/1.1\r\nHost: home.test\r\n${json}Content-Length: 1000\r\n\r\n{`)
    const seen = await allOf(socket)
    assert.match(seen, /^HTTP\/1.1 401 /)
    const tookMs = performance.now() - before
    assert.ok(tookMs > 1_500 && tookMs < 10_000, `${tookMs} ms`)
  })
})

test('what was sent in full by then is answered without waiting', async () => {
  await withJmap(async bed => {
    const before = performance.now()
    const { answer } = await sendThenRead(bed, { path: '/jmap/api', headers: json, chunked: true, mebibytes: 1 })
    assert.match(answer, /^HTTP\/1.1 401 /)
    assert.ok(performance.now() - before < 1_500)
  })
})

type Sending = {
  readonly path: string
  readonly headers: string
  readonly chunked: boolean
  readonly mebibytes: number
}

/** As a simple client does: all is written before anything is read. */
async function sendThenRead({ port }: JmapBed, { path, headers, chunked, mebibytes }: Sending) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  let error: Error | undefined
  socket.on('error', problem => (error = problem))
  const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${mebibytes * mebibyte.length}`
  socket.write(`POST ${path} HTTP/1.1\r\nHost: home.test\r\n${headers}${length}\r\n\r\n`)
  let sent = true
  for (let count = 0; count < mebibytes && sent; count++) {
    if (chunked) socket.write(`${mebibyte.length.toString(16)}\r\n`)
    sent = await written(socket, mebibyte)
    if (chunked) socket.write('\r\n')
  }
  if (chunked && sent) sent = await written(socket, Buffer.from('0\r\n\r\n'))
  const answer = sent ? await allOf(socket) : ''
  socket.destroy()
  return { sent, error, answer }
}

function written(socket: Socket, octets: Uint8Array): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false)
  return new Promise(resolve => socket.write(octets, problem => resolve(!problem)))
}

async function allOf(socket: Socket): Promise<string> {
  let seen = ''
  socket.on('data', (chunk: Buffer) => (seen += chunk.toString()))
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
  return seen
}
