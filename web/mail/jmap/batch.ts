/** Calls that go out in one request and may refer to each other's results (RFC 8620 §3.7). */
import type { Id, Invocation, JsonObject, MethodError, ResultReference } from '#protocols/jmap/wire.ts'
import { MethodFault } from './fault.ts'
import type { MethodName, Results } from './methods.ts'

/** A call that was put into a batch. */
export type Call<Name extends MethodName> = {
  readonly id: string
  readonly name: Name
  /** For an argument `#ids` of a later call */
  result(path: string): ResultReference
}

export class Batch {
  readonly #accountId: Id
  readonly #calls: Invocation[] = []

  constructor(accountId: Id) {
    this.#accountId = accountId
  }

  get calls(): readonly Invocation[] {
    return this.#calls
  }

  call<Name extends MethodName>(name: Name, given: object): Call<Name> {
    return this.callForUser(name, { accountId: this.#accountId, ...given })
  }

  /** Of what belongs to the user, not to an account (RFC 8620 §7.2) */
  callForUser<Name extends MethodName>(name: Name, given: object): Call<Name> {
    const id = `c${this.#calls.length}`
    this.#calls.push([name, given as JsonObject, id])
    return { id, name, result: path => ({ resultOf: id, name, path }) }
  }
}

export class Answers {
  readonly #responses: readonly Invocation[]

  constructor(responses: readonly Invocation[]) {
    this.#responses = responses
  }

  /** Throws the method's error. */
  of<Name extends MethodName>(call: Call<Name>): Results[Name] {
    const found = this.#responses.find(([name, , id]) => id === call.id && (name === call.name || name === 'error'))
    if (!found) throw new MethodFault({ type: 'serverFail', description: `No answer to ${call.name}` })
    if (found[0] === 'error') throw new MethodFault(found[1] as unknown as MethodError)
    return found[1] as unknown as Results[Name]
  }

  /** Undefined where the method answered. */
  fault(call: Call<MethodName>): MethodError['type'] | undefined {
    const found = this.#responses.find(([, , id]) => id === call.id)
    if (!found) return 'serverFail'
    return found[0] === 'error' ? (found[1] as unknown as MethodError).type : undefined
  }
}
