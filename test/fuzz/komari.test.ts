import {fuzz} from './answers.js'

fuzz('komari')
