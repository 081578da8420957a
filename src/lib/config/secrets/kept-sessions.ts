import {createHash} from 'node:crypto'
import {rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod/mini'
import {withLock} from '../files/lock.js'
import {readTextFile, replaceTextFile} from '../files/text-file.js'
import type {Secret} from './secret.js'

const kept = z.object({
  /** For people who look into the file. */
  url: z.string(),
  user: z.string(),
  /** Of the session and the password that it was made with: another password does not get it. */
  proof: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Milliseconds that it was good for, and until when (Unix ms). */
  lasted: z.number(),
  until: z.number(),
})

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/**
 * Keeps the sessions that passwords were traded for, in files (0600) below the state folder, as a panel counts logins and may
 * block who comes too often. What cannot be read or written costs another login, nothing else.
 */
export function keptSessions(stateDir: () => string, now: () => Date) {
  const place = (url: string, {user}: Secret) => {
    const folder = join(stateDir(), 'sessions')
    const key = sha256([url, user]).slice(0, 32)
    return {folder, file: join(folder, `${key}.json`), lock: `${key}.lock`}
  }
  const proofOf = (headers: Readonly<Record<string, string>>, {value}: Secret) => sha256([headers, value])

  return {
    async find(url: string, secret: Secret) {
      try {
        const {file} = place(url, secret)
        // A pipe in its place would be waited for.
        if (!(await stat(file)).isFile()) return undefined
        const text = await readTextFile(file)
        const {headers, lasted, until, proof} = kept.parse(JSON.parse(text ?? 'null'))
        const lasts = until - now().getTime()
        return proof === proofOf(headers, secret) && lasts > 0 ? {headers, lasts, lasted} : undefined
      } catch {
        return undefined
      }
    },
    async keep(
      url: string,
      secret: Secret,
      session:
        | {readonly headers: Readonly<Record<string, string>>; readonly lasts?: number | undefined}
        | undefined,
    ): Promise<void> {
      try {
        const {folder, file, lock: name} = place(url, secret)
        if (session?.lasts === undefined) return await rm(file, {force: true})
        const {headers, lasts} = session
        const text = JSON.stringify({
          url,
          user: secret.user ?? '',
          proof: proofOf(headers, secret),
          headers,
          lasted: lasts,
          until: now().getTime() + lasts,
        } satisfies z.infer<typeof kept>)
        const busy = `another panelctl is writing in ${folder}`
        await withLock({folder, name, busy, variable: 'PANELCTL_STATE_DIR', patience: 2000}, lock =>
          replaceTextFile(lock, file, text),
        )
      } catch {
        // the next run logs in again
      }
    },
  }
}
