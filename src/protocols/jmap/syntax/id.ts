/** RFC 8620 §1.2 */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,255}$/.test(text)
}
