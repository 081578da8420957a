import {nezha} from '../../src/lib/panels/nezha/panel.js'
import {fuzz} from './answers.js'

fuzz(nezha)
