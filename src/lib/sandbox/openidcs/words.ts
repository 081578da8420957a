import type {Json} from './json.js'
import {isTruthy, pythonText} from './python.js'
import type {OpenidcsState} from './state.js'

/** What the first panels say in English and the later ones in Chinese (contracts/openidcs.md 2.2). */
export interface Words {
  readonly hostAdded: string
  readonly hostThere: string
  readonly hostUnsupported: string
  readonly hostUpdated: string
  readonly hostNotFound: string
  readonly scanProblem: string
  readonly enabled: (value: Json) => string
}

const english: Words = {
  hostAdded: 'Host added successful',
  hostThere: 'Host already add',
  hostUnsupported: 'Host unsupported',
  hostUpdated: 'Host updated successful',
  hostNotFound: 'Host not found',
  scanProblem: 'Failed to get VM list',
  // The value as it was sent: the text "false" enables too (15).
  enabled: value => `Host enable=${pythonText(value)}`,
}

const chinese: Words = {
  hostAdded: '主机添加成功',
  hostThere: '主机已添加',
  hostUnsupported: '不支持的主机类型',
  hostUpdated: '主机更新成功',
  hostNotFound: '主机未找到',
  scanProblem: '获取虚拟机列表失败',
  enabled: value => (isTruthy(value) ? '主机启用成功' : '主机禁用成功'),
}

const between: Words = {...chinese, enabled: value => `主机启用状态=${pythonText(value)}`}

export function wordsOf({features: {models}}: OpenidcsState): Words {
  if (models === 'S' || models === 'S2') return english
  return models === 'v0.4' ? between : chinese
}
