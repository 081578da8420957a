/** Where a credential is made, generation by generation (contracts/nezha.md 1.2, 3.1). */
export const credentialHint =
  'make an API token in the dashboard (v2: Profile → API Tokens; v0: avatar → API Token)'
