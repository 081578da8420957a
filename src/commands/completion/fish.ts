import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'fish',
  title: 'fish',
  line: 'panelctl completion fish | source',
})
