/**
 * Stands in the bundle for `Intl.ListFormat`, of which got's `@sindresorhus/is` makes two when it loads, for messages that
 * nobody sees here. Loading the language data for them takes 10 ms, a fifth of a whole command.
 */
export class LazyListFormat {
  constructor(...options) {
    this.options = options
  }

  format(list) {
    const {ListFormat} = globalThis.Intl
    return new ListFormat(...this.options).format(list)
  }
}
