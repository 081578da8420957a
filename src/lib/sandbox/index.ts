export {exportLines} from './environment.js'
export {runInSandbox} from './run.js'
export {startSandbox} from './start.js'
