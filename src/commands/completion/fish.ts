import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'fish',
  line: 'panelctl completion fish | source',
})
