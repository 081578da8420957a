import {completionScript} from '../../lib/shapes/completion-script.js'

export default completionScript({
  shell: 'bash',
  title: 'bash',
  line: 'source <(panelctl completion bash)',
})
