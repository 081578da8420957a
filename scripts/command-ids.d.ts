export function commandFiles(): readonly {readonly id: string; readonly file: string}[]
