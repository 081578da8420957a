// The commands that a shell completes from what names a node, a group or a task.
export const nodeNames = 'komari node list --columns name,uuid'
export const groupNames = 'komari node list --columns group'
export const taskNames = 'komari task list --columns name,id'
