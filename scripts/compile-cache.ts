/**
 * For what starts many short-lived processes and threads of ours: types are stripped and code is compiled once for all of them, in
 * Node's own cache (by content). It halves what a start costs.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', '.cache', 'compiled')

/** `anew`: what earlier versions of the files left there goes first. Whoever has set a folder keeps it. */
export function shareCompiledCode({ anew = false }: { readonly anew?: boolean } = {}): void {
  if (process.env['NODE_COMPILE_CACHE'] !== undefined) return
  if (anew) rmSync(folder, { recursive: true, force: true })
  process.env['NODE_COMPILE_CACHE'] = folder
}
