import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { concatBytes } from '#base/bytes.ts'
import type { DeliveryId } from '../ids.ts'
import { Interned } from './interned.ts'
import { maxInterned } from './limits.ts'
import { Unconfirmed } from './unconfirmed.ts'

const fingerprint = (number: number) => new Uint8Array(32).fill(number)
const idOf = (number: number) => `gw.1.${number}` as DeliveryId
const step = fc.record({
  act: fc.constantFrom('add', 'gone', 'confirm', 'confirm-one', 'supersede', 'forget'),
  id: fc.nat(5),
  prints: fc.array(fc.nat(3), { maxLength: 3 }),
})

/** What each id may still be found by, as the comment at the head of unconfirmed.ts says it. */
class Model {
  readonly known = new Map<number, { prints: number[]; gone: boolean; superseded: boolean }>()

  take(id: number, prints: readonly number[] | undefined): void {
    const one = this.known.get(id)
    if (!one) return
    one.prints = prints ? one.prints.filter(print => !prints.includes(print)) : []
    if (one.prints.length === 0 && !one.superseded) this.known.delete(id)
  }

  found(print: number): string[] {
    const found = [...this.known].filter(([, one]) => one.gone && one.prints.includes(print))
    return found.map(([id]) => idOf(id)).toSorted()
  }
}

test('whoever shares a fingerprint is found by it as long as it is gone and unconfirmed, in any order of events', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const unconfirmed = new Unconfirmed()
      const model = new Model()
      for (const { act, id, prints } of steps) {
        const one = model.known.get(id)
        const bytes = prints.map(fingerprint)
        if (act === 'add' && !one) {
          unconfirmed.add(idOf(id), id, concatBytes(bytes), 0, false)
          model.known.set(id, { prints, gone: false, superseded: false })
        } else if (act === 'gone') {
          unconfirmed.gone(idOf(id))
          if (one) one.gone = true
        } else if (act === 'confirm' || act === 'confirm-one') {
          const only = act === 'confirm' ? undefined : prints
          unconfirmed.confirm(idOf(id), only?.map(fingerprint))
          model.take(id, only)
        } else if (act === 'supersede') {
          unconfirmed.supersede(idOf(id), bytes)
          if (one) one.superseded = true
          model.take(id, prints)
        } else if (act === 'forget') {
          unconfirmed.forget(idOf(id))
          model.known.delete(id)
        }
        for (let print = 0; print < 4; print++)
          assert.deepEqual([...unconfirmed.find(fingerprint(print), 0)].toSorted(), model.found(print))
      }
    }),
  )
})

test('one copy for all, and never more of them than the table holds', () => {
  const flows = new Interned<{ readonly name: string }>()
  const first = flows.of('a', { name: 'a' })
  assert.equal(flows.of('a', { name: 'a' }), first)
  for (let number = 0; number < maxInterned; number++) flows.of(String(number), { name: '' })
  assert.notEqual(flows.of('a', { name: 'a' }), first, 'begun anew')
})
