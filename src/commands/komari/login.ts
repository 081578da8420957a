import {komariAccess} from '../../lib/panels/komari/access.js'
import {loginCommand} from '../../lib/shapes/login.js'

export default loginCommand(komariAccess, [
  'komari login --url https://komari.example.com',
  'komari login --url https://komari.example.com --username admin --otp 012345 < password.txt',
  'komari login --url https://komari.example.com --with-token < api-key.txt',
  'komari login --context lab --url http://10.0.0.5:25774 --with-session < session.txt',
])
