import { useEffect, useRef } from 'preact/hooks'
import { go, route } from '../model/route.ts'
import { t } from '../texts/texts.ts'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null)
  const { search } = route.value
  useEffect(() => {
    if (input.current) input.current.value = search ?? ''
  }, [search])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const words = input.current?.value.trim() ?? ''
    if (words === '') return leave()
    go({ place: 'search', search: words, thread: undefined })
    input.current?.blur()
  }
  const leave = () => {
    if (input.current) input.current.value = ''
    if (search !== undefined) go({ place: 'inbox', search: undefined, thread: undefined })
  }
  return (
    <form class="search" role="search" onSubmit={submit}>
      <Icon name="search" size={18} />
      <input
        ref={input}
        id="search"
        type="search"
        enterkeyhint="search"
        autocomplete="off"
        aria-label={t().search.label}
        placeholder={t().search.placeholder}
        onKeyDown={event => {
          if (event.key !== 'Escape' || event.isComposing) return
          event.currentTarget.blur()
        }}
      />
      {search === undefined ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <IconButton icon="close" label={t().search.clear} onClick={leave} />
      )}
    </form>
  )
}
