import type { Extension } from '../extensions.ts'
import type { Condition, Statement } from '../program.ts'
import type { ArgumentRule, Bound } from './arguments.ts'

/** A union without the place, which whoever applies the rule adds */
export type Placeless<T> = T extends unknown ? Omit<T, 'at'> : never

export type TestRule = ArgumentRule & {
  readonly extension?: Extension
  readonly read: (bound: Bound) => Placeless<Condition>
}

/** A command without block and without tests */
export type CommandRule = ArgumentRule & {
  readonly extension?: Extension
  readonly read: (bound: Bound) => Placeless<Statement>
}
