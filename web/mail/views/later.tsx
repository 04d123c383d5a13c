/** Parts of the page that come behind the first view: nothing stands in their place until they are there. */
import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

/** `onFailed`: it cannot be loaded; a dialog is closed then. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  onFailed: (props: NoInfer<Props>) => void = () => undefined,
): ComponentType<Props> {
  return function Later(props: Props) {
    const Loaded = useSignal<ComponentType<Props> | undefined>(undefined)
    useEffect(() => {
      load().then(
        loaded => (Loaded.value = loaded),
        () => onFailed(props),
      )
    }, [])
    return Loaded.value ? <Loaded.value {...props} /> : null
  }
}
