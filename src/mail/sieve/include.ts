/** include, RFC 6609 §3.2 */
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { compiled } from './compiled.ts'
import { SieveFault } from './fault.ts'
import { maxIncludeDepth, maxIncludes } from './limits.ts'
import { type Execute, type Flow, newScope, type Run } from './run.ts'
import { texts } from './texts.ts'

export async function include(
  run: Run,
  { scope: where, name, once, optional }: Extract<Statement, { kind: 'include' }>,
  execute: Execute,
): Promise<Flow> {
  const id = `${where}:${name}`
  if (once && run.included.has(id)) return 'on'
  const around = run.scope
  if (around.chain.includes(id)) throw new SieveFault(texts.includeCycle(name))
  if (around.depth >= maxIncludeDepth) throw new SieveFault(texts.includeDepth(maxIncludeDepth))
  if (++run.includes > maxIncludes) throw new SieveFault(texts.includeCount(maxIncludes))
  const { scripts, limits } = run.ports
  const script = where === 'global' ? await scripts.global(name) : await scripts.personal(run.message.account, name)
  if (!script) {
    if (optional) return 'on'
    throw new SieveFault(texts.noSuchScript(name))
  }
  run.budget.spend(1000 + script.text.length / 4)
  const { program, problem } = compiled(script.text, where === 'global' ? maxScriptBytesEver : limits.maxScriptBytes)
  if (!program) throw new SieveFault(texts.badScript(script.name, problem.line, problem.column, problem.text))
  run.included.add(id)
  run.scope = newScope(script.name, around.depth + 1, [...around.chain, id])
  const flow = await execute(run, program.statements)
  run.scope = around
  // return ends the included script alone; a loop of the outer one cannot be left from here
  return flow === 'stop' ? 'stop' : 'on'
}
