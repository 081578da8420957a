import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'powershell',
  title: 'PowerShell',
  line: 'panelctl completion powershell | Out-String | Invoke-Expression',
})
