// The commands that a shell completes from what names a server or a group.
export const serverNames = 'nezha server list --columns name,id'
export const serverIds = 'nezha server list --columns id,name'
export const groupNames = 'nezha group list --columns name'
