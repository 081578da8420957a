import {nezhaAccess} from '../../lib/panels/nezha/access.js'
import {loginCommand} from '../../lib/shapes/login.js'

export default loginCommand(nezhaAccess, [
  'nezha login --url https://nezha.example.com',
  'nezha login --url https://nezha.example.com --with-token < token.txt',
  'nezha login --context lab --url http://10.0.0.5:8008 --with-cookie < cookie.txt',
])
