import {expect, test} from 'vitest'
import {createClient} from '../../../src/lib/http/client.js'
import type {ClientOptions} from '../../../src/lib/http/client-options.js'
import {listServers, registerServer} from '../../../src/lib/panels/nezha/v0/endpoints.js'
import {jsonAnswer, listAnswer, serve, tlsFixtures} from '../../process/serve.js'

const options: ClientOptions = {
  timeout: undefined,
  retries: 0,
  dryRun: false,
  userAgent: 'panelctl/test',
  signal: new AbortController().signal,
  warn: () => {},
}

test.each(['http', 'https'] as const)(
  'a write that is reset on a connection that a read has used before is in doubt (%s)',
  async protocol => {
    const {url} = await serve((request, response) => {
      if (request.method === 'GET') jsonAnswer(listAnswer('web1'))(request, response)
      else request.on('data', () => response.destroy())
    }, protocol)
    const client = createClient(
      async () => ({
        url,
        credential: async () => undefined,
        caFile: tlsFixtures.caFile,
        insecure: false,
        acceptedRisks: {insecure: false, plainHttp: false},
      }),
      options,
    )
    await client.call(listServers, {query: {}})
    await expect(client.call(registerServer, {body: {}})).rejects.toMatchObject({
      code: 'UNCERTAIN',
      exitCode: 7,
    })
  },
)
