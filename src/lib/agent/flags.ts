import {flag} from '../flags/flags.js'

/** Which node it is: flags of every command of this flow. */
export const nodeFlags = {
  name: flag.text({
    summary: 'name of the node (default: the host name); with --emit repeatable',
    placeholder: 'name',
    multiple: true,
    filled: true,
  }),
  tag: flag.text({summary: 'group to put it into', placeholder: 'tag', filled: true}),
  note: flag.text({summary: 'note, for administrators', placeholder: 'text'}),
}

/** A flag for the agent itself, as these. */
export function agentFlag(examples: string) {
  return flag.text({
    summary: `flag for the agent, as ${examples}`,
    placeholder: 'flag',
    multiple: true,
    filled: true,
  })
}

/** Which script installs the agent. */
export const scriptFlags = {
  'install-url': flag.text({summary: 'address of the install script', placeholder: 'url', filled: true}),
  'script-sha256': flag.text({
    summary: 'run the script only if it has this sum',
    placeholder: 'hex',
    filled: true,
  }),
}

/** How it goes, and where the agent stays. */
export function runFlags(folder: string) {
  return {
    workdir: flag.text({
      summary: 'folder that the agent stays in',
      placeholder: 'folder',
      default: folder,
      filled: true,
    }),
    wait: flag.duration({summary: 'how long the node may take to report (default: 2m)'}),
    'no-wait': flag.boolean({summary: 'do not wait until it reports'}),
    'skip-preflight': flag.boolean({summary: 'do not check address, rights and tools first'}),
  }
}

/** What becomes of a node that is there, in the panel's words for one, and of other machines. */
export function resumeFlags(there: string) {
  return {
    'if-exists': flag.choice(['resume', 'skip', 'fail', 'create'], {
      summary: `${there}: go on with it where its secret is known, leave it alone, fail, or make another`,
      default: 'resume',
    }),
    'secret-file': flag.text({
      summary: 'file with the secret that the dashboard shows for a node that is there: it keeps its history',
      placeholder: 'file',
      filled: true,
    }),
    emit: flag.choice(['shell', 'cloud-init', 'ansible'], {
      summary: 'print what installs the agent on another machine',
    }),
  }
}
