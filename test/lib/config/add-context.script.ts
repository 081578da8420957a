import {saveContext} from '../../../src/lib/config/contexts/change-context.js'

const [configDir = '', name = ''] = process.argv.slice(2)

// the test ends stdin when every process has started, so that they come all at once
process.stdin.resume()
process.stdin.on('end', async () => {
  await saveContext(
    {configDir, env: {}},
    {
      name,
      context: {panel: 'nezha', url: `https://${name}.example.com`, store: 'file'},
      secret: {kind: 'token', value: `secret of ${name}`},
      replace: false,
    },
  )
})
