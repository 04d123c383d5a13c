/** Every method by its name. */
import type { Method } from './method.ts'
import { echo } from './methods/core/echo.ts'

export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([['Core/echo', echo]])
