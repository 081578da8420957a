import {alerts} from '../lib/panels/nezha/resources/alerts.js'
import {crons} from '../lib/panels/nezha/resources/crons.js'
import {ddns} from '../lib/panels/nezha/resources/ddns.js'
import {nats} from '../lib/panels/nezha/resources/nats.js'
import {notificationGroups} from '../lib/panels/nezha/resources/notification-groups.js'
import {notifications} from '../lib/panels/nezha/resources/notifications.js'
import {services} from '../lib/panels/nezha/resources/services.js'
import {users} from '../lib/panels/nezha/resources/users.js'
import {allServers, oneServer} from '../lib/panels/nezha/servers.js'
import {serverStatus} from '../lib/panels/nezha/status.js'
import * as v0 from '../lib/panels/nezha/v0/endpoints.js'
import * as v1 from '../lib/panels/nezha/v1/endpoints.js'
import {type ConnectedClient, callsOf} from './calls.js'

/** What a connection to a Nezha dashboard has. */
export function nezhaCalls(connected: ConnectedClient) {
  return {
    /** The servers, or those of a tag, of whichever generation, as `nezha server list`. */
    servers: (filter?: {readonly tag?: string | undefined}) => allServers(connected, filter),
    /** One server by its id or its unique name, with what its agent reported last, as `nezha server show`. */
    server: (reference: string) => oneServer(connected, reference),
    /** What these servers report now, all if none is named, as `nezha server status`. */
    status: (...references: readonly string[]) => serverStatus(references, connected),
    /** The endpoints of v0. */
    v0: callsOf(connected, v0),
    /** The endpoints of v1 and v2. */
    v1: callsOf(connected, v1),
    alerts: callsOf(connected, alerts.endpoints),
    crons: callsOf(connected, crons.endpoints),
    ddns: callsOf(connected, ddns.endpoints),
    nats: callsOf(connected, nats.endpoints),
    notificationGroups: callsOf(connected, notificationGroups.endpoints),
    notifications: callsOf(connected, notifications.endpoints),
    services: callsOf(connected, services.endpoints),
    users: callsOf(connected, users.endpoints),
  }
}
