import {fuzz} from './answers.js'

fuzz('openidcs newest')
