import {openidcsAccess} from '../../lib/panels/openidcs/access.js'
import {loginCommand} from '../../lib/shapes/login.js'

export default loginCommand(openidcsAccess, [
  'openidcs login --url https://idc.example.com',
  'openidcs login --url https://idc.example.com --with-token < token.txt',
  'openidcs login --context lab --url http://10.0.0.5:1880 --with-token < token.txt',
])
