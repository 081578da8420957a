import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'zsh',
  line: 'source <(panelctl completion zsh)',
})
