import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import test from 'node:test'
import { silentLog } from '#base/log.ts'
import { listen } from '#net/listener.ts'
import { DataFolderRefusal } from '#store/data-folder.ts'
import { failureText } from './failure-text.ts'

test('a port that is taken is named, with what to do, in both languages', async () => {
  const taken = createServer()
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  const { port } = taken.address() as AddressInfo
  const options = { host: '127.0.0.1', port, onConnection: () => Promise.resolve(), log: silentLog }
  const error = await listen(options).then(
    () => assert.fail('it was free'),
    (cause: unknown) => cause,
  )
  taken.close()
  const { en, ja } = failureText(error)
  assert.match(en, new RegExp(`^NET-BIND: port ${port} at 127\\.0\\.0\\.1 is taken`))
  assert.match(ja, new RegExp(`ポート ${port} は他のプログラムが使っています`))
})

test('a data folder in use is said without the name of a class; unknown failures keep theirs', () => {
  assert.equal(failureText(new DataFolderRefusal('in-use', '/x is in use')).en, '/x is in use')
  assert.equal(failureText(new RangeError('odd')).en, 'RangeError: odd')
})
