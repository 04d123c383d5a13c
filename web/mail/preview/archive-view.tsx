import { sizeText } from '../model/dates.ts'
import { plainSigns } from '../model/plain-signs.ts'
import { language, t } from '../texts/texts.ts'
import { useMail } from '../views/mail-context.ts'
import { localeFor } from '../views/message-row.tsx'
import { useFetched } from './fetched.ts'
import { Problem, Waiting } from './states.tsx'

/** What an archive says that it holds. */
export function ArchiveView({ blobId }: { readonly blobId: string }) {
  const { client } = useMail()
  const found = useFetched(async () => {
    const calls = client.batch()
    const call = calls.call('Blob/entries', { ids: [blobId] })
    return (await client.send(calls)).of(call).list[0]
  }, [blobId])
  if (found.kind === 'loading') return <Waiting />
  const { entries, isTruncated } = (found.kind === 'here' ? found.value : undefined) ?? {
    entries: null,
    isTruncated: false,
  }
  if (!entries) return <Problem text={t().preview.failed} />
  const files = entries.filter(({ name }) => !name.endsWith('/'))
  return (
    <div class="viewer-paper">
      <p class="viewer-count">{t().preview.entries(files.length)}</p>
      <ul class="viewer-entries">
        {files.map(({ name, size, isEncrypted }, at) => (
          <li key={at}>
            <span>{plainSigns(name)}</span>
            <span>
              {sizeText(size, localeFor(language.value))}
              {isEncrypted && ` · ${t().preview.encrypted}`}
            </span>
          </li>
        ))}
      </ul>
      {isTruncated && <p class="viewer-cut">{t().preview.cut}</p>}
    </div>
  )
}
