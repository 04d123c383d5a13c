/** Something that a section shows once it is here, and reads again after a change. */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

export type Loaded<Value> = {
  /** Undefined: on its way */
  readonly value: Signal<Value | undefined>
  readonly hasFailed: Signal<boolean>
  again(): Promise<void>
}

export function useLoaded<Value>(read: () => Promise<Value>): Loaded<Value> {
  const value = useSignal<Value | undefined>(undefined)
  const hasFailed = useSignal(false)
  const again = async () => {
    try {
      value.value = await read()
      hasFailed.value = false
    } catch {
      hasFailed.value = true
    }
  }
  useEffect(() => void again(), [])
  return { value, hasFailed, again }
}
