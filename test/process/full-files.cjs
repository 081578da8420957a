'use strict'

// Required into a process before its program: its FULL_CALL fails as the system has it with FULL_ERRNO. Of an errno that it has no name for (that of a used-up share of a disk is one), libuv makes these words.
const fs = require('node:fs')
const {getSystemErrorMap} = require('node:util')

const errno = -Number(process.env.FULL_ERRNO)
const [code, words] = getSystemErrorMap().get(errno) ?? [
  `Unknown system error ${errno}`,
  `Unknown system error ${errno}`,
]
const failure = call => Object.assign(new Error(`${code}: ${words}, ${call}`), {errno, code, syscall: call})

/** What is opened takes half of what it is given, and says that it took all. */
async function takeHalf() {
  const file = await fs.promises.open(__filename)
  const handles = Object.getPrototypeOf(file)
  await file.close()
  const {write} = handles
  handles.write = async function (bytes) {
    await write.call(this, bytes.subarray(0, bytes.length / 2))
    return {bytesWritten: bytes.length, buffer: bytes}
  }
  handles.writev = async function (parts) {
    return this.write(Buffer.concat(parts))
  }
}

const call = process.env.FULL_CALL
if (call === 'half') {
  takeHalf().catch(error => process.stderr.write(`${error.stack}\n`))
} else if (call in fs.promises && call !== 'mkdir') {
  fs.promises[call] = async () => {
    throw failure(call)
  }
} else {
  // What makes the lock; our own folders are there.
  fs[call] = (...given) => process.nextTick(given.at(-1), failure(call))
}
