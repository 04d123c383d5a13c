/** The text of a document, by what its octets say that it is; '' when it has none, or is nothing that is known here. */
import { isZip } from '#formats/content/zip.ts'
import { officeText } from './office-text.ts'
import { isPdf, pdfText } from './pdf-text.ts'

/** Throws where a document is damaged, or is closed by a password. `bytes` are used up. */
export async function documentText(bytes: Uint8Array, maxUnits: number): Promise<string> {
  if (isZip(bytes)) return flowing(officeText(bytes, maxUnits))
  return isPdf(bytes) ? flowing(await pdfText(bytes, maxUnits)) : ''
}

/** Lines end where the page did: between words there is one blank, and none between characters that are written without. */
function flowing(text: string): string {
  return text
    .replaceAll(
      /(?<=[\u3000-\u9fff\uf900-\ufaff\uff01-\uff9f])[ \t]*\r?\n[ \t]*(?=[\u3000-\u9fff\uf900-\ufaff\uff01-\uff9f])/g,
      '',
    )
    .replaceAll(/\s+/g, ' ')
    .trim()
}
