import {Config} from '@oclif/core/config'
import {Help} from '@oclif/core/help'
import {writeOut} from './io.js'
import type {Runtime} from './run.js'

/** oclif's help, made from the manifest, into our stdout. */
export async function printHelp(words: readonly string[], runtime: Runtime): Promise<void> {
  const config = await Config.load({root: runtime.root, devPlugins: false, userPlugins: false})
  let text = ''
  class CollectedHelp extends Help {
    protected override log(...parts: string[]) {
      text += `${parts.join(' ')}\n`
    }
  }
  await new CollectedHelp(config, {all: false}).showHelp([...words])
  await writeOut(runtime.io, text)
}

/** `panelctl/0.1.0 linux-x64 node-v20.20.2` */
export async function printVersion({version, io}: Runtime): Promise<void> {
  await writeOut(io, `panelctl/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
}
