/** The dashboard lists in another order on every call (contracts/nezha.md 1.3, trap 7): by id, every time. */
export function byId<Row extends {id: number}>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => one.id - other.id)
}
