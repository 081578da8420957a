import {openidcs} from '../../src/lib/panels/openidcs/panel.js'
import {fuzz} from './answers.js'

fuzz(openidcs)
