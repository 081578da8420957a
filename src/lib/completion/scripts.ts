import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileProblem, notWhole} from '../errors.js'

/**
 * The scripts of the package, which shells run to complete our words. Each hands the line over to the hidden command
 * `__complete` and shows what comes back, so that none knows a command; with its exit code 10 the shell completes files.
 */
const files = {bash: 'panelctl.bash', zsh: '_panelctl', fish: 'panelctl.fish', powershell: 'panelctl.ps1'}

export type Shell = keyof typeof files

/**
 * The script for a shell.
 * @param root the folder of the package
 * @throws PanelctlError UNEXPECTED where the package lacks it
 */
export async function shellScriptOf(shell: Shell, root: string): Promise<string> {
  const file = join(root, 'completions', files[shell])
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw notWhole(fileProblem(file, error), error)
  }
}
