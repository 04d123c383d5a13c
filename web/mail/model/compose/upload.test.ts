import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import { upload } from './upload.ts'

/** A browser's request, answered at once */
function answering(status: number, response: unknown) {
  return class {
    readonly upload = {}
    readonly status = status
    readonly response = response
    onload = (): void => undefined
    open(): void {}
    setRequestHeader(): void {}
    send(): void {
      this.onload()
    }
  }
}

async function faultOf(status: number, response: unknown): Promise<Fault> {
  const before = globalThis.XMLHttpRequest
  Object.assign(globalThis, { XMLHttpRequest: answering(status, response) })
  const options = { onProgress: () => undefined, signal: new AbortController().signal }
  try {
    await upload({ uploadPath: '/' } as Client, new Blob(['octets']), options)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  } finally {
    Object.assign(globalThis, { XMLHttpRequest: before })
  }
  throw new Error('It went up')
}

test('why a file did not go up says the number of the answer, whatever stands in that', async () => {
  // a proxy has words of its own, in HTML or in JSON: a file that is too large for it is so tomorrow as well
  for (const response of [null, 'too large', { error: 'too large' }, { status: 200 }, []]) {
    const fault = await faultOf(413, response)
    assert.equal(fault.kind, 'refused')
    assert.equal(fault.problem?.status, 413)
  }
  assert.equal((await faultOf(401, null)).kind, 'signed-out')
  assert.equal((await faultOf(503, { status: 413 })).kind, 'unreachable')
})
