// Postfix takes what home sends, straight and as an upstream. See README.md.
import { receiverSuite } from './suite.ts'
import { postfixReceiver } from './receiver.ts'

receiverSuite(postfixReceiver)
