import {choice, text} from '../../../resource/kind.js'
import {restResource} from './rest-resource.js'

/** Who may log in; of administrators alone (contracts/nezha.md 3.10). Nobody changes another's. */
export const users = restResource({
  word: 'user',
  path: '/api/v1/user',
  noun: 'user',
  many: 'users',
  key: 'username',
  example: 'ann --password-file password.txt',
  loss: 'its servers and tasks',
  fields: {
    username: {kind: text(), summary: 'its name', required: true},
    password: {
      kind: text({wrong: password => (password.length < 6 ? 'is shorter than 6 characters' : undefined)}),
      summary: 'password',
      secret: true,
      once: true,
      required: true,
    },
    // Left out it would be an administrator's (trap 55).
    role: {
      kind: choice({admin: 0, member: 1}),
      summary: 'administrators see and change all',
      initial: 'member',
    },
    agent_secret: {kind: text(), summary: 'what its agents report with', secret: true, told: true},
  },
  fixed: true,
})
