/** What a view shows once it is here; another file, or leaving, ends what is under way. */
import { useEffect, useState } from 'preact/hooks'

export type Fetched<Value> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown }

/** `keys`: it is fetched anew when one of them is another. */
export function useFetched<Value>(
  fetch: (signal: AbortSignal) => Promise<Value>,
  keys: readonly unknown[],
): Fetched<Value> {
  const [state, setState] = useState<Fetched<Value>>({ kind: 'loading' })
  useEffect(() => {
    const end = new AbortController()
    setState({ kind: 'loading' })
    fetch(end.signal).then(
      value => !end.signal.aborted && setState({ kind: 'here', value }),
      (error: unknown) => !end.signal.aborted && setState({ kind: 'failed', error }),
    )
    return () => end.abort()
  }, keys)
  return state
}
