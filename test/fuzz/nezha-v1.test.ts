import {fuzz} from './answers.js'

fuzz('nezha v1')
