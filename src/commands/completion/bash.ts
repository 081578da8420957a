import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'bash',
  line: 'source <(panelctl completion bash)',
})
