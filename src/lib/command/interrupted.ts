/** A signal, or Ctrl-C at a question, that ended the run. */
export class Interrupted extends Error {
  constructor(readonly exitCode: 130 | 143) {
    super('interrupted')
  }
}
