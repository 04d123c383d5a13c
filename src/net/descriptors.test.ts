import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import test from 'node:test'
import { connectionBudget, openFilesLimit } from './descriptors.ts'

test('the limit is read from what the kernel says', () => {
  const text = 'Limit                     Soft Limit           Hard Limit           Units\nMax open files '
  assert.equal(openFilesLimit(`${text}           1024                 524288               files\n`), 1024)
  assert.equal(openFilesLimit(`${text}           unlimited            unlimited            files\n`), Infinity)
  assert.equal(openFilesLimit(''), Infinity)
  assert.deepEqual([128, 256, 1024, Infinity].map(connectionBudget), [32, 96, 864, Infinity])
})

const server = `
import { silentLog } from ${JSON.stringify(new URL('../base/log.ts', import.meta.url).href)}
import { listen } from ${JSON.stringify(new URL('./listener.ts', import.meta.url).href)}
const onConnection = async connection => {
  connection.write('hello\\r\\n')
  await connection.flush()
  await connection.line(100, 60_000)
}
const open = share => listen({ host: '127.0.0.1', share, refusal: 'full\\r\\n', onConnection, log: silentLog })
console.log((await open(0.75)).port, (await open(1)).port)
`

async function firstWord(port: number, sockets: Socket[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  const [data] = (await once(socket, 'data')) as [Buffer]
  return data.toString().trim()
}

test('with few descriptors new sessions of the patient kind are refused first, then all; those there go on', {
  timeout: 30_000,
}, async () => {
  const shell = 'ulimit -n 200 && exec "$0" --input-type=module -e "$1"'
  const child = spawn('sh', ['-c', shell, process.execPath, server], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const [patient = 0, mail = 0] = line.toString().split(' ').map(Number)
    const words: string[] = []
    for (let count = 0; count < 60; count += 1) words.push(await firstWord(patient, sockets))
    // 200 allow 50 connections
    assert.deepEqual([words.indexOf('full'), words.lastIndexOf('hello')], [37, 36])
    const letters: string[] = []
    for (let count = 0; count < 15; count += 1) letters.push(await firstWord(mail, sockets))
    assert.deepEqual([letters.indexOf('full'), letters.lastIndexOf('hello')], [13, 12])
    for (const socket of sockets) socket.destroy()
    while ((await firstWord(mail, sockets)) !== 'hello');
  } finally {
    for (const socket of sockets) socket.destroy()
    child.kill('SIGKILL')
  }
})
