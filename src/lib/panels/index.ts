import type {Access} from '../http/access.js'
import {komariAccess} from './komari/access.js'
import {nezhaAccess} from './nezha/access.js'
import {openidcsAccess} from './openidcs/access.js'

/** Every panel that panelctl knows. */
export const panels: readonly Access[] = [nezhaAccess, komariAccess, openidcsAccess]
