// A node's token and the value of a cookie are what else is at hand there.
export const credentialHint =
  'set an API key of 12 characters or more in the panel under Settings (the token of a node is none, and a session is for KOMARI_SESSION_TOKEN)'
