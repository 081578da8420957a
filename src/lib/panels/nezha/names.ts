import {arg, flag} from '../../flags/flags.js'

// The commands that a shell completes from what names a server or a group.
export const serverNames = 'nezha server list --columns name,id'
export const serverIds = 'nezha server list --columns id,name'
export const groupNames = 'nezha group list --columns name'

const named = {summary: 'ids or unique names', required: true, among: serverNames} as const

/** The servers that something is done to, to one after the other. */
export const eachServer = arg.text({...named, each: true})

/** The servers that something is done to at once. */
export const severalServers = arg.text({...named, multiple: true})

export const tagFlag = flag.text({
  summary: 'only the servers of this group',
  placeholder: 'tag',
  filled: true,
  among: groupNames,
})
