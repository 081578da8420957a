import * as endpoints from '../lib/panels/openidcs/endpoints.js'
import {readHost, readHosts} from '../lib/panels/openidcs/host/hosts.js'
import {askOfVm, readReachableVms} from '../lib/panels/openidcs/vms-of-host.js'
import {type ConnectedClient, callsOf} from './calls.js'

/** What a connection to an OpenIDCS panel has. */
export function openidcsCalls(connected: ConnectedClient) {
  const {api} = connected
  return {
    ...callsOf(connected, endpoints),
    /** The hosts by name, as `openidcs host list`. */
    hosts: () => readHosts(api),
    /** One host, as `openidcs host show`. */
    host: (name: string) => readHost(api, name),
    /** The virtual machines of a host by name, as `openidcs vm list`. */
    vms: (host: string) => readReachableVms(api, host),
    /** One of them, as `openidcs vm show`. */
    vm: (host: string, vm: string) =>
      askOfVm(api, {host, vm}, () => api(endpoints.showVm, {path: {host, vm}})),
  }
}
