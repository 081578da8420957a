'use strict'

// Required into a process before its program: writes down which files it has put onto the disk, and which it renames.
const fs = require('node:fs')

const log = process.env.RECORDED_FILES
const note = (what, {ino}) => fs.appendFileSync(log, `${what} ${ino}\n`)

const {rename} = fs.promises
fs.promises.rename = async (from, to) => {
  note(`rename ${to}`, fs.statSync(from))
  return rename(from, to)
}

// What all that is opened has in common: `writeFile` with `flush` calls it too.
const opened = fs.promises.open(__filename).then(async file => {
  const handles = Object.getPrototypeOf(file)
  const {sync} = handles
  handles.sync = async function () {
    await sync.call(this)
    note('sync', fs.fstatSync(this.fd))
  }
  await file.close()
})
opened.catch(error => process.stderr.write(`${error.stack}\n`))
