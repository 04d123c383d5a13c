// Every dialogue in transcripts/ against a server on a real store.
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { runTranscript } from './transcript.testbed.ts'

for (const file of globSync(`${import.meta.dirname}/transcripts/*.txt`).sort())
  test(`transcript ${basename(file, '.txt')}`, () => runTranscript(pathToFileURL(file)))
