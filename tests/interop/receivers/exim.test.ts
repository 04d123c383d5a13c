// Exim takes what home sends, straight and as an upstream. See README.md.
import { receiverSuite } from './suite.ts'
import { eximReceiver } from './receiver.ts'

receiverSuite(eximReceiver)
