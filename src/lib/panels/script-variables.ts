/** What an install script that anybody may have written has no business to see: addresses and secrets of every panel. */
export const hiddenVariables = /^(NEZHA|KOMARI|OPENIDCS|PANELCTL)_/
