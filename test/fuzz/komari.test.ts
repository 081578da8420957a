import {komari} from '../../src/lib/panels/komari/panel.js'
import {fuzz} from './answers.js'

fuzz(komari)
