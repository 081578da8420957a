import {changedFile, standIn} from './stand-in.js'

const packages =
  'yaml/dist/index|ws/lib/websocket|cli-table3/index|http-proxy-agent/dist/index|got/dist/source/index'

/** What the bundle has loaded of the parts that not every command needs: the code cache is made anew with new ones. */
export const partsUsed = [
  standIn('parts-used', /^parts-used$/, 'module.exports = new Set()'),
  changedFile('parts-used-packages', `node_modules/(${packages})`, (source, path) => {
    const [, name] = /node_modules[\\/]([^\\/]+)/.exec(path)
    return `${source}\nrequire('parts-used').add('${name}')`
  }),
]
