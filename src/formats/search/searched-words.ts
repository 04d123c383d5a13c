import { fold } from './fold.ts'

/** The words of what somebody looks for, folded; what stands in quotation marks is one, as it stands (RFC 8621 §4.4.1). */
export function searchedWords(text: string): readonly string[] {
  const found = text.matchAll(/"([^"]*)"|'([^']*)'(?=\s|$)|([^\s"]+)/g)
  return [...found].map(([, double, single, plain]) => fold(double ?? single ?? plain ?? '')).filter(one => one !== '')
}
