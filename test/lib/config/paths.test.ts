import {userInfo} from 'node:os'
import {describe, expect, it, vi} from 'vitest'
import {configPaths} from '../../../src/lib/config/files/paths.js'
import {failure} from './failure.js'

const homedir = vi.hoisted(() => vi.fn(() => '/account/home'))
vi.mock('node:os', async original => ({...(await original<typeof import('node:os')>()), homedir}))

function folders(env: Record<string, string>, platform: NodeJS.Platform) {
  const {configDir, stateDir} = configPaths(env, platform, 1000)
  return {configDir, stateDir}
}

describe('where panelctl keeps its files', () => {
  it('is below HOME on Linux', () => {
    expect(folders({HOME: '/home/me'}, 'linux')).toEqual({
      configDir: '/home/me/.config/panelctl',
      stateDir: '/home/me/.local/state/panelctl',
    })
  })

  it('follows the XDG variables', () => {
    const env = {HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s'}
    expect(folders(env, 'linux')).toEqual({
      configDir: '/c/panelctl',
      stateDir: '/s/panelctl',
    })
  })

  it.each(['conf', './conf', '../conf'])('is not where a relative XDG folder says: %s', relative => {
    const env = {HOME: '/h', XDG_CONFIG_HOME: relative, XDG_STATE_HOME: relative}
    expect(folders(env, 'linux')).toEqual(folders({HOME: '/h'}, 'linux'))
  })

  it('is below LOCALAPPDATA on Windows', () => {
    expect(folders({LOCALAPPDATA: 'C:\\Local', USERPROFILE: 'C:\\me'}, 'win32')).toEqual({
      configDir: 'C:\\Local\\panelctl',
      stateDir: 'C:\\Local\\panelctl\\state',
    })
  })

  it('is what PANELCTL_CONFIG_DIR and PANELCTL_STATE_DIR say', () => {
    const env = {
      XDG_CONFIG_HOME: '/x',
      PANELCTL_CONFIG_DIR: '/mine',
      PANELCTL_STATE_DIR: '/state',
    }
    expect(folders(env, 'linux')).toEqual({configDir: '/mine', stateDir: '/state'})
  })

  it('is, for what an interrupted command saved, the same folder of the machine whoever became root', () => {
    const {stateDir} = configPaths({HOME: '/root', XDG_STATE_HOME: '/s'}, 'linux', 0)
    expect(stateDir).toBe('/var/lib/panelctl')
    expect(configPaths({PANELCTL_STATE_DIR: '/state'}, 'linux', 0).stateDir).toBe('/state')
  })

  it('is below the home folder of the account when HOME is not set', () => {
    expect(configPaths({}, 'linux').configDir).toBe('/account/home/.config/panelctl')
  })

  it('is that too when HOME is empty', () => {
    homedir.mockImplementationOnce(() => '')
    expect(configPaths({HOME: ''}, 'linux').configDir).toBe(`${userInfo().homedir}/.config/panelctl`)
  })

  it('is an error without any home folder, and only once a path is needed', async () => {
    homedir.mockImplementation(() => {
      throw new Error('uv_os_homedir ENOENT')
    })
    const paths = configPaths({PANELCTL_STATE_DIR: '/state'}, 'linux')
    expect(paths.stateDir).toBe('/state')
    expect(await failure(() => paths.configDir)).toMatchObject({
      code: 'USAGE',
      message: 'no home folder: HOME is not set and this user has none',
      hint: 'set PANELCTL_CONFIG_DIR',
    })
    expect(await failure(() => configPaths({}, 'linux', 1000).stateDir)).toMatchObject({
      code: 'USAGE',
      hint: 'set PANELCTL_STATE_DIR',
    })
  })
})
