/** A signal, or Ctrl-C at a question, that ended the run. */
export class Interrupted extends Error {
  constructor(readonly exitCode: 130 | 143) {
    super('interrupted')
  }
}

/** Rejects with what ends the run, when that comes. */
export function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), {once: true})
  })
}
