/** Every command, in the order of the help. */
import { alias } from './alias.ts'
import type { Command } from './command.ts'
import { config } from './config.ts'
import { demo } from './demo.ts'
import { dkim } from './dkim.ts'
import { domain } from './domain.ts'
import { init } from './init.ts'
import { junk } from './junk.ts'
import { ports } from './ports.ts'
import { queue } from './queue.ts'
import { refused } from './refused.ts'
import { search } from './search.ts'
import { serve } from './serve.ts'
import { sieve } from './sieve.ts'
import { status } from './status.ts'
import { test } from './test.ts'
import { tls } from './tls.ts'
import { trace } from './trace.ts'
import { user } from './user.ts'

export const commands: readonly Command[] = [
  demo,
  init,
  serve,
  status,
  ports,
  domain,
  user,
  alias,
  sieve,
  dkim,
  queue,
  junk,
  search,
  refused,
  trace,
  test,
  config,
  tls,
]
