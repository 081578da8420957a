import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'powershell',
  line: 'panelctl completion powershell | Out-String | iex',
})
