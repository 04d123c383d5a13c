/** undefined when the pattern does not match, or nothing becomes another. */
export function replaced(
  text: string,
  pattern: RegExp,
  by: string | ((...groups: string[]) => string),
): string | undefined {
  const changed =
    typeof by === 'string' ? text.replace(pattern, by) : text.replace(pattern, (...groups) => by(...groups))
  return changed === text ? undefined : changed
}
